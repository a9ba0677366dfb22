package fakegithub_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v60/github"
	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

const (
	appID  = 42
	repo   = "acme/configs"
	secret = "webhook-secret"
)

var appKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// A world is a server with acme/configs, the app installed on acme, and a receiver of webhooks.
type world struct {
	*fakegithub.Server
	t       *testing.T
	install int64
	clock   *clock
	hooks   *receiver
}

// newWorld starts a server; set changes its configuration before.
func newWorld(t *testing.T, set ...func(*fakegithub.Config)) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Now()}, hooks: newReceiver(t)}
	cfg := fakegithub.Config{
		Dir: t.TempDir(), AppID: appID, PublicKey: &appKey().PublicKey, Now: w.clock.Now,
		WebhookURL: w.hooks.URL, WebhookSecret: secret,
	}
	for _, f := range set {
		f(&cfg)
	}
	s, err := fakegithub.New(cfg)
	must(t, err)
	w.Server = s
	t.Cleanup(func() {
		must(t, s.Wait(context.WithoutCancel(t.Context()))) // so that none is cut off on its way
		must(t, s.Close())
	})
	must(t, s.Start("127.0.0.1:0"))
	must(t, s.CreateRepo(repo, map[string][]byte{
		"customers/acme/segments.yaml": []byte("segments:\n- id: a\n- id: b\n"),
		"schemas/segments.schema.json": []byte("{}\n"),
	}))
	w.install, err = s.Install("acme")
	must(t, err)
	return w
}

// app gives a client that signs with the app's key.
func (w *world) app() *github.Client {
	tr, err := ghinstallation.NewAppsTransport(w.transport(), appID, pemOf(appKey()))
	must(w.t, err)
	tr.BaseURL = w.URL() + "/api/v3"
	return w.client(tr)
}

// installation gives a client of the installation.
func (w *world) installation() *github.Client {
	tr, err := ghinstallation.New(w.transport(), appID, w.install, pemOf(appKey()))
	must(w.t, err)
	tr.BaseURL = w.URL() + "/api/v3"
	return w.client(tr)
}

// withToken gives a client that sends a token as it is.
func (w *world) withToken(token string) *github.Client {
	return w.client(w.transport()).WithAuthToken(token)
}

func (w *world) transport() *http.Transport {
	tr := &http.Transport{}
	w.t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func (w *world) client(tr http.RoundTripper) *github.Client {
	c, err := github.NewClient(&http.Client{Transport: tr}).WithEnterpriseURLs(w.URL(), w.URL())
	must(w.t, err)
	return c
}

// token gives an installation token.
func (w *world) token(opts *github.InstallationTokenOptions) string {
	w.t.Helper()
	tok, _, err := w.app().Apps.CreateInstallationToken(w.t.Context(), w.install, opts)
	must(w.t, err)
	return tok.GetToken()
}

// change opens a pull request of one changed file and gives its number and head.
func (w *world) change(branch, content string) (number int, sha string) {
	w.t.Helper()
	sha, err := w.Push(repo, branch, fakegithub.Change{
		Files: map[string][]byte{"customers/acme/segments.yaml": []byte(content)}, Author: "eve",
	})
	must(w.t, err)
	number, err = w.OpenPull(repo, fakegithub.Pull{Title: "Change segments", Head: branch, Author: "eve"})
	must(w.t, err)
	return number, sha
}

// events waits until all webhooks are delivered and gives them as EVENT or EVENT.ACTION.
func (w *world) events() []string {
	w.t.Helper()
	must(w.t, w.Wait(w.t.Context()))
	return w.hooks.names()
}

// forget waits until all webhooks are delivered, and starts the list of events anew.
func (w *world) forget() {
	w.t.Helper()
	must(w.t, w.Wait(w.t.Context()))
	w.hooks.reset()
}

// git runs git in a directory, with a token as password where there is one.
func (w *world) git(dir, token string, args ...string) (string, error) {
	if token != "" {
		args = append([]string{"-c", "http.extraHeader=Authorization: Basic " + basic("x-access-token", token)}, args...)
	}
	cmd := exec.CommandContext(w.t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=eve", "GIT_AUTHOR_EMAIL=eve@users.example.com", "GIT_COMMITTER_NAME=eve", "GIT_COMMITTER_EMAIL=eve@users.example.com")
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// A clock stands still until it is moved. It starts at the time of the machine, which ghinstallation goes by.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A receiver takes webhooks whose signature is right.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got []hook
}

type hook struct {
	event, id string
	payload   map[string]any
	parsed    any
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, err := github.ValidatePayload(req, []byte(secret))
		if err != nil {
			t.Errorf("webhook: %v", err)
			return
		}
		h := hook{event: github.WebHookType(req), id: github.DeliveryID(req)}
		if err := json.Unmarshal(body, &h.payload); err != nil {
			t.Errorf("webhook: %v", err)
		}
		if h.parsed, err = github.ParseWebHook(h.event, body); err != nil {
			t.Errorf("webhook: %v", err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got = append(r.got, h)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) all() []hook {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]hook(nil), r.got...)
}

func (r *receiver) names() []string {
	var out []string
	for _, h := range r.all() {
		name := h.event
		if action, ok := h.payload["action"].(string); ok {
			name += "." + action
		}
		out = append(out, name)
	}
	return out
}

func (r *receiver) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = nil
}

// last gives the payload of the newest event of that name.
func last[T any](w *world, event string) T {
	w.t.Helper()
	must(w.t, w.Wait(w.t.Context()))
	all := w.hooks.all()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].event == event {
			return all[i].parsed.(T)
		}
	}
	w.t.Fatalf("no %s among %v", event, w.hooks.names())
	panic("unreachable")
}

func pemOf(key *rsa.PrivateKey) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// status gives the HTTP status that err holds; 0 for none.
func status(err error) int {
	switch e := err.(type) {
	case *github.ErrorResponse:
		return e.Response.StatusCode
	case *github.RateLimitError:
		return e.Response.StatusCode
	case *github.AbuseRateLimitError:
		return e.Response.StatusCode
	}
	return 0
}

// send sends a request with a token and any body, and gives status, headers and body of the answer.
func (w *world) send(ctx context.Context, method, path, auth, body string, header ...string) (int, http.Header, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, w.URL()+"/api/v3"+path, strings.NewReader(body))
	must(w.t, err)
	if auth != "" {
		req.Header.Set("Authorization", "Bearer "+auth)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := w.transport().RoundTrip(req)
	must(w.t, err)
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	must(w.t, err)
	return resp.StatusCode, resp.Header, string(out)
}
