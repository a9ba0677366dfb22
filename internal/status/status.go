// Package status is the operators' web page: what is served to whom, what is worked on, what GitHub has sent.
//
// Everybody who reaches the admin address may look. What changes something needs an operator who has signed in at GitHub. The pages are
// made on the server, hold no script, and show no value that a schema calls secret.
package status

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/work"
)

// Known is what the database knows.
type Known interface {
	// Repositories gives all that are known, sorted by their names.
	Repositories(ctx context.Context) ([]forge.Repo, error)
	// Recall gives nil where there is no note of that name.
	Recall(ctx context.Context, repo forge.Repo, name string) ([]byte, error)
}

// Work tells what is worked on.
type Work interface {
	Unfinished(ctx context.Context, limit int) ([]queue.Unfinished, error)
}

// Ledger tells what GitHub has sent, and works it once more.
type Ledger interface {
	Recent(ctx context.Context, n int) ([]work.Sent, error)
	Replay(ctx context.Context, attempt int64) error
}

// Operators tells who may change something, and does what they ask for.
type Operators interface {
	Operator(ctx context.Context, repo forge.Repo, who forge.User) (bool, error)
	Resume(ctx context.Context, repo forge.Repo, by, reason string) error
	Drifted(ctx context.Context, repo forge.Repo, sink string) ([]string, error)
}

// Trees reads what has been fetched.
type Trees interface {
	// Snapshot gives the files of a tree, for as long as ctx lasts.
	Snapshot(ctx context.Context, repo forge.Repo, at forge.Tree) (fs.FS, error)
}

// Config is all that the page needs. Every field above SignIn is required.
type Config struct {
	Known     Known
	Work      Work
	Ledger    Ledger
	Operators Operators
	Trees     Trees
	Sinks     flow.Sinks
	GitHub    string // its address for people, without a slash at its end
	Version   string
	Now       func() time.Time
	// SignIn says how operators sign in; its zero value that they cannot.
	SignIn SignIn
	// Address is that of the page for browsers, without a slash at its end; empty: the one that a request names, which whoever serves the page has
	// looked at.
	Address string
	Limits  document.Limits // on what one config may hold; a zero field means its default
}

// Status answers requests for the pages. It is safe for concurrent use.
type Status struct {
	cfg      Config
	mux      *http.ServeMux
	cross    *http.CrossOriginProtection
	sessions sessions
}

// New makes the pages.
func New(cfg Config) (*Status, error) {
	if cfg.Known == nil || cfg.Work == nil || cfg.Ledger == nil || cfg.Operators == nil || cfg.Trees == nil || cfg.Sinks == nil || cfg.Now == nil {
		return nil, errors.New("configure the status page: something that it asks is missing")
	}
	s := &Status{cfg: cfg, mux: http.NewServeMux(), cross: http.NewCrossOriginProtection(), sessions: newSessions(cfg.SignIn.ClientSecret, cfg.Now)}
	s.mux.HandleFunc("GET /{$}", s.page(s.home))
	s.mux.HandleFunc("GET /deliveries", s.page(s.deliveries))
	s.mux.HandleFunc("GET /r/{owner}/{repo}", s.page(s.repository))
	s.mux.HandleFunc("GET /r/{owner}/{repo}/customer", s.page(s.customer))
	s.mux.HandleFunc("GET /r/{owner}/{repo}/diff", s.page(s.difference))
	s.mux.HandleFunc("GET /r/{owner}/{repo}/value", s.page(s.value))
	s.mux.HandleFunc("GET /status.css", style)
	s.mux.HandleFunc("GET /signin", s.signIn)
	s.mux.HandleFunc("GET /signin/callback", s.signedIn)
	s.mux.HandleFunc("POST /signout", s.signOut)
	s.mux.HandleFunc("POST /deliveries/{id}/replay", s.action(s.replay))
	s.mux.HandleFunc("POST /r/{owner}/{repo}/resume", s.action(s.resume))
	return s, nil
}

// policyOfContent lets a browser load the style of the page, send its forms to it, and nothing else. Source: w3.org/TR/CSP3.
const policyOfContent = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxForm bounds what a form may hold, in bytes.
const maxForm = 64 << 10

// ServeHTTP implements http.Handler.
func (s *Status) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policyOfContent)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if err := s.cross.Check(r); err != nil {
		http.Error(w, "this comes from another site", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	s.mux.ServeHTTP(w, r)
}

// address gives that of the page as the browser knows it.
func (s *Status) address(r *http.Request) string {
	if s.cfg.Address != "" {
		return s.cfg.Address
	}
	return "http://" + r.Host
}

// find gives the repository that a request names.
func (s *Status) find(r *http.Request) (forge.Repo, error) {
	all, err := s.cfg.Known.Repositories(r.Context())
	if err != nil {
		return forge.Repo{}, err
	}
	for _, repo := range all {
		if strings.EqualFold(repo.Owner, r.PathValue("owner")) && strings.EqualFold(repo.Name, r.PathValue("repo")) {
			return repo, nil
		}
	}
	return forge.Repo{}, fmt.Errorf("tamer knows no repository %s/%s: %w", r.PathValue("owner"), r.PathValue("repo"), fs.ErrNotExist)
}
