package sink

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// A Step is one effect on a sink: a Put of Body under Cond, or a Delete.
type Step struct {
	Key    string
	Body   []byte
	Delete bool      // removes the object; Body and Cond are zero then
	Cond   Condition // for a Put
}

// A Batcher is a sink that can do many steps at once, cheaper than one by one. It may do them all or none, as a database
// does in a transaction, or some of them where it fails.
type Batcher interface {
	Sink
	// Batch does what Apply promises. Its steps have been checked.
	Batch(ctx context.Context, steps []Step) error
}

// atOnce is how many requests are made at the same time: many enough to hide the way to a store, too few for it to mind.
const atOnce = 16

// Apply does all steps, in any order; so who needs an order calls it for one group after the other. After an error, which
// wraps ErrConflict where a condition did not hold, any of them may have been done, and all may be done again.
// It refuses illegal keys, bodies that are too large, and two steps with the same key, before it does anything.
func Apply(ctx context.Context, s Sink, steps []Step) error {
	if err := check(steps); err != nil {
		return err
	}
	if len(steps) == 0 {
		return nil
	}
	if b, ok := s.(Batcher); ok {
		return b.Batch(ctx, steps)
	}
	return Each(steps, func(step Step) error { return step.do(ctx, s) })
}

func check(steps []Step) error {
	keys := make(map[string]bool, len(steps))
	for _, step := range steps {
		if err := CheckPut(step.Key, step.Body); err != nil {
			return err
		}
		if keys[step.Key] {
			return fmt.Errorf("two steps of a batch have the key %q", step.Key)
		}
		if step.Delete && (step.Cond != Always || len(step.Body) > 0) {
			return fmt.Errorf("the step that deletes %q holds a condition or a body", step.Key)
		}
		keys[step.Key] = true
	}
	return nil
}

// Each does something with all items, several at a time. The first error lets those that run end, and begins no other.
func Each[T any](items []T, do func(T) error) error {
	var (
		running sync.WaitGroup
		mu      sync.Mutex
		next    int
		errs    []error
	)
	take := func() (item T, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(items) || len(errs) > 0 {
			return item, false
		}
		next++
		return items[next-1], true
	}
	for range min(atOnce, len(items)) {
		running.Go(func() {
			for item, ok := take(); ok; item, ok = take() {
				if err := do(item); err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
				}
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

func (step Step) do(ctx context.Context, s Sink) error {
	if step.Delete {
		return s.Delete(ctx, step.Key)
	}
	_, err := s.Put(ctx, step.Key, step.Body, step.Cond)
	return err
}
