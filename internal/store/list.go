package store

import (
	"context"
	"fmt"

	"github.com/tamerhq/tamer/internal/forge"
)

// Repositories gives all that are known, sorted by their names.
func (s *Store) Repositories(ctx context.Context) ([]forge.Repo, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT installation, id, owner, name FROM repositories ORDER BY owner, name, installation`)
	if err != nil {
		return nil, fmt.Errorf("list repositories: %w", err)
	}
	defer rows.Close()
	var all []forge.Repo
	for rows.Next() {
		var r forge.Repo
		if err := rows.Scan(&r.Installation, &r.ID, &r.Owner, &r.Name); err != nil {
			return nil, fmt.Errorf("list repositories: %w", err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list repositories: %w", err)
	}
	return all, nil
}
