package dir

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/tamerhq/tamer/internal/sink"
)

// Batch implements sink.Batcher. Each directory on the way to the keys is made durable once, and not once for each key: syncing is
// what a write waits for.
func (s *Sink) Batch(ctx context.Context, steps []sink.Step) error {
	err := sink.Each(steps, func(step sink.Step) error { return s.do(ctx, step) })
	dirs := map[string]bool{}
	for _, step := range steps {
		for dir := range dirsAbove(step.Key) {
			dirs[dir] = true
		}
	}
	return errors.Join(err, sink.Each(slices.Collect(maps.Keys(dirs)), s.syncDir))
}

// do does one step, whose name is not durable yet.
func (s *Sink) do(ctx context.Context, step sink.Step) error {
	err := check(ctx, step.Key)
	switch {
	case err != nil:
	case step.Delete:
		err = s.delete(ctx, step.Key)
	default:
		err = s.put(ctx, step.Key, step.Body, step.Cond)
	}
	if err != nil {
		return fmt.Errorf("write object %q: %w", step.Key, err)
	}
	return nil
}

// dirsAbove gives the directories from the key's own up to the root.
func dirsAbove(key string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for dir := path.Dir(key); yield(dir) && dir != "."; dir = path.Dir(dir) {
		}
	}
}
