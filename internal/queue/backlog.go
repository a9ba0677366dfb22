package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

// A Backlog is how the keys of one kind stand.
type Backlog struct {
	Kind    work.Kind
	Running int           // worked on now
	Waiting int           // due, and in nobody's hands
	Later   int           // not due yet: after a failure, or because GitHub asked for a wait
	Oldest  time.Duration // since when the oldest that waits is due
	Failing int           // their last attempt has failed, and another one will be made
	Aside   int           // have failed too often, and wait to be asked for again
}

// Backlog counts the keys of each kind in the database, those of all replicas. Kinds of which there is nothing are left out.
func (q *Queue) Backlog(ctx context.Context) ([]Backlog, error) {
	kinds := map[work.Kind]*Backlog{}
	at := func(k work.Kind) *Backlog {
		if kinds[k] == nil {
			kinds[k] = &Backlog{Kind: k}
		}
		return kinds[k]
	}
	if err := q.countJobs(ctx, at); err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	if err := q.countKeys(ctx, at); err != nil {
		return nil, fmt.Errorf("count keys: %w", err)
	}
	var all []Backlog
	for _, k := range work.Kinds {
		if b := kinds[k]; b != nil {
			all = append(all, *b)
		}
	}
	return all, nil
}

// countJobs counts what runs and waits.
func (q *Queue) countJobs(ctx context.Context, at func(work.Kind) *Backlog) error {
	due := `(julianday('now') - julianday(scheduled_at)) * 86400` // of SQLite
	kind := `json_extract(args, '$.key.kind')`
	if q.store.Shared() {
		due, kind = `EXTRACT(EPOCH FROM clock_timestamp() - scheduled_at)::float8`, `args->'key'->>'kind'`
	}
	rows, err := q.store.DB().QueryContext(ctx, `
		SELECT kind, CASE WHEN state = 'running' THEN 0 WHEN due >= 0 THEN 1 ELSE 2 END AS place, COUNT(*), MAX(due)
		FROM (SELECT `+kind+` AS kind, state, `+due+` AS due FROM river_job WHERE finalized_at IS NULL) AS jobs
		GROUP BY 1, 2`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k work.Kind
		var place, n int
		var age float64
		if err := rows.Scan(&k, &place, &n, &age); err != nil {
			return err
		}
		switch b := at(k); place {
		case 0:
			b.Running = n
		case 1:
			b.Waiting, b.Oldest = n, time.Duration(age*float64(time.Second))
		default:
			b.Later = n
		}
	}
	return rows.Err()
}

// countKeys counts what has failed.
func (q *Queue) countKeys(ctx context.Context, at func(work.Kind) *Backlog) error {
	rows, err := q.store.DB().QueryContext(ctx, `
		SELECT kind, SUM(CASE WHEN failures > 0 THEN 1 ELSE 0 END), SUM(CASE WHEN aside <> '' THEN 1 ELSE 0 END)
		FROM keys WHERE failures > 0 OR aside <> '' GROUP BY kind`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k work.Kind
		var failing, aside int
		if err := rows.Scan(&k, &failing, &aside); err != nil {
			return err
		}
		at(k).Failing, at(k).Aside = failing, aside
	}
	return rows.Err()
}
