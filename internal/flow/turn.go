package flow

import (
	"context"
	"fmt"
	"sync"

	"github.com/tamerhq/tamer/internal/forge"
)

// inTurn waits until nobody else does for the repository what name stands for, in this process or another, and keeps them from it until
// done is called. Who calls it within a turn must not be waited for by those who have the other one.
func (f *Flow) inTurn(ctx context.Context, repo forge.Repo, name string) (done func(), err error) {
	name = fmt.Sprintf("%d/%d/%s", repo.Installation, repo.ID, name)
	here, err := f.turns.take(ctx, name)
	if err != nil {
		return nil, err
	}
	everywhere, err := f.Turn(ctx, name)
	if err != nil {
		here()
		return nil, err
	}
	return func() { everywhere(); here() }, nil
}

// inTurnDo does something in its turn.
func (f *Flow) inTurnDo(ctx context.Context, repo forge.Repo, name string, do func() error) error {
	done, err := f.inTurn(ctx, repo, name)
	if err != nil {
		return err
	}
	defer done()
	return do()
}

// turns lets one worker at a time do what a name stands for. The zero value is ready.
type turns struct {
	mu  sync.Mutex
	all map[string]*turn
}

type turn struct {
	taken chan struct{} // holds one while somebody has it
	users int           // who have it or wait for it
}

// take waits for the turn; done gives it back.
func (t *turns) take(ctx context.Context, name string) (done func(), err error) {
	mine := t.enter(name)
	select {
	case mine.taken <- struct{}{}:
		return func() { <-mine.taken; t.leave(name) }, nil
	case <-ctx.Done():
		t.leave(name)
		return nil, context.Cause(ctx)
	}
}

func (t *turns) enter(name string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[string]*turn{}
	}
	if t.all[name] == nil {
		t.all[name] = &turn{taken: make(chan struct{}, 1)}
	}
	t.all[name].users++
	return t.all[name]
}

func (t *turns) leave(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all[name].users--; t.all[name].users == 0 {
		delete(t.all, name)
	}
}
