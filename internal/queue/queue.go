// Package queue runs keyed work: whoever asks for a key, and however often, one worker at a time looks at it, and
// looks once more where it was asked for again meanwhile. It is the only home of River.
//
// One River job is one attempt at one key; its arguments are the key. Jobs are unique by key until they are finished,
// so that no key is in two hands. What must survive an attempt stands in the store: a counter, which every asking
// raises and every run compares at its end, and how often the work failed. An attempt ends in one transaction, which
// finishes its job and inserts the next one where there must be one. So River's own retries are met only where the
// database itself failed.
//
// Several processes may share a PostgreSQL database. Each shows that it lives; what a dead one had in its hands is taken over.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

// A Handler looks at what the key names and makes it right. Its error may be work.Permanent or ask for work.After;
// any other is tried again. A panic is an error. It must end soon after ctx does, and ctx has a deadline.
type Handler func(ctx context.Context, t work.Task) (work.State, error)

// Config says how a Queue works.
type Config struct {
	Store  *store.Store // required; must outlive the queue
	Handle Handler      // required
	Log    *slog.Logger // required
	// Workers is the number of keys looked at at once; half as many more are kept for each of production, keys that have failed, and
	// both. Default 4; 1 to 1000.
	Workers int
	// JobTimeout is how long one attempt may take. Default 5m; at least 1s.
	JobTimeout time.Duration
	// MaxAttempts is how often a key may fail in a row before it is set aside until it is asked for again.
	// Default 20; at least 1. Backoff makes twenty of them about two hours.
	MaxAttempts int
	// SetAside, if set, shows people that a key is set aside, and gives the state to note: the one that the sweep will see, so
	// that it does not ask again; empty to have it ask. ref is what the log calls the last attempt, and cause its error. An error
	// that asks for work.After has the key tried, and this called, once more; another one is logged.
	SetAside func(ctx context.Context, t work.Task, ref string, cause error) (work.State, error)
	// Ended, if set, is told of each attempt: its outcome is one of Outcomes, as in the log.
	Ended func(k work.Kind, outcome string, took time.Duration)
}

// Outcomes are all that an attempt can lead to.
var Outcomes = []string{"done", "waits", "retries", "permanent", "discarded", "interrupted", "not stored"}

func (c Config) withDefaults() Config {
	if c.Workers == 0 {
		c.Workers = 4
	}
	if c.JobTimeout == 0 {
		c.JobTimeout = 5 * time.Minute
	}
	if c.MaxAttempts == 0 {
		c.MaxAttempts = 20
	}
	if c.Ended == nil {
		c.Ended = func(work.Kind, string, time.Duration) {}
	}
	return c
}

func (c Config) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.Store != nil, "the store is missing")
	check(c.Handle != nil, "the handler is missing")
	check(c.Log != nil, "the logger is missing")
	check(c.Workers >= 1 && c.Workers <= 1000, "%d workers; 1 to 1000 are allowed", c.Workers)
	check(c.JobTimeout >= time.Second, "job timeout %s; at least 1s is allowed", c.JobTimeout)
	check(c.MaxAttempts >= 1, "%d attempts at most; at least 1 is allowed", c.MaxAttempts)
	return errors.Join(errs...)
}

// A Queue takes and runs work. It is safe for concurrent use.
type Queue struct {
	store  *store.Store
	client *river.Client[store.Tx]
	bell   bell
	lease  *lease
	cfg    Config
	log    *slog.Logger

	endKeep context.CancelFunc
	kept    chan struct{} // closed when keep has ended
}

// The queues of River's. Production has workers of its own, so that nothing that takes long is ever before it. So have keys whose last
// attempt failed: however many of them a repository has, and however long they take to fail, nobody else's work waits for them.
const (
	urgent      = "production"
	other       = river.QueueDefault
	urgentAgain = "production_again"
	again       = "again"
)

var queues = [...]string{urgent, other, urgentAgain, again}

// workersOf gives how many workers each queue has.
func workersOf(workers int) map[string]river.QueueConfig {
	half := river.QueueConfig{MaxWorkers: (workers + 1) / 2}
	return map[string]river.QueueConfig{other: {MaxWorkers: workers}, urgent: half, urgentAgain: half, again: half}
}

// New makes a queue, and its tables in the store. It takes work at once and runs it from Start on.
func New(cfg Config) (*Queue, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("configure queue: %w", err)
	}
	q := &Queue{store: cfg.Store, bell: newBell(), lease: newLease(cfg.Store.Shared(), time.Now), cfg: cfg, log: cfg.Log, kept: make(chan struct{})}
	driver := driverOf(cfg.Store, q.bell)
	log := slog.New(atLeast{cfg.Log.Handler(), slog.LevelWarn})
	// A few statements, once: not worth a context in every caller.
	if err := cfg.Store.Alone(context.Background(), func() error { return makeTables(context.Background(), driver, log) }); err != nil {
		return nil, fmt.Errorf("make queue tables: %w", err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{queue: q})
	var err error
	q.client, err = river.NewClient(driver, &river.Config{
		ID:         q.lease.replica,
		Queues:     workersOf(cfg.Workers),
		Workers:    workers,
		JobTimeout: cfg.JobTimeout,
		Logger:     log,
		Hooks:      []rivertype.Hook{river.HookInsertBeginFunc(startAvailable)},
		// A commit rings the bell; the poll finds what falls due.
		FetchCooldown:     5 * time.Millisecond,
		FetchPollInterval: 500 * time.Millisecond,
		// Never: takeOver knows sooner, and better, which jobs nobody works on.
		RescueStuckJobsAfter:        math.MaxInt64,
		CompletedJobRetentionPeriod: time.Hour,
		CancelledJobRetentionPeriod: 24 * time.Hour,
		DiscardedJobRetentionPeriod: 24 * time.Hour,
	})
	if err != nil {
		return nil, fmt.Errorf("make queue: %w", err)
	}
	return q, nil
}

// makeTables makes River's own.
func makeTables(ctx context.Context, d driver, log *slog.Logger) error {
	migrator, err := rivermigrate.New(d, &rivermigrate.Config{Logger: log})
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// Start begins to run work, first of all what a process that was killed had in its hands. The end of ctx does not
// end it: call Stop.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.lease.beat(ctx, q.store); err != nil {
		return fmt.Errorf("start workers: %w", err)
	}
	if _, err := q.takeOver(ctx, true); err != nil {
		return fmt.Errorf("take back interrupted work: %w", err)
	}
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start workers: %w", err)
	}
	keeping, end := context.WithCancel(context.WithoutCancel(ctx))
	q.endKeep = end
	go q.keep(keeping)
	q.log.InfoContext(ctx, "workers started", "replica", q.lease.replica, "shared", q.store.Shared())
	return nil
}

// cancelGrace is how long work may take to notice that it is cancelled.
const cancelGrace = 5 * time.Second

// Stop takes up no more work and lets what runs come to its end. What still runs when ctx ends is cancelled, and is
// done again after the next Start, or by another replica. The error says that some of it did not even heed that. Work is still
// taken.
func (q *Queue) Stop(ctx context.Context) error {
	err := q.stopWorkers(ctx)
	if q.endKeep == nil {
		return err
	}
	q.endKeep()
	<-q.kept
	q.endKeep = nil // a second Stop has nothing more to do
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelGrace)
	defer cancel()
	if q.store.Shared() && err == nil {
		err = q.store.Leave(ctx, q.lease.replica)
	}
	return err
}

func (q *Queue) stopWorkers(ctx context.Context) error {
	if q.client.Stop(ctx) == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelGrace)
	defer cancel()
	if err := q.client.StopAndCancel(ctx); err != nil {
		return fmt.Errorf("stop workers: some work goes on %s after it was cancelled: %w", cancelGrace, err)
	}
	return nil
}
