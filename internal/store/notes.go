package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// Recall gives what was remembered under the name for the repository; nil where nothing was.
func (s *Store) Recall(ctx context.Context, repo forge.Repo, name string) ([]byte, error) {
	var text []byte
	err := s.db.QueryRowContext(ctx, `SELECT value FROM notes WHERE installation = $1 AND repository = $2 AND name = $3`,
		repo.Installation, repo.ID, name).Scan(&text)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("recall %s of %s: %w", name, repo, err)
	}
	return text, nil
}

// watched is for how long the notes of a repository are told after the sweep has met it last.
const watched = 24 * time.Hour

// Notes gives what is remembered under the name for each repository that the sweep still meets.
func (s *Store) Notes(ctx context.Context, name string) (map[forge.Repo][]byte, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT r.installation, r.id, r.owner, r.name, n.value FROM notes n
		JOIN repositories r ON r.installation = n.installation AND r.id = n.repository
		JOIN keys k ON k.kind = $1 AND k.installation = n.installation AND k.repository = n.repository
		WHERE n.name = $2 AND k.touched_at > `+s.clock()+` / 1000 - $3`, work.Repository, name, int64(watched.Seconds()))
	if err != nil {
		return nil, fmt.Errorf("recall %s of all repositories: %w", name, err)
	}
	defer rows.Close()
	all := map[forge.Repo][]byte{}
	for rows.Next() {
		var r forge.Repo
		var text []byte
		if err := rows.Scan(&r.Installation, &r.ID, &r.Owner, &r.Name, &text); err != nil {
			return nil, fmt.Errorf("recall %s of all repositories: %w", name, err)
		}
		all[r] = text
	}
	return all, rows.Err()
}

// Remember replaces what is remembered under the name for the repository; not for a key that is not held any more.
func (s *Store) Remember(ctx context.Context, repo forge.Repo, name string, text []byte) error {
	if err := work.Held(ctx); err != nil {
		return fmt.Errorf("remember %s of %s: %w", name, repo, err)
	}
	_, err := s.db.ExecContext(ctx, `INSERT INTO notes (installation, repository, name, value) VALUES ($1, $2, $3, $4)
		ON CONFLICT (installation, repository, name) DO UPDATE SET value = excluded.value`, repo.Installation, repo.ID, name, nonNil(text))
	if err != nil {
		return fmt.Errorf("remember %s of %s: %w", name, repo, err)
	}
	return nil
}
