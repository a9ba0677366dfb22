package sink

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/tamerhq/tamer/internal/trace"
)

// Fenced gives the sink, but that it writes and deletes only while held gives nil for the context of the call: whoever has lost
// what it works on must not go on. A write that is under way is not called back; conditions keep it from harm. Each request is
// recorded as a stage. Errors of the sink come in words for everybody, and failed is told of what led to them.
func Fenced(s Sink, held func(context.Context) error, failed func(context.Context, error)) Sink {
	f := fenced{s, held, failed}
	if b, ok := s.(Batcher); ok {
		return fencedBatcher{f, b}
	}
	return f
}

type fenced struct {
	Sink
	held   func(context.Context) error
	failed func(context.Context, error)
}

// ErrFenced says that who wants to write has lost what it works on.
var ErrFenced = errors.New("somebody else may be at work here")

type lateKey struct{}

// lateFor is how long who has lost its work may take to say what it has left behind.
const lateFor = 20 * time.Second

// Late gives a context in which a Fenced sink lets a write through all the same, also where ctx has ended: to say, under a condition, what a
// write that was under way when the work was lost may have left behind.
func Late(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithValue(context.WithoutCancel(ctx), lateKey{}, true), lateFor)
}

func (f fenced) may(ctx context.Context) error {
	if ctx.Value(lateKey{}) != nil {
		return nil
	}
	if err := f.held(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrFenced, err)
	}
	return nil
}

// Get implements Sink.
func (f fenced) Get(ctx context.Context, key string) ([]byte, Version, error) {
	ctx, end := trace.Begin(ctx, trace.Sink, "request", "get", "key", key)
	body, v, err := f.Sink.Get(ctx, key)
	end(err)
	return body, v, Public(ctx, err, f.failed)
}

// List implements Sink.
func (f fenced) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		ctx, end := trace.Begin(ctx, trace.Sink, "request", "list", "prefix", prefix)
		var last error
		for o, err := range f.Sink.List(ctx, prefix) {
			if last = err; !yield(o, Public(ctx, err, f.failed)) {
				break
			}
		}
		end(last)
	}
}

// Put implements Sink.
func (f fenced) Put(ctx context.Context, key string, body []byte, cond Condition) (Version, error) {
	if err := f.may(ctx); err != nil {
		return "", err
	}
	ctx, end := trace.Begin(ctx, trace.Sink, "request", "put", "key", key)
	v, err := f.Sink.Put(ctx, key, body, cond)
	end(err)
	return v, Public(ctx, err, f.failed)
}

// Delete implements Sink.
func (f fenced) Delete(ctx context.Context, key string) error {
	if err := f.may(ctx); err != nil {
		return err
	}
	ctx, end := trace.Begin(ctx, trace.Sink, "request", "delete", "key", key)
	err := f.Sink.Delete(ctx, key)
	end(err)
	return Public(ctx, err, f.failed)
}

type fencedBatcher struct {
	fenced
	batcher Batcher
}

// Batch implements Batcher.
func (f fencedBatcher) Batch(ctx context.Context, steps []Step) error {
	if err := f.may(ctx); err != nil {
		return err
	}
	ctx, end := trace.Begin(ctx, trace.Sink, "request", "batch")
	err := f.batcher.Batch(ctx, steps)
	end(err)
	return Public(ctx, err, f.failed)
}

// Expire implements Expirer; it is false where the sink is none.
func (f fenced) Expire(ctx context.Context, days map[string]int32) (bool, error) {
	e, ok := f.Sink.(Expirer)
	if !ok {
		return false, nil
	}
	if err := f.may(ctx); err != nil {
		return false, err
	}
	did, err := e.Expire(ctx, days)
	return did, Public(ctx, err, f.failed)
}

// Renew implements Expirer; where the sink is none, nothing gets too old.
func (f fenced) Renew(ctx context.Context, keys []string) error {
	e, ok := f.Sink.(Expirer)
	if !ok {
		return nil
	}
	if err := f.may(ctx); err != nil {
		return err
	}
	return Public(ctx, e.Renew(ctx, keys), f.failed)
}
