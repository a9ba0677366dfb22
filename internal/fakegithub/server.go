// Package fakegithub is a GitHub on loopback, for tests and for `tamer demo`: REST, git over HTTP, signed webhooks, and
// a page that shows a pull request as GitHub does. It keeps real bare repositories, really verifies what GitHub
// verifies, and refuses what GitHub refuses.
//
// It is addressed like a GitHub Enterprise Server: URL/api/v3/... is the REST API, URL/OWNER/REPO.git is git,
// URL/OWNER/REPO/pull/N is a page, URL/ lists the repositories.
//
// The Go methods of Server act like people do on the website: they change the state and send the webhooks that
// GitHub would send. A login that is not known yet becomes a user where it is first named. All methods are safe for
// concurrent use, and name a repository as "OWNER/REPO".
package fakegithub

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"
)

// Config says whose GitHub this is: it knows one GitHub App.
type Config struct {
	// Dir holds the bare repositories. Required; made if absent. The caller removes it.
	Dir string
	// AppID and PublicKey are what the app's JWT is verified with. Required.
	AppID     int64
	PublicKey *rsa.PublicKey
	// AppSlug names the app; its bot is SLUG[bot]. Default "tamer".
	AppSlug string
	// Permissions are those that every installation grants. Default DefaultPermissions.
	Permissions map[string]string
	// Events are those that the app is subscribed to; installation, installation_repositories and ping come
	// without. Default DefaultEvents.
	Events []string
	// WebhookURL and WebhookSecret are where webhooks go. With an empty URL none are sent; see SetWebhook.
	WebhookURL    string
	WebhookSecret string
	// Now is the clock that tokens, limits and times of events go by. Default time.Now.
	Now func() time.Time
	// Check looks at every REST request, whose path comes without /api/v3; what it says against one is kept for
	// Violations, and the request is served all the same. It must not call the server.
	Check func(*http.Request) error
}

// DefaultPermissions are what an installation grants when Config says nothing else.
var DefaultPermissions = map[string]string{
	"metadata": "read", "checks": "write", "contents": "write", "deployments": "write", "issues": "write",
	"members": "read", "merge_queues": "read", "pull_requests": "write", "administration": "read",
}

// A Server is one GitHub.
type Server struct {
	cfg     Config
	app     *app
	hooks   *hooks
	faults  faults
	handler http.Handler
	pushes  sync.Mutex // one git push at a time

	mu       sync.Mutex // guards all below
	url      string
	lastID   int64
	users    map[string]*User // by lower-case login
	apps     map[string]*app  // by slug
	repos    map[int64]*repo
	names    map[string]int64 // lower-case OWNER/REPO, also the former names
	teams    []*team
	installs []*installation
	tokens   map[string]*token
	commits  map[commitKey]bool // commits known to exist
	limit    int                // REST requests an hour for each token's installation or user
	windows  map[string]*window
	requests []Request
	// apps that people are about to make, by a token of the page, then by the code that it is converted with
	registrations map[string]*registration
	broken        []string // what Config.Check said

	http *http.Server
	done chan struct{} // closed when http has stopped serving
}

// New gives a server that answers through Handler; Start puts it on a port.
func New(cfg Config) (*Server, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("resolve directory %s: %w", cfg.Dir, err)
	}
	cfg.Dir = dir
	if cfg.AppSlug == "" {
		cfg.AppSlug = "tamer"
	}
	if cfg.Permissions == nil {
		cfg.Permissions = DefaultPermissions
	}
	if cfg.Events == nil {
		cfg.Events = DefaultEvents
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	s := &Server{
		cfg:     cfg,
		lastID:  1000,
		users:   map[string]*User{},
		apps:    map[string]*app{},
		repos:   map[int64]*repo{},
		names:   map[string]int64{},
		tokens:  map[string]*token{},
		commits: map[commitKey]bool{},
		limit:   5000,
		windows: map[string]*window{},

		registrations: map[string]*registration{},
	}
	s.users["web-flow"] = &User{ID: webFlowID, Login: "web-flow", Name: "GitHub", Email: webFlowEmail}
	s.app = &app{id: cfg.AppID, slug: cfg.AppSlug, bot: s.user(cfg.AppSlug + "[bot]")}
	s.apps[cfg.AppSlug] = s.app
	s.hooks = newHooks(cfg)
	s.handler = s.routes()
	return s, nil
}

func (c Config) validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("fakegithub: Dir is empty; give a directory for the repositories"))
	}
	if c.AppID <= 0 {
		errs = append(errs, fmt.Errorf("fakegithub: AppID is %d; it must be positive", c.AppID))
	}
	if c.PublicKey == nil {
		errs = append(errs, errors.New("fakegithub: PublicKey is missing; give the public half of the app's key"))
	}
	return errors.Join(errs...)
}

// URL is where the server is, without a slash at the end; empty before Start or SetURL.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// SetURL says where the server is, for one that is asked by way of another.
func (s *Server) SetURL(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.url = url
}

// Start serves on a loopback address such as "127.0.0.1:0". Any other is refused: whoever reaches the server may act as anyone.
func (s *Server) Start(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("read listen address %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("listen on %q: only loopback is allowed, such as 127.0.0.1:0", addr)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.http != nil {
		return fmt.Errorf("listen on %q: the server is already on %s", addr, s.url)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %q: %w", addr, err)
	}
	s.url = "http://" + l.Addr().String()
	s.http = &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second}
	s.done = make(chan struct{})
	go func(srv *http.Server, done chan struct{}) {
		defer close(done)
		_ = srv.Serve(l) // always ErrServerClosed after Close
	}(s.http, s.done)
	return nil
}

// Close stops serving and delivering at once; what is queued is not delivered. A closed server is not started again.
func (s *Server) Close() error {
	s.hooks.close()
	s.mu.Lock()
	srv, done := s.http, s.done
	s.mu.Unlock()
	if srv == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if srv.Shutdown(ctx) != nil { // somebody still reads: cut them off
		_ = srv.Close()
	}
	<-done
	return nil
}

// SetWebhook changes where webhooks go from now on, and sends a ping there, as GitHub does when an app is made.
func (s *Server) SetWebhook(url, secret string) {
	s.hooks.setTarget(url, secret)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emitPing()
}

// id gives a number that nothing else has.
func (s *Server) id() int64 {
	s.lastID++
	return s.lastID
}

func (s *Server) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Second) }
