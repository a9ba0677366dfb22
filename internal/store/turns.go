package store

import (
	"context"
	"fmt"
	"time"
)

// TakeTurn gives the turn of that name to the replica, for that long at most, unless another one that lives, or itself, has it. It
// tells whether it did.
func (s *Store) TakeTurn(ctx context.Context, name, replica string, atMost time.Duration) (bool, error) {
	res, err := s.db.ExecContext(ctx, `INSERT INTO turns (name, replica, expires_at) VALUES ($1, $2, `+s.clock()+` + $3)
		ON CONFLICT (name) DO UPDATE SET replica = excluded.replica, expires_at = excluded.expires_at
		WHERE turns.expires_at <= `+s.clock()+` OR NOT EXISTS (SELECT 1 FROM replicas WHERE id = turns.replica AND replicas.expires_at > `+s.clock()+`)`,
		name, replica, atMost.Milliseconds())
	if err != nil {
		return false, fmt.Errorf("take the turn %s: %w", name, err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// KeepTurn lets the replica have the turn for that long from now on, if it has it.
func (s *Store) KeepTurn(ctx context.Context, name, replica string, atMost time.Duration) error {
	if _, err := s.db.ExecContext(ctx, `UPDATE turns SET expires_at = `+s.clock()+` + $3 WHERE name = $1 AND replica = $2`, name, replica, atMost.Milliseconds()); err != nil {
		return fmt.Errorf("keep the turn %s: %w", name, err)
	}
	return nil
}

// EndTurn gives the turn back, if the replica has it.
func (s *Store) EndTurn(ctx context.Context, name, replica string) error {
	if _, err := s.db.ExecContext(ctx, `DELETE FROM turns WHERE name = $1 AND replica = $2`, name, replica); err != nil {
		return fmt.Errorf("end the turn %s: %w", name, err)
	}
	return nil
}
