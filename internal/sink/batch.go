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

// atOnce is how many steps Apply does at the same time: many enough to hide the way to a store, too few for it to mind.
const atOnce = 16

// Apply does all steps, in any order; so who needs an order calls it for one group after the other. After an error, which
// wraps ErrConflict where a condition did not hold, any of them may have been done, and all may be done again.
// It refuses illegal keys, and two steps with the same key, before it does anything.
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
	return inParallel(ctx, s, steps)
}

func check(steps []Step) error {
	keys := make(map[string]bool, len(steps))
	for _, step := range steps {
		if err := CheckKey(step.Key); err != nil {
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

// inParallel does the steps one by one, several at a time. The first error lets those that run end, and begins no other.
func inParallel(ctx context.Context, s Sink, steps []Step) error {
	var (
		running sync.WaitGroup
		mu      sync.Mutex
		next    int
		errs    []error
	)
	take := func() (Step, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(steps) || len(errs) > 0 {
			return Step{}, false
		}
		next++
		return steps[next-1], true
	}
	for range min(atOnce, len(steps)) {
		running.Go(func() {
			for step, ok := take(); ok; step, ok = take() {
				if err := step.do(ctx, s); err != nil {
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
