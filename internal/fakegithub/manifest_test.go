package fakegithub_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/fakegithub/openapi"
)

const goodManifest = `{"name":"Tamer of acme","url":"https://tamer.example.com","redirect_url":"http://127.0.0.1:1/registered","public":false,
"hook_attributes":{"url":"https://tamer.example.com/webhook","active":true},"default_events":["push"],"default_permissions":{"contents":"write","metadata":"read"}}`

// post sends a form as a browser does, and gives the answer without following where it leads.
func post(t *testing.T, url string, form url.Values) (*http.Response, string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	resp, err := client.PostForm(url, form)
	must(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp, string(text)
}

func TestManifestsThatGitHubRefuses(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct{ old, new, says string }{
		"no JSON":             {goodManifest, "{", "not valid JSON"},
		"no name":             {`"Tamer of acme"`, `""`, "Name can&#39;t be blank"},
		"a long name":         {`"Tamer of acme"`, `"` + strings.Repeat("x", 35) + `"`, "maximum is 34"},
		"no address":          {`"https://tamer.example.com"`, `"tamer"`, "Url must be a valid URL"},
		"an odd way back":     {`"http://127.0.0.1:1/registered"`, `"registered"`, "Redirect url"},
		"an odd hook":         {`"https://tamer.example.com/webhook"`, `""`, "Hook url"},
		"an automatic event":  {`["push"]`, `["push","installation"]`, "unsupported: installation"},
		"an unknown event":    {`["push"]`, `["pull"]`, "unsupported: pull"},
		"an event not seen":   {`["push"]`, `["check_run"]`, "not supported by permissions: check_run"},
		"no such permission":  {`"contents"`, `"content"`, "resource is not included"},
		"no such level":       {`"write"`, `"admin"`, "action is not included"},
		"metadata to write":   {`"metadata":"read"`, `"metadata":"write"`, "action is not included"},
		"events without hook": {`"hook_attributes":{"url":"https://tamer.example.com/webhook","active":true},`, ``, "Hook url cannot be blank"},
	} {
		resp, text := post(t, w.URL()+"/settings/apps/new", url.Values{"manifest": {strings.Replace(goodManifest, c.old, c.new, 1)}})
		if resp.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text, c.says) {
			t.Errorf("%s: %d: %s", name, resp.StatusCode, text)
		}
	}
}

// registered gives the code of an app that a person has made.
func registered(t *testing.T, w *world) string {
	t.Helper()
	resp, text := post(t, w.URL()+"/organizations/acme/settings/apps/new?state=xyz", url.Values{"manifest": {goodManifest}})
	token := regexp.MustCompile(`name="token" value="(\w+)"`).FindStringSubmatch(text)
	if token == nil {
		t.Fatalf("%d: %s", resp.StatusCode, text)
	}
	resp, text = post(t, w.URL()+"/settings/apps/manifest", url.Values{"token": {token[1]}})
	to, err := resp.Location()
	if err != nil || to.Query().Get("state") != "xyz" || to.Path != "/registered" {
		t.Fatalf("%d, %v: %s", resp.StatusCode, err, text)
	}
	return to.Query().Get("code")
}

func TestACodeIsGoodOnceAndForAnHour(t *testing.T) {
	w := newWorld(t)
	d, err := openapi.Load()
	must(t, err)
	convert := func(code string) (int, http.Header, string) {
		return w.send(t.Context(), http.MethodPost, "/app-manifests/"+code+"/conversions", "", "")
	}
	first, late := registered(t, w), registered(t, w)
	status, header, answer := convert(first)
	if status != http.StatusCreated || !strings.Contains(answer, `"slug":"tamer-of-acme"`) || !strings.Contains(answer, "PRIVATE KEY") {
		t.Errorf("%d: %s", status, answer)
	}
	must(t, d.CheckAnswer(httptest.NewRequest(http.MethodPost, "/app-manifests/"+first+"/conversions", http.NoBody), status, header, []byte(answer)))
	if status, _, _ := convert(first); status != http.StatusNotFound {
		t.Errorf("used twice: %d", status)
	}
	w.clock.add(61 * time.Minute)
	if status, _, _ := convert(late); status != http.StatusNotFound {
		t.Errorf("used too late: %d", status)
	}
}
