package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

// The two databases' own clocks in Unix milliseconds. Moments that processes compare with each other's are taken from there, for
// their machines' clocks differ.
const (
	sqliteClock   = `CAST(unixepoch('subsec') * 1000 AS INTEGER)`
	postgresClock = `CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint)`
)

func (s *Store) clock() string {
	if s.Shared() {
		return postgresClock
	}
	return sqliteClock
}

// Join says that the replica lives for as long as lease from now on, whatever was said of it before.
func (s *Store) Join(ctx context.Context, replica string, lease time.Duration) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO replicas (id, expires_at) VALUES ($1, `+s.clock()+` + $2)
		ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at`, replica, lease.Milliseconds())
	if err != nil {
		return fmt.Errorf("join as replica %s: %w", replica, err)
	}
	return nil
}

// Renew prolongs the life of a replica. It tells whether it could: one whose time is over stays dead until it joins again, for its
// work may be in other hands.
func (s *Store) Renew(ctx context.Context, replica string, lease time.Duration) (alive bool, err error) {
	res, err := s.db.ExecContext(ctx, `UPDATE replicas SET expires_at = `+s.clock()+` + $2 WHERE id = $1 AND expires_at > `+s.clock(),
		replica, lease.Milliseconds())
	if err != nil {
		return false, fmt.Errorf("renew lease of replica %s: %w", replica, err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Leave says that the replica runs nothing any more.
func (s *Store) Leave(ctx context.Context, replica string) error {
	if _, err := s.db.ExecContext(ctx, `DELETE FROM replicas WHERE id = $1 OR expires_at < `+s.clock(), replica); err != nil {
		return fmt.Errorf("leave as replica %s: %w", replica, err)
	}
	return nil
}

// Replicas gives those that live.
func (s *Store) Replicas(ctx context.Context) (ids []string, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id FROM replicas WHERE expires_at > `+s.clock()+` ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read replicas: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("read replicas: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Due tells whether what is done every so often is due; whoever is told so does it, and nobody else until it is due again.
func (tx Tx) Due(ctx context.Context, name string, every time.Duration) (bool, error) {
	res, err := tx.ExecContext(ctx, `INSERT INTO periodic (name, due_at) VALUES ($1, `+tx.clock+` + $2)
		ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at WHERE periodic.due_at <= `+tx.clock, name, every.Milliseconds())
	if err != nil {
		return false, fmt.Errorf("ask whether %s is due: %w", name, err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// How long what nobody asks for is remembered.
const (
	// A day more than the longest time in which a delivery can come again. Source: docs.github.com, "Redelivering webhooks": 3
	// days, on GitHub Enterprise Server 7.
	keepDeliveries = 8 * 24 * time.Hour
	// The sweep asks for a key that was forgotten, where it still means something: one more look.
	keepKeys = 60 * 24 * time.Hour
)

// Prune forgets deliveries that are too old to come again, and keys that nobody has asked for in a long time.
func (tx Tx) Prune(ctx context.Context, now time.Time) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM deliveries WHERE received_at < $1`, now.Add(-keepDeliveries).Unix()); err != nil {
		return fmt.Errorf("forget old deliveries: %w", err)
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM keys WHERE touched_at < $1 AND done >= wanted`, now.Add(-keepKeys).Unix())
	if err != nil {
		return fmt.Errorf("forget old keys: %w", err)
	}
	return nil
}

// An Aside is a key that was set aside because its work kept failing.
type Aside struct {
	Key work.Key
	Ref string // what the log calls the last attempt
}

// Asides gives the keys that are set aside, in the order of their names.
func (s *Store) Asides(ctx context.Context) (all []Aside, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT kind, installation, repository, number, name, aside FROM keys WHERE aside <> '' ORDER BY key`)
	if err != nil {
		return nil, fmt.Errorf("read keys that are set aside: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var a Aside
		if err := rows.Scan(&a.Key.Kind, &a.Key.Installation, &a.Key.Repository, &a.Key.Number, &a.Key.Name, &a.Ref); err != nil {
			return nil, fmt.Errorf("read keys that are set aside: %w", err)
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// ClosedUntil gives the moment until which GitHub wants no calls on behalf of the installation; zero for none.
func (s *Store) ClosedUntil(ctx context.Context, installation int64) (time.Time, error) {
	var ms int64
	err := s.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(closed_until), 0) FROM limits WHERE installation = $1`, installation).Scan(&ms)
	if err != nil || ms == 0 {
		return time.Time{}, err
	}
	return time.UnixMilli(ms), nil
}

// CloseUntil notes that GitHub wants no calls on behalf of the installation until then. A later moment that was noted stays.
func (s *Store) CloseUntil(ctx context.Context, installation int64, until time.Time) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO limits (installation, closed_until) VALUES ($1, $2)
		ON CONFLICT (installation) DO UPDATE SET closed_until = excluded.closed_until WHERE excluded.closed_until > limits.closed_until`,
		installation, until.UnixMilli())
	if err != nil {
		return fmt.Errorf("note the limit of installation %d: %w", installation, err)
	}
	return nil
}
