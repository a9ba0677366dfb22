package mirror

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// together lets those who ask the same at one time share the answer to one question. Nobody is given the answer to a question that was
// asked before they came: what has changed by then they must see.
type together[K comparable, V any] struct {
	mu   sync.Mutex
	next map[K]*question[V] // behind the one that is being asked; nil where nobody waits for another one
}

type question[V any] struct {
	ask    func(context.Context) (V, error)
	ctx    context.Context // that of the first who asks, without its end
	cancel context.CancelFunc
	people int // who wait for it: without any it is given up
	done   chan struct{}
	answer V
	err    error
}

// do gives the answer of ask, or of that of somebody who came meanwhile. It ends with ctx, and the question with the last who waits for it.
func (t *together[K, V]) do(ctx context.Context, key K, ask func(context.Context) (V, error)) (V, error) {
	q := t.join(ctx, key, ask)
	select {
	case <-q.done:
		return q.answer, q.err
	case <-ctx.Done():
		t.mu.Lock()
		defer t.mu.Unlock()
		if q.people--; q.people == 0 {
			q.cancel()
			if t.next[key] == q {
				t.next[key] = nil
			}
		}
		var none V
		return none, context.Cause(ctx)
	}
}

func (t *together[K, V]) join(ctx context.Context, key K, ask func(context.Context) (V, error)) *question[V] {
	t.mu.Lock()
	defer t.mu.Unlock()
	next, asking := t.next[key]
	if next != nil {
		next.people++
		return next
	}
	q := &question[V]{ask: ask, people: 1, done: make(chan struct{})}
	q.ctx, q.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if asking {
		t.next[key] = q
		return q
	}
	if t.next == nil {
		t.next = map[K]*question[V]{}
	}
	t.next[key] = nil
	go t.run(key, q)
	return q
}

// run asks a question, and then those that have queued up behind it.
func (t *together[K, V]) run(key K, q *question[V]) {
	for q != nil {
		q.answer, q.err = q.safely()
		q.cancel()
		close(q.done)
		t.mu.Lock()
		if q = t.next[key]; q == nil {
			delete(t.next, key)
		} else {
			t.next[key] = nil
		}
		t.mu.Unlock()
	}
}

// safely makes a panic an error: nobody else is there to catch it.
func (q *question[V]) safely() (answer V, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return q.ask(q.ctx)
}
