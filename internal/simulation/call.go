package simulation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

// A party is whom a worker calls.
type party string

const (
	forgeParty party = "github"
	gitParty   party = "git"
	dataParty  party = "database"
	sinkParty  party = "store"
)

// A call is one that a worker has made, and that the scheduler has not let happen yet. While all workers wait for their calls nothing
// moves; then one call is let go, and all that follows from it happens before the next.
type call struct {
	attempt *attempt
	party   party
	what    string // for the trace, and for the order of calls that are made at once
	write   bool
	answer  chan outcome
}

// An outcome is what becomes of a call. The zero outcome is that it does what it should.
type outcome struct {
	fails error // and nothing has happened
	lost  error // it has happened, and the caller does not hear so
	half  int   // of a batch of steps that fails: how many have been done
}

var (
	errKilled = errors.New("this process has been killed")
	errDown   = errors.New("it does not answer")
	errLost   = errors.New("the answer was lost")
	errStale  = errors.New("another replica may have taken over")
)

// call waits until the scheduler lets the call happen, and then has it happen, all at once. A worker whose process is dead has no effect
// any more, and only comes to its end.
func (r *run) call(ctx context.Context, to party, write bool, what string, effect func(outcome) error) error {
	a := attemptOf(ctx)
	if a == nil { // the door, which the scheduler itself goes through
		return effect(outcome{})
	}
	if a.replica.dead {
		return errKilled
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	c := &call{attempt: a, party: to, what: what, write: write, answer: make(chan outcome, 1)}
	r.mu.Lock()
	r.parked = append(r.parked, c)
	r.mu.Unlock()
	o := <-c.answer
	switch {
	case a.replica.dead:
		return errKilled
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case to == forgeParty && r.hub.closed().After(r.now()):
		return work.After(r.hub.closed().Sub(r.now()), fmt.Errorf("%s: GitHub asked for no calls", what))
	case to == forgeParty && write && a.check() != nil:
		return a.check()
	case o.fails != nil && o.half == 0:
		return fmt.Errorf("%s: %w", what, o.fails)
	}
	if err := r.outage.ask(ctx, to, write); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := effect(o); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := cmp.Or(o.fails, o.lost); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// do is call for an effect that cannot be half done.
func (r *run) do(ctx context.Context, to party, write bool, what string, effect func() error) error {
	return r.call(ctx, to, write, what, func(outcome) error { return effect() })
}

// read is call for what changes nothing.
func read[T any](ctx context.Context, r *run, to party, what string, get func() (T, error)) (got T, err error) {
	err = r.do(ctx, to, false, what, func() error { got, err = get(); return err })
	return got, err
}

func (r *run) now() time.Time { return time.Now() } // the bubble's, which stands still unless the scheduler lets it go on

// An attempt is a key in the hands of a worker.
type attempt struct {
	number  int
	replica *replica
	job     *job
	task    work.Task
	term    int // of the replica's lease
	seen    sight
}

type attemptKey struct{}

func attemptOf(ctx context.Context) *attempt {
	a, _ := ctx.Value(attemptKey{}).(*attempt)
	return a
}

// check tells whether the attempt may be another replica's by now.
func (a *attempt) check() error {
	if a.term != a.replica.term || a.replica.over() {
		return errStale
	}
	return nil
}
