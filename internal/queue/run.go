package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"

	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

// worker makes a Queue what River calls a worker.
type worker struct {
	river.WorkerDefaults[look]
	queue *Queue
}

// Work makes one attempt. An error means that its end could not be stored.
func (w *worker) Work(ctx context.Context, job *river.Job[look]) error { return w.queue.run(ctx, job) }

// NextRetry is asked only after the database failed. It stays within the five seconds in which River needs no second step.
func (w *worker) NextRetry(job *river.Job[look]) time.Time {
	return time.Now().Add(min(Backoff(job.Attempt-1, 0), 4*time.Second))
}

func (q *Queue) run(ctx context.Context, job *river.Job[look]) error {
	key := job.Args.Key
	ctx = traced(ctx, job.Metadata)
	before, err := q.store.Progress(ctx, key)
	if err != nil {
		return err
	}
	ctx, hand, err := q.lease.take(ctx, job.ID)
	if err != nil {
		return err
	}
	defer q.lease.drop(job.ID)
	ctx = work.WithHold(ctx, work.Hold{Key: key, Check: hand.check})
	task := work.Task{Key: key, Anew: before.Anew > before.Done, Attempt: before.Failures + 1}
	start := time.Now()
	state, err := work.State(""), Deadly(before)
	if err == nil {
		state, err = q.attempt(ctx, task)
	}
	took := time.Since(start)
	log := q.log.With("job", job.ID, "kind", key.Kind, "key", key.String(), "attempt", task.Attempt, "duration_ms", took.Milliseconds())

	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		log.InfoContext(ctx, "job ended", "outcome", "interrupted", "error", err)
		q.cfg.Ended(key.Kind, "interrupted", took)
		return context.Canceled // River makes the job available again and counts no attempt
	}
	e := end(before, state, err, time.Now(), q.cfg.MaxAttempts, rand.Float64())
	if e.aside {
		e = q.setAside(ctx, task, e, fmt.Sprint("job ", job.ID), before, err)
	}
	again, storeErr := q.finish(ctx, job, hand, before.Wanted, e)
	if storeErr != nil {
		log.ErrorContext(ctx, "job ended", "outcome", "not stored", "error", storeErr)
		q.cfg.Ended(key.Kind, "not stored", took)
		return storeErr
	}
	q.cfg.Ended(key.Kind, e.outcome, took)
	report(ctx, log, e, err, again)
	return nil
}

// report logs the one line of an attempt that has ended.
func report(ctx context.Context, log *slog.Logger, e ending, err error, again bool) {
	if err != nil {
		log = log.With("error", err)
	}
	if !e.next.IsZero() {
		log = log.With("wait_ms", time.Until(e.next).Milliseconds())
	}
	if p := (*panicked)(nil); errors.As(err, &p) {
		log = log.With("stack", string(p.stack))
	}
	log.Log(ctx, e.level, "job ended", "outcome", e.outcome, "again", again)
}

// asideTimeout is how long it may take to show that a key is set aside. The attempt's own time may be over.
const asideTimeout = time.Minute

// setAside has it shown that the attempt was the last, and notes it. Where that has to wait, so does the key.
func (q *Queue) setAside(ctx context.Context, t work.Task, e ending, ref string, before store.Progress, cause error) ending {
	e.progress.Aside = ref
	if q.cfg.SetAside == nil {
		return e
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), asideTimeout)
	defer cancel()
	state, err := q.show(ctx, t, ref, cause)
	if _, waits := work.WaitOf(err); waits {
		return end(before, "", err, time.Now(), q.cfg.MaxAttempts, 0)
	}
	if err != nil {
		q.log.ErrorContext(ctx, "key set aside unseen", "key", t.Key.String(), "error", err)
		return e
	}
	e.state = &state // an empty one too: of what was noted before nothing is shown any more
	return e
}

// show calls SetAside and makes a panic an error.
func (q *Queue) show(ctx context.Context, t work.Task, ref string, cause error) (state work.State, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v, debug.Stack()}
		}
	}()
	return q.cfg.SetAside(ctx, t, ref, cause)
}

// attempt calls the handler and makes a panic an error.
func (q *Queue) attempt(ctx context.Context, t work.Task) (state work.State, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v, debug.Stack()}
		}
	}()
	return q.cfg.Handle(ctx, t)
}

type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// storeTimeout bounds the transaction that ends an attempt. That the attempt ran out of its own time must not matter.
const storeTimeout = 30 * time.Second

// finish stores the ending, finishes the job, and inserts the next one where there is to be one: at once where the key
// was asked for after the attempt read the counter, unless the work asked for a wait.
func (q *Queue) finish(ctx context.Context, job *river.Job[look], hand *attempt, seen int64, e ending) (again bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	key := job.Args.Key
	err = q.write(ctx, func(ctx context.Context, tx store.Tx) error {
		wanted, err := tx.Wanted(ctx, key)
		if err != nil {
			return err
		}
		if err := errors.Join(hand.check(), stillOurs(ctx, tx, job.ID)); err != nil {
			return err
		}
		if err := tx.SaveProgress(ctx, key, e.progress, e.state); err != nil {
			return err
		}
		if _, err := river.JobCompleteTx[driver](ctx, tx, job); err != nil {
			return fmt.Errorf("finish job: %w", err)
		}
		again = wanted > seen
		if !again && e.next.IsZero() {
			return nil
		}
		due := e.next
		if again {
			due = e.progress.NotBefore
		}
		if _, err := q.client.InsertTx(ctx, tx, job.Args, job.Args.opts(ctx, e.progress, due)); err != nil {
			return fmt.Errorf("insert next job: %w", err)
		}
		return nil
	})
	return again, err
}

// An ending is what one attempt leads to.
type ending struct {
	outcome  string         // for the log: one word
	level    slog.Level     // of the log line
	progress store.Progress // what to note of the key
	state    *work.State    // nil: the one noted before stays
	aside    bool           // the key is set aside until it is asked for again
	next     time.Time      // when the next attempt is due without a new asking; zero for never
}

// A wait that work asks for is kept within these bounds: so that a worker that asks for none does not spin, and a
// nonsensical Retry-After does not park a key for ever.
const (
	minWait = time.Second
	maxWait = 24 * time.Hour
)

// end decides what follows from an attempt that started from the progress before.
func end(before store.Progress, state work.State, err error, now time.Time, maxAttempts int, spread float64) ending {
	dealtWith := store.Progress{Done: before.Wanted}
	wait, waits := work.WaitOf(err)
	switch {
	case err == nil:
		return ending{outcome: "done", level: slog.LevelInfo, progress: dealtWith, state: &state}
	case waits:
		due := now.Add(min(max(wait, minWait), maxWait))
		return ending{outcome: "waits", level: slog.LevelInfo, next: due,
			progress: store.Progress{Done: before.Done, Failures: before.Failures, NotBefore: due}}
	case work.IsPermanent(err):
		return ending{outcome: "permanent", level: slog.LevelError, progress: dealtWith, aside: true}
	case before.Failures+1 >= maxAttempts || errors.Is(err, errDeadly):
		return ending{outcome: "discarded", level: slog.LevelError, progress: dealtWith, aside: true}
	default:
		return ending{outcome: "retries", level: slog.LevelWarn, next: now.Add(Backoff(before.Failures, spread)),
			progress: store.Progress{Done: before.Done, Failures: before.Failures + 1}}
	}
}

// Backoff is the wait after failure n (0 for the first): 1s doubling to 10m, plus up to 10 %, by spread in [0, 1).
func Backoff(n int, spread float64) time.Duration {
	d := min(time.Second<<min(max(n, 0), 10), 10*time.Minute)
	return d + time.Duration(spread*float64(d)/10)
}
