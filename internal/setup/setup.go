// Package setup is the door through which an operator registers the GitHub App, by GitHub's manifest flow: a form, GitHub's own page,
// and back with a code that is exchanged for the app's credentials.
//
// Source: docs.github.com, "Registering a GitHub App from a manifest".
package setup

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/github"
)

// Config says which app is registered, and where.
type Config struct {
	Manifest  []byte // app.yml
	GitHubURL string // for people; without a slash at its end
	// Exchange gives the app for a code that GitHub has led back with.
	Exchange func(ctx context.Context, code string) (github.Registered, error)
	// Keep keeps the credentials, and says where, for people.
	Keep func(github.Registered) (string, error)
	Log  *slog.Logger
	Now  func() time.Time
}

// A Setup waits for an app to be registered. It is safe for concurrent use.
type Setup struct {
	cfg    Config
	of     manifest
	done   chan github.Registered
	expect chan struct{} // holds one element until the app is registered

	mu      sync.Mutex
	pending map[string]pending // by state
}

// A pending registration is one that GitHub has not led back from yet.
type pending struct {
	since time.Time
	show  bool // the credentials are shown, and not kept
}

const (
	// patience is for how long GitHub may take: as long as its code is good.
	patience = time.Hour
	// maxPending bounds those that nobody goes on with.
	maxPending = 100

	cookie = "tamer_setup"
)

// New reads the manifest.
func New(cfg Config) (*Setup, error) {
	of, err := readManifest(cfg.Manifest)
	if err != nil {
		return nil, err
	}
	s := &Setup{cfg: cfg, of: of, done: make(chan github.Registered, 1), expect: make(chan struct{}, 1), pending: map[string]pending{}}
	s.expect <- struct{}{}
	return s, nil
}

// Done gives the app, once, when it has been registered.
func (s *Setup) Done() <-chan github.Registered { return s.done }

// Handler serves the pages. Only forms of its own are taken, and only under a name that no other site can claim.
func (s *Setup) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		s.show(w, http.StatusOK, "form", form{Name: s.of.Name, GitHub: s.cfg.GitHubURL})
	})
	mux.HandleFunc("POST /{$}", s.begin)
	mux.HandleFunc("GET /registered", s.finish)
	return http.NewCrossOriginProtection().Handler(mux)
}

// A form is what the operator is asked for.
type form struct {
	Name, Organization, Webhook, GitHub string
	Show                                bool
	Problem                             string
}

// begin shows the manifest, with a button that takes the operator to GitHub.
func (s *Setup) begin(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	f := form{Name: r.PostFormValue("name"), Organization: r.PostFormValue("organization"), Webhook: r.PostFormValue("webhook"),
		Show: r.PostFormValue("keep") == "show", GitHub: s.cfg.GitHubURL}
	text, err := s.of.filled(f, "http://"+r.Host)
	if err != nil {
		f.Problem = err.Error()
		s.show(w, http.StatusUnprocessableEntity, "form", f)
		return
	}
	state := rand.Text()
	if !s.note(state, pending{s.cfg.Now(), f.Show}) {
		http.Error(w, "too many registrations were begun; start tamer again", http.StatusTooManyRequests)
		return
	}
	to := s.cfg.GitHubURL + "/settings/apps/new"
	if f.Organization != "" {
		to = s.cfg.GitHubURL + "/organizations/" + url.PathEscape(f.Organization) + "/settings/apps/new"
	}
	// Lax: GitHub leads back with a link, which may carry it. Only the browser that has begun may go on.
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: state, Path: "/registered", MaxAge: int(patience.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode})
	s.show(w, http.StatusOK, "go", map[string]any{"To": to + "?state=" + state, "Manifest": text, "Name": f.Name})
}

func (s *Setup) note(state string, p pending) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, p := range s.pending {
		if s.cfg.Now().Sub(p.since) > patience {
			delete(s.pending, old)
		}
	}
	if len(s.pending) >= maxPending {
		return false
	}
	s.pending[state] = p
	return true
}

// take gives what was begun under the state, once, to the browser that has begun it.
func (s *Setup) take(r *http.Request) (pending, error) {
	state := r.URL.Query().Get("state")
	c, err := r.Cookie(cookie)
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.pending[state]
	if err != nil || !ok || subtle.ConstantTimeCompare([]byte(c.Value), []byte(state)) != 1 || s.cfg.Now().Sub(p.since) > patience {
		return pending{}, errors.New("this registration was not begun here, or too long ago; begin again")
	}
	delete(s.pending, state)
	return p, nil
}

// finish takes the code, and ends the setup where the app is there and its credentials are kept or shown.
func (s *Setup) finish(w http.ResponseWriter, r *http.Request) {
	fail := func(status int, err error) {
		s.show(w, status, "form", form{Name: s.of.Name, GitHub: s.cfg.GitHubURL, Problem: err.Error()})
	}
	p, err := s.take(r)
	if err != nil {
		fail(http.StatusForbidden, err)
		return
	}
	select {
	case <-s.expect:
	default:
		fail(http.StatusConflict, errors.New("an app was registered already"))
		return
	}
	app, err := s.cfg.Exchange(r.Context(), r.URL.Query().Get("code"))
	if err != nil {
		s.expect <- struct{}{}
		s.cfg.Log.ErrorContext(r.Context(), "app not registered", "error", err)
		fail(http.StatusBadGateway, fmt.Errorf("GitHub did not hand the app over: %w; a code is good once, for an hour: begin again", err))
		return
	}
	page := map[string]any{"App": app, "Install": app.Page + "/installations/new"}
	if !p.show {
		kept, err := s.cfg.Keep(app)
		if err != nil { // the app is there, and GitHub hands its key over once only: so it is shown
			s.cfg.Log.ErrorContext(r.Context(), "credentials not kept", "error", err)
			page["Problem"] = err.Error()
		}
		page["Kept"] = kept
	}
	s.cfg.Log.InfoContext(r.Context(), "app registered", "app", app.ID, "name", app.Slug)
	s.show(w, http.StatusOK, "done", page)
	s.done <- app
}

// show writes a page that loads nothing and sends forms here and to GitHub only.
func (s *Setup) show(w http.ResponseWriter, status int, name string, content any) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' "+s.cfg.GitHubURL+"; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	if err := pages.ExecuteTemplate(w, name, content); err != nil {
		s.cfg.Log.Warn("page not sent", "page", name, "error", err)
	}
}

var pages = template.Must(template.ParseFS(files, "*.html"))
