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
	mu    sync.Mutex
	lines map[K]*queued[V]
}

// queued are the question that is being asked and the one behind it, which is asked next; nil where nobody waits for one.
type queued[V any] struct{ now, next *question[V] }

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
			if l := t.lines[key]; l != nil && l.next == q {
				l.next = nil
			}
		}
		var none V
		return none, context.Cause(ctx)
	}
}

func (t *together[K, V]) join(ctx context.Context, key K, ask func(context.Context) (V, error)) *question[V] {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lines[key]
	if l != nil && l.next != nil {
		l.next.people++
		return l.next
	}
	q := &question[V]{ask: ask, people: 1, done: make(chan struct{})}
	q.ctx, q.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if l != nil {
		l.next = q
		return q
	}
	if t.lines == nil {
		t.lines = map[K]*queued[V]{}
	}
	t.lines[key] = &queued[V]{now: q}
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
		l := t.lines[key]
		if l.now, l.next = l.next, nil; l.now == nil {
			delete(t.lines, key)
		}
		q = l.now
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
