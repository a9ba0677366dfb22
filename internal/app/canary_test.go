package app_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/fakegithub"
)

// canaries is a tamer whose every credential and live row holds the word, in a file or a setting of its own, and the places where these
// are not to be found.
type canaries struct {
	*world
	log    *logbook
	secret map[string]string // by what it is
	cfg    app.Config
	down   *atomic.Bool // the live source and the external check answer with an error
}

// withCanaries starts one. Its second sink takes a password, and nobody is there.
func withCanaries(t *testing.T) canaries {
	t.Helper()
	c := canaries{world: newWorld(t), log: &logbook{}, down: new(atomic.Bool)}
	c.secret = map[string]string{"the header of a source": "canary-header", "a live row": "canary-row", "an external check's secret": "canary-check", "a sink's password": "canary-sink"}
	systems := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case c.down.Load():
			http.Error(w, "canary-row "+r.Header.Get("Authorization"), http.StatusServiceUnavailable)
		case r.Method == http.MethodPost:
			io.WriteString(w, `{"files":[]}`)
		default:
			io.WriteString(w, `["day", "canary-row"]`)
		}
	}))
	t.Cleanup(systems.Close)
	file := func(name, content string) string {
		path := filepath.Join(c.dir, name)
		c.must(os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	c.File = fmt.Appendf(nil, `
sources:
  warehouse: {repositories: [acme/*], http: %[1]q, header_file: %[2]q, queries: {columns: {path: "/columns?of={table}", json: "/*"}}}
external_checks:
  credit: {repositories: [acme/*], url: %[1]q, secret_file: %[3]q, types: [audience], timeout: 5s}
sinks:
  files: {url: %[4]q}
  cache: {url: "redis://tamer@127.0.0.1:1", secret_file: %[5]q}
`, systems.URL, file("header", "Authorization: Bearer canary-header"), file("check", "canary-check"),
		"file:"+filepath.Join(c.dir, "deployed", "{owner}", "{repo}"), file("sink", "canary-sink"))
	settings := c.Settings()
	c.secret["the webhook secret"] = settings["TAMER_WEBHOOK_SECRET"]
	c.secret["the app's key"] = strings.Split(settings["TAMER_PRIVATE_KEY"], "\n")[1]
	settings["TAMER_CLIENT_ID"], settings["TAMER_CLIENT_SECRET"] = "Iv1.known", "canary-client"
	c.secret["the secret of sign-in"] = settings["TAMER_CLIENT_SECRET"]
	settings["TAMER_SINK"] = ""
	var err error
	c.cfg, err = app.LoadConfig(from(settings), os.ReadFile, c.File)
	c.must(err)
	c.must(c.Start(t.Context(), settings, app.Options{Log: slog.New(slog.NewJSONHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug})), SweepEvery: quiet().SweepEvery}))
	return c
}

// A token is what GitHub gives the app, in either of its forms.
var token = regexp.MustCompile(`gh[a-z]_[0-9A-Za-z]{16}|eyJ[0-9A-Za-z_-]{16}`)

// absent looks for every canary, and for tokens.
func (c canaries) absent(where, text string) {
	c.t.Helper()
	for what, secret := range c.secret {
		if i := strings.Index(text, secret); i >= 0 {
			c.t.Errorf("%s holds %s: …%s…", where, what, text[max(0, i-80):min(len(text), i+80)])
		}
	}
	if found := token.FindString(text); found != "" {
		c.t.Errorf("%s holds a token: %s…", where, found)
	}
}

// No secret leaves tamer but to whom it is for, whatever goes well or wrong.
func TestCanaries(t *testing.T) {
	c := withCanaries(t)
	c.create("acme/config", audiences())
	_, err := c.Hub.AddUser(fakegithub.User{Login: "anna"})
	c.must(err)
	c.must(c.Hub.SetRole("acme/config", "anna", "write"))
	c.until("the first deploy", func() bool {
		_, err := os.Stat(filepath.Join(c.dir, "deployed/acme/config/.tamer/channels/production.json"))
		return err == nil
	})
	shown := ""
	judge := func(branch, column string) {
		n := c.change("acme/config", branch, map[string]string{"customers/" + branch + "/audience.yaml": "table: " + branch + "\ncolumn: " + column + "\n"}) // another table: answers are kept for a while
		if !c.down.Load() {
			c.judged("acme/config", n)
		}
		_, err := c.Hub.Comment("acme/config", n, "anna", "/tamer explain customers/acme/audience.yaml#/column")
		c.must(err)
		said := ""
		c.until("an answer", func() bool {
			comments, err := c.Hub.Comments("acme/config", n)
			c.must(err)
			said = ""
			for _, one := range comments {
				said += one.Body + "\n"
			}
			return strings.Contains(said, "<!-- tamer:answer")
		})
		shown += said
		for _, run := range append(c.runs("acme/config", c.head("acme/config", n), "tamer/validate"), c.runs("acme/config", c.head("acme/config", n), "tamer/approvals")...) {
			shown += shows(run) + "\n"
		}
	}
	judge("good", "day")
	judge("bad", "spend")
	c.down.Store(true)
	judge("down", "day")
	c.until("the operator to be told", func() bool { return strings.Contains(c.log.String(), "live data not answered") })
	for _, run := range c.runs("acme/config", c.tip("acme/config"), "tamer/deploy") {
		shown += shows(run) + "\n"
	}
	if !strings.Contains(shown, "cache") || !strings.Contains(shown, "is not in warehouse/columns") {
		t.Fatalf("the story did not come about: %s", shown)
	}
	c.absent("GitHub", shown)
	for _, path := range []string{"/metrics", "/readyz?verbose", "/", "/debug/pprof/cmdline"} {
		c.absent(path, c.visit(path))
	}
	doctor := ""
	for _, d := range app.Examine(t.Context(), c.cfg, "acme", "config", "") {
		doctor += d.What + "\n" + d.Do + "\n"
	}
	if !strings.Contains(doctor, "the sink cache cannot be used") {
		t.Errorf("doctor: %s", doctor)
	}
	c.absent("doctor", doctor)
	c.must(c.Server.Stop(context.WithoutCancel(t.Context())))
	c.Server = nil
	c.absent("the log", c.log.String())
	c.must(filepath.WalkDir(filepath.Join(c.dir, "tamer-data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		c.absent(path, string(content))
		return err
	}))
}
