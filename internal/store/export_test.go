package store

import (
	"context"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// SetMaxFacts sets the bound of all facts together, in bytes.
func (s *Store) SetMaxFacts(limit int64) { s.facts.limit = limit }

// FactsAt is Facts at a moment.
func (s *Store) FactsAt(ctx context.Context, repo forge.Repo, now time.Time) *Facts {
	f := s.Facts(ctx, repo)
	f.now = func() time.Time { return now }
	return f
}
