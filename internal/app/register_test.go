package app_test

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
)

// A browser is an operator's.
type browser struct {
	t *testing.T
	http.Client
}

func newBrowser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t, http.Client{Jar: jar, Transport: &http.Transport{}}}
	t.Cleanup(b.CloseIdleConnections)
	return b
}

// page gives what the answer shows.
func (b *browser) page(resp *http.Response, err error) (int, string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// press sends the only form of a page at base, as it is.
func (b *browser) press(base, page string) (int, string) {
	b.t.Helper()
	action := regexp.MustCompile(`<form method="post" action="([^"]*)"`).FindStringSubmatch(page)
	if action == nil {
		b.t.Fatalf("no form: %s", page)
	}
	fields := url.Values{}
	for _, f := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		fields.Set(f[1], html.UnescapeString(f[2]))
	}
	to, err := url.Parse(base)
	if err == nil {
		to, err = to.Parse(html.UnescapeString(action[1]))
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return b.page(b.PostForm(to.String(), fields))
}

// unregistered starts a tamer that no setting names an app for, and gives where its page is and what comes of it.
func (w *world) unregistered(log slog.Handler) (settings map[string]string, page string, registered chan app.Config) {
	w.t.Helper()
	settings = w.Settings()
	for _, name := range []string{"TAMER_APP_ID", "TAMER_PRIVATE_KEY", "TAMER_WEBHOOK_SECRET"} {
		delete(settings, name)
	}
	settings["TAMER_SINK"] = "file:" + filepath.Join(w.dir, "deployed", "{owner}", "{repo}")
	cfg, err := app.LoadConfigToServe(from(settings), os.ReadFile, nil)
	w.must(err)
	if cfg.AppID != 0 {
		w.t.Fatalf("it is the app %d", cfg.AppID)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	pages, registered, ended := make(chan string, 1), make(chan app.Config, 1), make(chan error, 1)
	go func() {
		cfg, err := app.Register(ctx, cfg, slog.New(log), func(url string) { pages <- url })
		registered <- cfg
		ended <- err
	}()
	w.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !strings.Contains(err.Error(), "canceled") {
			w.t.Error(err)
		}
	})
	return settings, <-pages, registered
}

func from(settings map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := settings[name]; return v, ok }
}

// An operator starts tamer with no app, makes one at GitHub, and tamer works as that app at once, and after its next start.
func TestTheAppIsRegistered(t *testing.T) {
	w := newWorld(t)
	log := &logbook{}
	settings, page, registered := w.unregistered(slog.NewJSONHandler(log, nil))
	b := newBrowser(t)
	status, text := b.page(b.Get(page))
	if status != http.StatusOK || !strings.Contains(text, "Address for webhooks") {
		t.Fatalf("%d: %s", status, text)
	}
	status, text = b.page(b.PostForm(page, url.Values{"name": {"tamer acme!"}, "webhook": {"http://tamer.example.com"}}))
	if status != http.StatusUnprocessableEntity || !strings.Contains(text, "name: write") || !strings.Contains(text, "webhooks: write https://") {
		t.Errorf("%d: %s", status, text)
	}
	_, text = b.page(b.PostForm(page, url.Values{"name": {"tamer acme"}, "organization": {"acme"}, "webhook": {"http://127.0.0.1:1"}, "keep": {"file"}}))
	_, text = b.press(page, text)
	status, text = b.press(w.Hub.URL(), text) // which leads back
	kept := filepath.Join(settings["TAMER_DATA_DIR"], "github-app.yaml")
	if status != http.StatusOK || !strings.Contains(text, "tamer-acme is registered") || !strings.Contains(text, kept) || strings.Contains(text, "PRIVATE KEY") {
		t.Fatalf("%d: %s", status, text)
	}
	cfg := <-registered
	if info, err := os.Stat(kept); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v", kept, info, err)
	}
	again, err := app.LoadConfig(from(settings), os.ReadFile, nil)
	if err != nil || again.AppID != cfg.AppID || string(again.PrivateKey) != string(cfg.PrivateKey) || again.WebhookSecrets[0] != cfg.WebhookSecrets[0] ||
		again.ClientSecret != cfg.ClientSecret || cfg.ClientSecret == "" {
		t.Errorf("after the next start: %v, %v", again.AppID, err)
	}
	for _, secret := range []string{cfg.WebhookSecrets[0], cfg.ClientSecret, "PRIVATE KEY", strings.Split(string(cfg.PrivateKey), "\n")[1]} {
		if strings.Contains(log.String(), secret) {
			t.Error("the log holds a secret")
		}
	}

	w.Server, err = app.Start(t.Context(), cfg, quiet())
	w.must(err)
	w.Hub.SetWebhook(w.Server.URL()+"/webhook", cfg.WebhookSecrets[0]) // a test knows its port too late for the form
	w.create("acme/config", plans())
	w.deployed("acme/config")
	if got := w.judged("acme/config", w.change("acme/config", "more", map[string]string{"customers/acme/plan.yaml": "name: 1\n"})); got.Conclusion != "failure" {
		t.Errorf("judged as %s", got.Conclusion)
	}
}

// Where credentials go into a secret store, they are shown once and no file is written.
func TestCredentialsAreShown(t *testing.T) {
	w := newWorld(t)
	settings, page, registered := w.unregistered(slog.DiscardHandler)
	b := newBrowser(t)
	_, text := b.page(b.PostForm(page, url.Values{"name": {"tamer"}, "webhook": {"https://tamer.example.com"}, "keep": {"show"}}))
	_, text = b.press(page, text)
	_, text = b.press(w.Hub.URL(), text)
	cfg := <-registered
	if !strings.Contains(text, cfg.WebhookSecrets[0]) || !strings.Contains(text, "PRIVATE KEY") {
		t.Errorf("shown: %s", text)
	}
	if files, _ := os.ReadDir(settings["TAMER_DATA_DIR"]); len(files) > 0 {
		t.Errorf("written: %v", files)
	}
}

// Nobody makes tamer somebody else's app: not with a link, not from another site, not by a name given to its address.
func TestAForeignRegistration(t *testing.T) {
	w := newWorld(t)
	_, page, _ := w.unregistered(slog.DiscardHandler)
	b, other := newBrowser(t), newBrowser(t)
	_, text := b.page(b.PostForm(page, url.Values{"name": {"tamer"}, "webhook": {"https://tamer.example.com"}}))
	state := regexp.MustCompile(`state=([A-Z0-9]+)`).FindStringSubmatch(text)[1]
	for name, send := range map[string]func() (int, string){
		"no state":        func() (int, string) { return b.page(b.Get(page + "/registered?code=abc")) },
		"another state":   func() (int, string) { return b.page(b.Get(page + "/registered?code=abc&state=AAAA")) },
		"another browser": func() (int, string) { return other.page(other.Get(page + "/registered?code=abc&state=" + state)) },
		"another site": func() (int, string) {
			req, err := http.NewRequest(http.MethodPost, page, strings.NewReader("name=tamer&webhook=https://evil.example.com"))
			w.must(err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Sec-Fetch-Site", "cross-site")
			return other.page(other.Do(req))
		},
	} {
		if status, text := send(); status != http.StatusForbidden {
			t.Errorf("%s: %d: %s", name, status, text)
		}
	}
	req, err := http.NewRequest(http.MethodGet, page, nil)
	w.must(err)
	req.Host = "rebound.example.com"
	if status, _ := other.page(other.Do(req)); status != http.StatusMisdirectedRequest {
		t.Errorf("under another name: %d", status)
	}
	// A code that GitHub does not know; and then none is tried again under that state.
	if status, text := b.page(b.Get(page + "/registered?code=abc&state=" + state)); status != http.StatusBadGateway || !strings.Contains(text, "begin again") {
		t.Errorf("unknown code: %d: %s", status, text)
	}
	if status, _ := b.page(b.Get(page + "/registered?code=abc&state=" + state)); status != http.StatusForbidden {
		t.Errorf("the state was good twice: %d", status)
	}
	if status, text := other.page(other.Get(page + "/readyz")); status != http.StatusServiceUnavailable || !strings.Contains(text, "not ready") {
		t.Errorf("ready: %d: %s", status, text)
	}
}
