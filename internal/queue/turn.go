package queue

import (
	"context"
	"time"
)

const (
	// turnFor is for how long a replica that lives keeps a turn at most: longer than a few calls of GitHub take. It only matters where a
	// turn could not be given back.
	turnFor = 2 * time.Minute
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
			return func() { q.endTurn(ctx, name) }, nil
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// endTurn gives the turn back, also when the time of the work is over. One that cannot be given back runs out.
func (q *Queue) endTurn(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	if err := q.store.EndTurn(ctx, name, q.lease.replica); err != nil {
		q.log.WarnContext(ctx, "turn not given back", "name", name, "error", err)
	}
}
