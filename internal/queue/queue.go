// Package queue runs keyed work: whoever asks for a key, and however often, one worker at a time looks at it, and
// looks once more where it was asked for again meanwhile. It is the only home of River.
//
// One River job is one attempt at one key; its arguments are the key. Jobs are unique by key until they are finished,
// so that no key is in two hands. What must survive an attempt stands in the store: a counter, which every asking
// raises and every run compares at its end, and how often the work failed. An attempt ends in one transaction, which
// finishes its job and inserts the next one where there must be one. So River's own retries are met only where the
// database itself failed.
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
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
	// Workers is the number of keys looked at at once. Default 4; 1 to 1000.
	Workers int
	// JobTimeout is how long one attempt may take. Default 5m; at least 1s.
	JobTimeout time.Duration
	// MaxAttempts is how often a key may fail in a row before it is set aside until it is asked for again.
	// Default 20; at least 1. Backoff makes twenty of them about two hours.
	MaxAttempts int
}

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
	store       *store.Store
	client      *river.Client[*sql.Tx]
	bell        bell
	handle      Handler
	maxAttempts int
	log         *slog.Logger
}

// New makes a queue, and its tables in the store. It takes work at once and runs it from Start on.
func New(cfg Config) (*Queue, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("configure queue: %w", err)
	}
	q := &Queue{store: cfg.Store, bell: newBell(), handle: cfg.Handle, maxAttempts: cfg.MaxAttempts, log: cfg.Log}
	driver := &driver{riversqlite.New(cfg.Store.DB()), q.bell}
	log := slog.New(atLeast{cfg.Log.Handler(), slog.LevelWarn})

	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: log})
	if err != nil {
		return nil, fmt.Errorf("make queue tables: %w", err)
	}
	// A few statements on a local file, once: not worth a context in every caller.
	if _, err := migrator.Migrate(context.Background(), rivermigrate.DirectionUp, nil); err != nil {
		return nil, fmt.Errorf("make queue tables: %w", err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{queue: q})
	q.client, err = river.NewClient(driver, &river.Config{
		Queues:     map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: cfg.Workers}},
		Workers:    workers,
		JobTimeout: cfg.JobTimeout,
		Logger:     log,
		Hooks:      []rivertype.Hook{river.HookInsertBeginFunc(startAvailable)},
		// A commit rings the bell; the poll finds what falls due.
		FetchCooldown:     5 * time.Millisecond,
		FetchPollInterval: 500 * time.Millisecond,
		// Never: a job that runs is in the hands of this process, which alone may open the database. Those of a
		// process that was killed are taken back by Start.
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

// Start begins to run work, first of all what a process that was killed had in its hands. The end of ctx does not
// end it: call Stop.
func (q *Queue) Start(ctx context.Context) error {
	// The store's lock says that whoever ran these jobs is dead. Being killed is no failed attempt.
	_, err := q.store.DB().ExecContext(ctx, `
		UPDATE river_job SET state = 'available', attempt = CASE WHEN attempt > 0 THEN attempt - 1 ELSE 0 END
		WHERE state = 'running'`)
	if err != nil {
		return fmt.Errorf("take back interrupted work: %w", err)
	}
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start workers: %w", err)
	}
	return nil
}

// cancelGrace is how long work may take to notice that it is cancelled.
const cancelGrace = 5 * time.Second

// Stop takes up no more work and lets what runs come to its end. What still runs when ctx ends is cancelled, and is
// done again after the next Start. The error says that some of it did not even heed that. Work is still taken.
func (q *Queue) Stop(ctx context.Context) error {
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
