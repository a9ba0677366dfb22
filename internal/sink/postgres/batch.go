package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tamerhq/tamer/internal/sink"
)

// channels is where channels lie; who listens is told of each write there.
const channels = ".tamer/channels/"

// tries is how often a batch is begun anew that PostgreSQL ended in favour of another.
const tries = 4

// Batch implements sink.Batcher: one transaction, that does every step or none.
func (s *Sink) Batch(ctx context.Context, steps []sink.Step) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	steps = slices.SortedFunc(slices.Values(steps), func(a, b sink.Step) int { return cmp.Compare(a.Key, b.Key) }) // two batches wait for each other in one order only
	for try := 1; ; try++ {
		err := s.transact(ctx, steps)
		if state(err) == "40P01" && try < tries { // a deadlock, with somebody else's transaction
			continue
		}
		if err != nil && !errors.Is(err, sink.ErrConflict) {
			return fmt.Errorf("write %d objects: %w", len(steps), s.explain(err))
		}
		return err
	}
}

func (s *Sink) transact(ctx context.Context, steps []sink.Step) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for part := range slices.Chunk(steps, page) {
			if err := s.send(ctx, tx, part); err != nil {
				return err
			}
		}
		return nil
	})
}

// send does steps in one exchange with the server.
func (s *Sink) send(ctx context.Context, tx pgx.Tx, steps []sink.Step) error {
	var batch pgx.Batch
	batch.Queue("SET LOCAL synchronous_commit TO on") // whatever the database's default: what is written stays
	for _, step := range steps {
		s.queue(&batch, step)
	}
	results := tx.SendBatch(ctx, &batch)
	_, err := results.Exec()
	for _, step := range steps {
		if err != nil {
			break
		}
		tag, failed := results.Exec()
		if err = failed; err == nil && !step.Delete && tag.RowsAffected() == 0 {
			err = fmt.Errorf("object %q: %w", step.Key, sink.ErrConflict)
		}
		if err == nil && tells(step) {
			_, err = results.Exec()
		}
	}
	return errors.Join(err, results.Close())
}

func (s *Sink) queue(batch *pgx.Batch, step sink.Step) {
	body, v := step.Body, version(step.Body)
	if body == nil {
		body = []byte{}
	}
	was, conditional := step.Cond.Version()
	switch {
	case step.Delete:
		batch.Queue("DELETE FROM "+s.table+" WHERE key = $1", step.Key)
	case conditional:
		batch.Queue("UPDATE "+s.table+" SET body = $2, version = $3, written_at = clock_timestamp() WHERE key = $1 AND version = $4", step.Key, body, v, was)
	case step.Cond.Absent():
		batch.Queue("INSERT INTO "+s.table+" (key, body, version) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING", step.Key, body, v)
	default:
		batch.Queue("INSERT INTO "+s.table+" (key, body, version) VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET body = excluded.body, version = excluded.version, written_at = excluded.written_at",
			step.Key, body, v)
	}
	if tells(step) {
		batch.Queue("SELECT pg_notify($1, $2)", s.cfg.Schema, strings.TrimSuffix(strings.TrimPrefix(step.Key, channels), ".json"))
	}
}

// tells whether who listens is told of the step.
func tells(step sink.Step) bool { return strings.HasPrefix(step.Key, channels) }
