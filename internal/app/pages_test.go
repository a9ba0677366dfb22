package app_test

import (
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/status"
)

const planSchema = `{"type": "object", "additionalProperties": false, "properties": {
	"days": {"type": "integer", "minimum": 1, "title": "Days to keep", "x-unit": "days"},
	"token": {"type": "string", "x-tamer-secret": true},
	"seats": {"type": "array", "items": {"type": "string"}}}}`

// shown is a tamer that has deployed three commits to production, the last one with a customer that fails, and a preview.
func shown(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	files := map[string]string{"schemas/plan.schema.json": planSchema, "schemas/notes.schema.json": `{"type": "object"}`, "customers/acme/notes.yaml": "since: 2020\n"}
	for _, customer := range []string{"acme", "globex", "initech"} {
		files["customers/"+customer+"/plan.yaml"] = "days: 30\ntoken: hidden-first\nseats: [ann, bob]\n"
	}
	w.create("acme/config", files)
	w.start(app.Options{})
	for _, change := range []struct{ branch, customer, plan string }{
		{"main", "acme", "days: 45\ntoken: hidden-second\nseats: [ann]\n"},
		{"main", "globex", "days: never\ntoken: hidden-third\n"},
		{"trial", "initech", "days: 60\n"},
	} {
		w.served()
		w.push("acme/config", change.branch, map[string]string{"customers/" + change.customer + "/plan.yaml": change.plan})
	}
	w.until("the preview", func() bool {
		found, err := os.ReadDir(filepath.Join(w.dir, "deployed/acme/config/.tamer/channels/branch"))
		return err == nil && len(found) == 1
	})
	w.until("the end of all work", w.Server.Idle)
	return w
}

// served waits until production serves the tip, whoever is held.
func (w *world) served() {
	w.t.Helper()
	tip := w.tip("acme/config")
	w.until("the deploy of "+tip, func() bool {
		b, err := os.ReadFile(filepath.Join(w.dir, "deployed/acme/config/.tamer/channels/production.json"))
		return err == nil && strings.Contains(string(b), tip)
	})
}

// page gives one of the operators' pages.
func (w *world) page(path string) (code int, page string) {
	w.t.Helper()
	resp, err := http.Get(w.Server.AdminURL() + path)
	w.must(err)
	body, err := io.ReadAll(resp.Body)
	w.must(err)
	w.must(resp.Body.Close())
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
		w.t.Errorf("%s has the policy %q", path, csp)
	}
	return resp.StatusCode, string(body)
}

// What each page shows of the same story. No value that the schema calls secret is on any of them.
func TestOperatorsPages(t *testing.T) {
	w := shown(t)
	for _, c := range []struct {
		path  string
		code  int
		shows []string
	}{
		{"/", 200, []string{`href="/r/acme/config"`, "failing", "all that was asked for is done"}},
		{"/deliveries", 200, []string{"push", "arrived", "To replay one, sign in"}},
		{"/r/acme/config", 200, []string{"<strong>production</strong>", "generation 3", "3 entries", "globex", `class="state failing"`, `class="state deployed"`, "branch/trial", `<span class="none">none</span>`}},
		{"/r/acme/config?find=INI", 200, []string{"1 entry", "initech"}},
		{status.Page("", forge.Repo{Owner: "acme", Name: "config"}, "branch/trial"), 200, []string{"branch/trial", "initech"}},
		{"/r/acme/config/customer?name=acme", 200, []string{"/days", "45", "(secret)", "since", "2020", "from release 1", "to release 2", "/commit/"}},
		{"/r/acme/config/customer?name=globex", 200, []string{`class="state failing"`, "30"}},
		{"/r/acme/config/diff?name=acme&from=1&to=2", 200, []string{"<code>/days</code>", "<code>30</code>", "<code>45</code>", "(secret)", "bob"}},
		{"/r/acme/config/diff?name=acme&from=2&to=1", 200, []string{"From release 1"}},
		{"/r/acme/config/diff?name=acme&from=1&to=1", 200, []string{"Nothing differs"}},
		{"/r/acme/config/value?name=acme&type=plan&at=/days", 200, []string{"<code>45</code>", "Days to keep", "plan.yaml, line 1", "Release 2", "Release 1", "<code>30</code>"}},
		{"/r/acme/config/value?name=acme&type=plan&at=/token", 200, []string{"(secret)", "Release 2"}},
		{"/r/acme/config/value?name=acme&type=plan", 200, []string{"(secret)"}},
		{"/r/acme/config/value?name=acme&type=plan&at=/gone", 200, []string{"there is no such value now"}},
		{"/r/acme/config/value?name=acme&type=other&at=/days", 404, []string{"no config of the type"}},
		{"/r/acme/config/customer?name=nobody", 404, []string{"serves no nobody"}},
		{"/r/acme/config/diff?name=acme&from=1&to=9", 404, []string{"is not kept"}},
		{"/r/acme/config?store=other", 404, []string{"no store named"}},
		{"/r/acme/unknown", 404, []string{"knows no repository"}},
	} {
		code, page := w.page(c.path)
		if code != c.code || strings.Contains(page, "hidden-") {
			t.Errorf("%s: %d, want %d; secrets shown: %v\n%s", c.path, code, c.code, strings.Contains(page, "hidden-"), page)
		}
		for _, text := range c.shows {
			if !strings.Contains(page, text) {
				t.Errorf("%s lacks %q:\n%s", c.path, text, page)
			}
		}
	}
}

// GitHub leads from a deployment to the page of what is served, where browsers reach that by a name.
func TestDeploymentsLeadToThePages(t *testing.T) {
	w := newWorld(t)
	each := map[string]string{"TAMER_SINK": "file:" + filepath.Join(w.dir, "deployed/acme/config"), "TAMER_ADMIN_URL": "https://tamer-admin.example.com"}
	w.must(w.Start(t.Context(), each, app.Options{Log: slog.New(slog.DiscardHandler), SweepEvery: time.Hour}))
	w.create("acme/config", plans())
	w.deployed("acme/config")
	d, err := w.Hub.Deployments("acme/config")
	w.must(err)
	if last := d[0].Statuses[len(d[0].Statuses)-1]; last.State != "success" || last.EnvironmentURL != "https://tamer-admin.example.com/r/acme/config" {
		t.Errorf("the deployment leads to %+v", last)
	}
}

// Under a name that another site has given to its address the admin address shows nothing but what watches over the process.
func TestOtherNames(t *testing.T) {
	w := newWorld(t)
	each := map[string]string{"TAMER_SINK": "file:" + filepath.Join(w.dir, "deployed"), "TAMER_ADMIN_URL": "https://tamer-admin.example.com"}
	w.must(w.Start(t.Context(), each, app.Options{Log: slog.New(slog.DiscardHandler), SweepEvery: time.Hour}))
	for host, known := range map[string]bool{"tamer-admin.example.com": true, "TAMER-ADMIN.example.com": true, "localhost:3001": true, "10.1.2.3:3001": true,
		"[::1]:3001": true, "evil.example.com": false, "localhost.evil.example.com": false, "10.1.2.3.evil.example.com:3001": false} {
		for path, always := range map[string]bool{"/": false, "/deliveries": false, "/debug/pprof/": false, "/metrics": true, "/livez": true} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.Server.AdminURL()+path, nil)
			w.must(err)
			req.Host = host
			resp, err := http.DefaultClient.Do(req)
			w.must(err)
			w.must(resp.Body.Close())
			want := http.StatusMisdirectedRequest
			if known || always {
				want = http.StatusOK
			}
			if resp.StatusCode != want {
				t.Errorf("%s of %s: %d, want %d", path, host, resp.StatusCode, want)
			}
		}
	}
}
