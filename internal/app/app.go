// Package app is the frame: it reads the settings, puts the rooms together, starts them, and stops them in reverse order.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/github"
	"github.com/tamerhq/tamer/internal/metrics"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/otlp"
	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/trace"
	"github.com/tamerhq/tamer/internal/validate"
	"github.com/tamerhq/tamer/internal/work"
	"github.com/tamerhq/tamer/webhooks"
)

// Options are what is not a setting of an operator.
type Options struct {
	Log *slog.Logger // required
	// SweepEvery is how often tamer looks for what no webhook has told. Default 1m.
	SweepEvery time.Duration
	// At is handed to flow.Config.
	At func(flow.Point)
}

// A Server is tamer, running.
type Server struct {
	log      *slog.Logger
	store    *store.Store
	unlock   func() error // of the mirrors
	mirrors  *mirror.Mirrors
	sinks    *sinks
	outside  *outsiders
	metrics  *metrics.Metrics
	traces   *otlp.Recorder // nil unless TAMER_TRACES_URL is set
	recorder trace.Recorder
	queue    *queue.Queue
	public   door
	admin    door
	health   health
	served   chan error
	idle     chan struct{} // closed when periodic has ended
	endChore context.CancelFunc
}

// jobTimeout bounds one attempt at a key: the first clone of a large repository is the longest that one takes.
const jobTimeout = 20 * time.Minute

// Start starts the server. It serves until Stop. When an error is returned, nothing is left running.
func Start(ctx context.Context, cfg Config, opts Options) (*Server, error) {
	opts.Log = slog.New(trace.Logging(opts.Log.Handler()))
	s := &Server{log: opts.Log, served: make(chan error, 2), idle: make(chan struct{})}
	if err := s.open(ctx, cfg, opts); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.public.serve(s.served) // first of all: to store a webhook nothing else is needed
	if err := s.queue.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, errors.Join(fmt.Errorf("start the queue: %w", err), s.close())
	}
	every := opts.SweepEvery
	if every == 0 {
		every = work.SweepEvery
	}
	asking, end := context.WithCancel(context.WithoutCancel(ctx))
	s.endChore = end
	go s.periodic(asking, every)
	s.admin.serve(s.served)
	s.health.ready.Store(true)
	s.log.InfoContext(ctx, "serving", "address", s.public.url(), "admin_address", s.admin.url(), "version", Version())
	return s, nil
}

// open puts the rooms together; what it has opened is in s even when it fails.
func (s *Server) open(ctx context.Context, cfg Config, opts Options) error {
	var err error
	if s.store, err = store.Open(ctx, cfg.Database); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	look := &look{store: s.store}
	if s.metrics, err = newMetrics(cfg, look); err != nil {
		return err
	}
	s.recorder = s.metrics
	if cfg.TracesURL != "" {
		if s.traces, err = otlp.New(ctx, otlp.Config{URL: cfg.TracesURL, Version: Version(), Log: opts.Log}); err != nil {
			return err
		}
		s.recorder = trace.All(s.metrics, s.traces)
	}
	hub, err := github.New(github.Config{APIURL: cfg.APIURL, AppID: cfg.AppID, PrivateKey: cfg.PrivateKey, Limits: s.store,
		Transport: s.metrics.Calls(http.DefaultTransport.(*http.Transport).Clone())})
	if err != nil {
		return err
	}
	if s.unlock, err = store.Lock(filepath.Join(cfg.DataDir, "mirrors.lock")); err != nil {
		return err
	}
	if s.mirrors, err = mirror.New(mirror.Config{Dir: filepath.Join(cfg.DataDir, "mirrors"), URL: cfg.GitURL, Token: hub.Token}); err != nil {
		return err
	}
	s.sinks = newSinks(cfg.Sinks, opts.Log)
	if s.outside, err = openOutsiders(cfg, opts.Log); err != nil {
		return err
	}
	later := &lateQueue{}
	flows, err := flow.New(flow.Config{
		PullRequests: hub, Checks: hub, Comments: hub, Commands: hub, Reviews: hub, People: hub, Commits: hub, Deployments: hub, Installations: hub,
		Remotes: s.mirrors, Trees: s.mirrors, History: s.mirrors,
		Memory: s.store, Notes: s.store, Queue: later, Sinks: s.sinks, Now: time.Now, At: opts.At,
		Limits: cfg.Limits, Cache: s.cache(), Build: Build(), Live: s.outside.live, External: s.outside.checks, Overrides: cfg.overriding, Watch: s.metrics, Pages: cfg.pages(),
		Turn: func(ctx context.Context, name string) (func(), error) { return s.queue.Turn(ctx, name) },
	})
	if err != nil {
		return err
	}
	missed := &webhooks.Missed{Ledger: hub, Seen: s.store.Seen, Marks: s.store, Log: opts.Log, Now: time.Now, Found: s.metrics.Missed}
	if s.queue, err = queue.New(queue.Config{Store: s.store, Handle: s.recorded(handler(flows, missed)), SetAside: flows.SetAside, Log: opts.Log, JobTimeout: jobTimeout, Ended: s.metrics.Attempt}); err != nil {
		return err
	}
	later.Queue, missed.Inbox = s.queue, s.queue
	look.hub, look.queue = hub, s.queue
	secrets := make([][]byte, len(cfg.WebhookSecrets))
	for i, text := range cfg.WebhookSecrets {
		secrets[i] = []byte(text)
	}
	hooks, err := webhooks.New(webhooks.Config{Secrets: secrets, Inbox: s.queue, Log: opts.Log, Answered: s.metrics.Delivery})
	if err != nil {
		return err
	}
	s.health.probes = s.probes(hub)
	if s.public, err = openDoor("TAMER_LISTEN", cfg.Listen, s.publicMux(s.traced(hooks)), opts.Log); err != nil {
		return err
	}
	pages, err := s.pages(cfg, flows, missed)
	if err == nil && cfg.AdminListen != "" {
		s.admin, err = openDoor("TAMER_ADMIN_LISTEN", cfg.AdminListen, s.adminMux(pages, cfg.AdminURL), opts.Log)
	}
	return err
}

// cache keeps what is found out about contents in the database; nil for a build without a name.
func (s *Server) cache() func(context.Context, forge.Repo) validate.Cache {
	if Build() == "" {
		return nil
	}
	return func(ctx context.Context, repo forge.Repo) validate.Cache { return s.store.Facts(ctx, repo) }
}

// lateQueue breaks the circle of flows that ask for work and a queue that runs flows.
type lateQueue struct{ flow.Queue }

// URL is where the server takes webhooks, for callers on the same machine.
func (s *Server) URL() string { return s.public.url() }

// AdminURL is where operators look, for callers on the same machine; empty where TAMER_ADMIN_LISTEN is off.
func (s *Server) AdminURL() string { return s.admin.url() }

// Idle tells whether there is no work that runs, waits or is to be tried again.
func (s *Server) Idle() bool {
	n, err := s.queue.Waiting(context.Background())
	return err == nil && n == 0
}

// Done gives the error that ended serving, if any does before Stop.
func (s *Server) Done() <-chan error { return s.served }

// Stop stops the server: first it is not ready, then it stops listening, then lets running work end while ctx lasts. What it
// has to cut off is done again at the next start.
func (s *Server) Stop(ctx context.Context) error {
	s.health.ready.Store(false)
	s.log.InfoContext(ctx, "stopping")
	errs := []error{s.public.shut(ctx)}
	s.endChore()
	<-s.idle
	errs = append(errs, s.queue.Stop(ctx), s.close())
	s.log.InfoContext(ctx, "stopped")
	return errors.Join(errs...)
}

// close closes what open has opened, in whatever state that is.
func (s *Server) close() error {
	shutting, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	errs := []error{s.public.shut(shutting), s.admin.shut(shutting)}
	if s.traces != nil {
		errs = append(errs, s.traces.Close(shutting))
	}
	if s.outside != nil {
		errs = append(errs, s.outside.close())
	}
	if s.sinks != nil {
		errs = append(errs, s.sinks.close())
	}
	if s.mirrors != nil {
		errs = append(errs, s.mirrors.Close())
	}
	if s.unlock != nil {
		errs = append(errs, s.unlock())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}
