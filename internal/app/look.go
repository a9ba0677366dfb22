package app

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/github"
	"github.com/tamerhq/tamer/internal/metrics"
	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/rule"
	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/webhooks"
)

// newMetrics makes them, before what they look things up in is there.
func newMetrics(cfg Config, look *look) (*metrics.Metrics, error) {
	var rules []string
	for _, r := range rule.All {
		rules = append(rules, r.ID)
	}
	return metrics.New(metrics.Config{
		Version: Version(), Events: webhooks.Events(), Outcomes: queue.Outcomes, Rules: rules,
		Sinks: slices.Sorted(maps.Keys(cfg.Sinks)), Look: look,
	})
}

// A look tells the metrics how things stand.
type look struct {
	hub   *github.Client
	queue *queue.Queue
	store *store.Store
}

// Backlog implements metrics.Look.
func (l *look) Backlog(ctx context.Context) ([]metrics.Backlog, error) {
	all, err := l.queue.Backlog(ctx)
	told := make([]metrics.Backlog, len(all))
	for i, b := range all {
		told[i] = metrics.Backlog(b)
	}
	return told, err
}

// Budgets implements metrics.Look.
func (l *look) Budgets() []metrics.Budget {
	var told []metrics.Budget
	for _, b := range l.hub.Budgets() {
		told = append(told, metrics.Budget(b))
	}
	return told
}

// Standings implements metrics.Look.
func (l *look) Standings(ctx context.Context) ([]metrics.Standing, error) {
	notes, err := l.store.Notes(ctx, flow.StandingNote)
	var told []metrics.Standing
	for _, note := range notes {
		for sink, s := range flow.ReadStandings(note) {
			one := metrics.Standing{Sink: sink, Held: s.Held, Stays: s.Stays}
			if !s.Since.IsZero() {
				one.Behind = time.Since(s.Since)
			}
			told = append(told, one)
		}
	}
	slices.SortFunc(told, func(a, b metrics.Standing) int { return cmp.Compare(a.Sink, b.Sink) })
	return told, err
}
