package app

import (
	"context"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/work"
	"github.com/tamerhq/tamer/webhooks"
)

// missedPerSweep is how many sweeps go by from one look for missed webhooks to the next.
const missedPerSweep = 5

// A chore is work that nobody tells of: it is asked for every so often.
type chore struct {
	wanted work.Wanted
	every  time.Duration
}

func chores(sweep time.Duration) []chore {
	return []chore{
		{work.Wanted{Key: work.Key{Kind: work.Missed}}, missedPerSweep * sweep},
		{work.Wanted{Key: work.Key{Kind: work.Sweep}}, sweep},
	}
}

// periodic asks for the chores at once and then at their intervals, until ctx ends. Of several replicas the first one to see that
// one is due asks for it.
func (s *Server) periodic(ctx context.Context, sweep time.Duration) {
	defer close(s.idle)
	tick := time.NewTicker(max(sweep/work.LooksPerSweep, time.Millisecond))
	defer tick.Stop()
	for starting := true; ; starting = false {
		for _, c := range chores(sweep) {
			due, err := s.queue.AddDue(ctx, c.every, c.wanted)
			if starting && !due && err == nil {
				err = s.queue.Add(ctx, c.wanted)
			}
			if err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "periodic work not stored", "key", c.wanted.Key.String(), "error", err)
			}
		}
		if err := s.queue.Prune(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "what is old not forgotten", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// handler hands each key to those who work on it.
func handler(flows *flow.Flow, missed *webhooks.Missed) queue.Handler {
	return func(ctx context.Context, t work.Task) (work.State, error) {
		if t.Key.Kind == work.Missed {
			_, err := missed.Look(ctx)
			return "", err
		}
		return flows.Handle(ctx, t)
	}
}
