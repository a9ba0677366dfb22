package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tamerhq/tamer/internal/forge"
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

// Remember replaces what is remembered under the name for the repository.
func (s *Store) Remember(ctx context.Context, repo forge.Repo, name string, text []byte) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO notes (installation, repository, name, value) VALUES ($1, $2, $3, $4)
		ON CONFLICT (installation, repository, name) DO UPDATE SET value = excluded.value`, repo.Installation, repo.ID, name, nonNil(text))
	if err != nil {
		return fmt.Errorf("remember %s of %s: %w", name, repo, err)
	}
	return nil
}
