package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

// An Unfinished is a key that is not dealt with.
type Unfinished struct {
	Key      work.Key
	Running  bool
	Aside    bool          // it has failed too often, and waits to be asked for again
	Failures int           // in a row; 0 for one that is set aside
	Since    time.Duration // how long it runs, or is due; below zero where it is not due yet, and 0 for one that is set aside
}

// Unfinished gives keys that are worked on, wait, or were set aside, at most limit of either: what runs first, then what is due longest.
func (q *Queue) Unfinished(ctx context.Context, limit int) ([]Unfinished, error) {
	all, err := q.jobs(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	failures, aside, err := q.failing(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list keys that fail: %w", err)
	}
	for i := range all {
		all[i].Failures = failures[all[i].Key]
	}
	return append(all, aside...), nil
}

func (q *Queue) jobs(ctx context.Context, limit int) ([]Unfinished, error) {
	began := `CASE WHEN state = 'running' THEN attempted_at ELSE scheduled_at END`
	args, since := `json(args)`, `(julianday('now') - julianday(`+began+`)) * 86400` // of SQLite
	if q.store.Shared() {
		args, since = `args::text`, `EXTRACT(EPOCH FROM clock_timestamp() - (`+began+`))::float8`
	}
	rows, err := q.store.DB().QueryContext(ctx, `
		SELECT `+args+`, CASE WHEN state = 'running' THEN 1 ELSE 0 END, `+since+` FROM river_job
		WHERE finalized_at IS NULL ORDER BY 2 DESC, 3 DESC LIMIT $1`, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Unfinished
	for rows.Next() {
		var text []byte
		var running int
		var seconds float64
		if err := rows.Scan(&text, &running, &seconds); err != nil {
			return nil, err
		}
		var l look
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, fmt.Errorf("read a job: %w", err)
		}
		all = append(all, Unfinished{Key: l.Key, Running: running == 1, Since: time.Duration(seconds * float64(time.Second))})
	}
	return all, rows.Err()
}

// failing gives how often keys have failed, and those that were set aside.
func (q *Queue) failing(ctx context.Context, limit int) (failures map[work.Key]int, aside []Unfinished, err error) {
	rows, err := q.store.DB().QueryContext(ctx, `
		SELECT kind, installation, repository, number, name, failures, CASE WHEN aside <> '' THEN 1 ELSE 0 END FROM keys
		WHERE failures > 0 OR aside <> '' ORDER BY touched_at DESC LIMIT $1`, limit)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	failures = map[work.Key]int{}
	for rows.Next() {
		var u Unfinished
		var given int
		if err := rows.Scan(&u.Key.Kind, &u.Key.Installation, &u.Key.Repository, &u.Key.Number, &u.Key.Name, &u.Failures, &given); err != nil {
			return nil, nil, err
		}
		failures[u.Key] = u.Failures
		if u.Aside = given == 1; u.Aside {
			aside = append(aside, u)
		}
	}
	return failures, aside, rows.Err()
}
