package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

// Accept stores the delivery, the repositories that it names and the work that it asks for, in one transaction. When
// it has returned nil they survive a crash of the machine; when it has returned an error nothing was stored. A
// delivery that was seen before changes nothing and is not fresh.
func (q *Queue) Accept(ctx context.Context, d work.Delivery) (fresh bool, err error) {
	err = q.write(ctx, func(ctx context.Context, tx store.Tx) error {
		if fresh, err = tx.SaveDelivery(ctx, d, time.Now()); err != nil || !fresh {
			return err
		}
		if err := tx.SaveRepos(ctx, d.Repos); err != nil {
			return err
		}
		return q.ask(ctx, tx, d.Wanted)
	})
	if err != nil {
		return false, fmt.Errorf("accept delivery %s: %w", d.ID, err)
	}
	return fresh, nil
}

// Add stores work to be done, in one transaction: all of it, or on an error none.
func (q *Queue) Add(ctx context.Context, wanted ...work.Wanted) error {
	return q.write(ctx, func(ctx context.Context, tx store.Tx) error { return q.ask(ctx, tx, wanted) })
}

// AddDue is Add of what is to be done every so often: by whichever replica comes first, and by nobody else until it is due again.
// It tells whether it was this one.
func (q *Queue) AddDue(ctx context.Context, every time.Duration, wanted work.Wanted) (due bool, err error) {
	err = q.write(ctx, func(ctx context.Context, tx store.Tx) error {
		if due, err = tx.Due(ctx, wanted.Key.String(), every); err != nil || !due {
			return err
		}
		return q.ask(ctx, tx, []work.Wanted{wanted})
	})
	return due && err == nil, err
}

// pruneEvery is how often what is long gone is forgotten.
const pruneEvery = time.Hour

// Prune forgets old deliveries and keys, if that is due.
func (q *Queue) Prune(ctx context.Context) error {
	return q.store.Write(ctx, func(tx store.Tx) error {
		due, err := tx.Due(ctx, "prune", pruneEvery)
		if err != nil || !due {
			return err
		}
		return tx.Prune(ctx, time.Now())
	})
}

// write runs f in a transaction of the store, and after its commit wakes the workers of those queues for which f, in the context that it is
// given, has made a job due.
func (q *Queue) write(ctx context.Context, f func(ctx context.Context, tx store.Tx) error) error {
	due := &rings{}
	ctx = context.WithValue(ctx, ringsKey{}, due)
	err := q.store.Write(ctx, func(tx store.Tx) error { return f(ctx, tx) })
	if err == nil {
		q.bell.ring(due)
	}
	return err
}

// ask counts the askings and sees to it that each key has a job. A job that waits for its next attempt is due now,
// unless the work itself asked for the wait.
func (q *Queue) ask(ctx context.Context, tx store.Tx, wanted []work.Wanted) error {
	if len(wanted) == 0 {
		return nil
	}
	progress := make(map[work.Key]store.Progress, len(wanted))
	var jobs []river.InsertManyParams
	for _, w := range merge(wanted) {
		p, err := tx.Raise(ctx, w)
		if err != nil {
			return err
		}
		progress[w.Key] = p
		jobs = append(jobs, river.InsertManyParams{Args: look{w.Key}, InsertOpts: look{w.Key}.opts(ctx, p, p.NotBefore)})
	}
	results, err := q.client.InsertManyTx(ctx, tx, jobs)
	if err != nil {
		return fmt.Errorf("insert jobs: %w", err)
	}
	now := time.Now()
	for _, r := range results {
		if !r.UniqueSkippedAsDuplicate || r.Job.State == rivertype.JobStateRunning || !r.Job.ScheduledAt.After(now) {
			continue
		}
		var l look
		if err := json.Unmarshal(r.Job.EncodedArgs, &l); err != nil {
			return fmt.Errorf("read job %d: %w", r.Job.ID, err)
		}
		if progress[l.Key].NotBefore.After(now) {
			continue
		}
		if _, err := q.client.JobRetryTx(ctx, tx, r.Job.ID); err != nil {
			return fmt.Errorf("make job %d due: %w", r.Job.ID, err)
		}
		note(ctx, r.Job.Queue)
	}
	return nil
}

// merge gives each key once, in one order for everybody, so that two transactions cannot wait for each other.
func merge(wanted []work.Wanted) []work.Wanted {
	wanted = slices.Clone(wanted)
	slices.SortFunc(wanted, func(a, b work.Wanted) int { return cmp.Compare(a.Key.String(), b.Key.String()) })
	merged := wanted[:0]
	for _, w := range wanted {
		if n := len(merged); n > 0 && merged[n-1].Key == w.Key {
			merged[n-1].Anew = merged[n-1].Anew || w.Anew
			continue
		}
		merged = append(merged, w)
	}
	return merged
}

// look are the arguments of a job: what to look at, and nothing of what was seen. A job that is a duplicate keeps the
// arguments of the first, which are the same.
type look struct {
	Key work.Key `json:"key"`
}

// Kind is River's name of the job, written into its rows.
func (look) Kind() string { return "look" }

// unfinished are the states in which a job keeps another of the same key out.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

// InsertOpts are River's options for every job.
func (l look) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue:       queueOf(l.Key.Kind),
		Priority:    priority(l.Key.Kind),
		MaxAttempts: 10_000, // only failures of the database count here; see Config.MaxAttempts for those of the work
		UniqueOpts:  river.UniqueOpts{ByArgs: true, ByState: unfinished},
	}
}

// queueOf gives the queue of River's in which the work waits: what comes before merge groups in work.Kinds is production.
func queueOf(k work.Kind) string {
	if rank(k) < rank(work.MergeGroup) {
		return urgent
	}
	return other
}

// priority puts the order of work.Kinds on River's four priorities, 1 the most urgent: gates, verdicts, previews, sweeps.
func priority(k work.Kind) int {
	switch r := rank(k); {
	case r < rank(work.PullRequest):
		return 1
	case r <= rank(work.Preview):
		return 2
	case r < rank(work.Repository):
		return 3
	default:
		return 4
	}
}

// opts are River's options for the next job of a key whose progress is p, asked for in ctx and due at that moment. Of keys that have failed
// those come first that have failed the least: most of them have only met with bad luck.
func (l look) opts(ctx context.Context, p store.Progress, due time.Time) *river.InsertOpts {
	o := &river.InsertOpts{ScheduledAt: due, Metadata: metadata(ctx)}
	if p.Failures == 0 && p.Aside == "" {
		return o
	}
	o.Queue = again
	if queueOf(l.Key.Kind) == urgent {
		o.Queue = urgentAgain
	}
	switch {
	case p.Aside != "" || p.Failures > 8:
		o.Priority = 4
	case p.Failures > 4:
		o.Priority = 3
	default:
		o.Priority = min(p.Failures, 2)
	}
	return o
}

// rank is the place of a kind in work.Kinds; after all of them for one that is not there.
func rank(k work.Kind) int {
	if i := slices.Index(work.Kinds, k); i >= 0 {
		return i
	}
	return len(work.Kinds)
}

// startAvailable keeps jobs of the future out of the state "scheduled". River leaves that state every five seconds,
// and after a crash not for fifteen; an available job is simply not fetched before its time.
func startAvailable(ctx context.Context, job *rivertype.JobInsertParams) error {
	job.State = rivertype.JobStateAvailable
	note(ctx, job.Queue)
	return nil
}

// Waiting counts the keys that are worked on, wait for a worker, or are to be tried again.
func (q *Queue) Waiting(ctx context.Context) (int, error) {
	var n int
	err := q.store.DB().QueryRowContext(ctx, `SELECT COUNT(*) FROM river_job WHERE finalized_at IS NULL`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count waiting keys: %w", err)
	}
	return n, nil
}
