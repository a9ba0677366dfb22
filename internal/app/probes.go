package app

import (
	"context"
	"errors"

	"github.com/tamerhq/tamer/internal/github"
)

// probes are what readiness rests on, and what is told beside it.
func (s *Server) probes(hub *github.Client) []probe {
	return []probe{
		{name: "database", look: func(ctx context.Context) error {
			if err := s.store.DB().PingContext(ctx); err != nil {
				return errors.New("the database does not answer") // an error of the driver's may name what only the settings should
			}
			return nil
		}},
		{name: "queue", told: true, look: s.queue.Alive},
		{name: "github", told: true, look: func(context.Context) error { return hub.Open() }},
	}
}
