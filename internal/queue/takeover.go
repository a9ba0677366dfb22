package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"github.com/tamerhq/tamer/internal/store"
)

// orphaned is after what time a job is taken back that runs under this replica's name, but is not in its hands: as when the
// database did not answer at its end. A job is in hand milliseconds after River has taken it.
const orphaned = 15 * time.Second

// A dialect is what River's tables are asked in: the same columns in two forms.
type dialect struct {
	args, holder, age, now string
}

func dialectOf(s *store.Store) dialect {
	if s.Shared() {
		return dialect{args: `args::text`, holder: `COALESCE(attempted_by[array_upper(attempted_by, 1)], '')`,
			age: `COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - attempted_at), 0)::float8`, now: `now()`}
	}
	return dialect{args: `CAST(json(args) AS text)`, holder: `COALESCE(json_extract(attempted_by, '$[#-1]'), '')`,
		age: `COALESCE((julianday('now') - julianday(attempted_at)) * 86400, 0)`, now: `strftime('%Y-%m-%d %H:%M:%f', 'now')`}
}

// A running is a job that runs, as the database says.
type running struct {
	id       int64
	key      look
	queue    string
	priority int
	holder   string
	age      time.Duration // since it was taken
}

func (q *Queue) running(ctx context.Context) (all []running, err error) {
	d := dialectOf(q.store)
	rows, err := q.store.DB().QueryContext(ctx, `SELECT id, `+d.args+`, queue, priority, `+d.holder+`, `+d.age+` FROM river_job WHERE state = 'running' ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read running jobs: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r running
		var args string
		var age float64
		if err := rows.Scan(&r.id, &args, &r.queue, &r.priority, &r.holder, &age); err != nil {
			return nil, fmt.Errorf("read running jobs: %w", err)
		}
		if err := json.Unmarshal([]byte(args), &r.key); err != nil {
			return nil, fmt.Errorf("read running job %d: %w", r.id, err)
		}
		r.age = time.Duration(age * float64(time.Second))
		all = append(all, r)
	}
	return all, rows.Err()
}

// takeOver makes the keys that dead replicas had in their hands available to all, and gives how many. At the start, nothing can be
// in this one's own hands.
func (q *Queue) takeOver(ctx context.Context, starting bool) (int, error) {
	all, err := q.running(ctx)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	alive := []string{q.lease.replica}
	if q.store.Shared() {
		if alive, err = q.store.Replicas(ctx); err != nil {
			return 0, err
		}
	}
	taken := 0
	var errs []error
	for _, r := range all {
		mine := r.holder == q.lease.replica
		if slices.Contains(alive, r.holder) && !(mine && !q.lease.holds(r.id) && (starting || r.age > orphaned)) {
			continue
		}
		if err := q.replace(ctx, r); err != nil {
			errs = append(errs, fmt.Errorf("take over %s from %s: %w", r.key.Key, r.holder, err))
			continue
		}
		taken++
		q.log.WarnContext(ctx, "key taken over", "job", r.id, "key", r.key.Key.String(), "from", r.holder)
	}
	return taken, errors.Join(errs...)
}

// replace ends a job that nobody works on, and puts another one in its place. A job is never handed on itself: so whoever had it,
// and wakes up, finds it ended.
func (q *Queue) replace(ctx context.Context, r running) error {
	return q.write(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.Wanted(ctx, r.key.Key); err != nil { // waits for whoever ends it right now
			return err
		}
		res, err := tx.ExecContext(ctx, `UPDATE river_job SET state = 'cancelled', finalized_at = `+dialectOf(q.store).now+`
			WHERE id = $1 AND state = 'running'`, r.id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		due := time.Now()
		if r.holder != q.lease.replica { // who is not asked has died
			p, err := tx.Killed(ctx, r.key.Key)
			if err != nil {
				return err
			}
			due = AfterDeath(p, due, rand.Float64())
		}
		_, err = q.client.InsertTx(ctx, tx, r.key, &river.InsertOpts{ScheduledAt: due, Queue: r.queue, Priority: r.priority})
		return err
	})
}

// stillOurs tells whether the job is one that runs. The transaction must have locked its key.
func stillOurs(ctx context.Context, tx store.Tx, job int64) error {
	var state string
	if err := tx.QueryRowContext(ctx, `SELECT state FROM river_job WHERE id = $1`, job).Scan(&state); err != nil {
		return fmt.Errorf("read job %d: %w", job, err)
	}
	if state != "running" {
		return errLost
	}
	return nil
}

// keep shows that this replica lives, and takes over from those that do not, until ctx ends.
func (q *Queue) keep(ctx context.Context) {
	defer close(q.kept)
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := q.beat(ctx); err != nil && ctx.Err() == nil {
			q.log.ErrorContext(ctx, "replica not heard of", "replica", q.lease.replica, "error", err)
		}
	}
}

// beat is one round of keep. It ends before the lease does.
func (q *Queue) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	if err := q.lease.beat(ctx, q.store); err != nil {
		return err
	}
	if _, err := q.takeOver(ctx, false); err != nil {
		return err
	}
	return q.adopt(ctx)
}
