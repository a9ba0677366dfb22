package queue

import (
	"context"
	"sync"
	"time"
)

const (
	// turnFor is for how long a replica that lives has a turn without saying again that it needs it, which it does each turnKept. It only
	// matters where a turn could not be given back.
	turnFor  = 2 * time.Minute
	turnKept = turnFor / 4
	// How long a replica waits before it asks for a turn again.
	firstAsk = 20 * time.Millisecond
	lastAsk  = 500 * time.Millisecond
)

// Turn waits until no other replica does what name stands for, and keeps them from it until done is called: callers within this process
// take care of each other. The turn of a replica that has died is over.
//
// A replica that was stopped meanwhile, and has lost its turn, has lost its lease too: work.Held keeps it from going on.
func (q *Queue) Turn(ctx context.Context, name string) (done func(), err error) {
	if !q.store.Shared() {
		return func() {}, nil
	}
	for wait := firstAsk; ; wait = min(2*wait, lastAsk) {
		mine, err := q.store.TakeTurn(ctx, name, q.lease.replica, turnFor)
		if err != nil {
			return nil, err
		}
		if mine {
			stop := q.keepTurn(ctx, name)
			return func() { stop(); q.endTurn(ctx, name) }, nil
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// keepTurn keeps the turn, however long the work takes, until stop is called or the time of the work is over.
func (q *Queue) keepTurn(ctx context.Context, name string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		for {
			select {
			case <-time.After(turnKept):
			case <-ctx.Done():
				return
			}
			if err := q.store.KeepTurn(ctx, name, q.lease.replica, turnFor); err != nil && ctx.Err() == nil {
				q.log.WarnContext(ctx, "turn not kept", "name", name, "error", err)
			}
		}
	})
	return func() { cancel(); done.Wait() }
}

// endTurn gives the turn back, also when the time of the work is over. One that cannot be given back runs out.
func (q *Queue) endTurn(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	if err := q.store.EndTurn(ctx, name, q.lease.replica); err != nil {
		q.log.WarnContext(ctx, "turn not given back", "name", name, "error", err)
	}
}
