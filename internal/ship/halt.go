package ship

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink"
)

// A store's removals cannot be fenced: one that is under way is not called back. So a collection removes a few objects at a time, and who ends
// it waits until those must have been removed, or will not be. Both times are measured, each by one process: clocks that differ do not matter.
const (
	removedAtOnce = 64               // objects
	discardTime   = 10 * time.Second // for those, from before the look at the note
	haltTime      = 15 * time.Second // of who waits; what is more is for a request that left at the last moment
)

// uncollected has write write objects that nobody removes afterwards, although they may be old ones that a collection has found to be of no
// use. It ends one that is about to remove any of them, whether it was cut off or goes on.
func (s *Store) uncollected(ctx context.Context, names map[release.Digest]bool, write func() error) error {
	for range 5 {
		var before, after release.Collection
		seen, err := s.get(ctx, release.CollectionKey, &before)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(before.Doomed, func(d release.Digest) bool { return names[d] }) {
			if seen, err = s.halt(ctx, before, seen); errors.Is(err, sink.ErrConflict) {
				continue
			}
			if err != nil {
				return err
			}
		}
		if err := write(); err != nil {
			return err
		}
		now, err := s.get(ctx, release.CollectionKey, &after)
		if err != nil || now == seen {
			return err
		}
	}
	return fmt.Errorf("%w: what the commit needs is being removed as something that nobody needs", sink.ErrConflict)
}

// halt ends a collection, whose note has that version: once it returns nothing is removed for it any more. One that was halted by somebody else
// may have been halted just now, so that is waited for too. It gives the version of the note.
func (s *Store) halt(ctx context.Context, c release.Collection, seen sink.Version) (sink.Version, error) {
	if !c.Halted {
		var err error
		if seen, err = s.put(ctx, release.CollectionKey, c.Halt(), sink.IfVersion(seen)); err != nil {
			return "", err
		}
	}
	if err := s.wait(ctx, haltTime); err != nil {
		return "", fmt.Errorf("wait for the end of a collection: %w", err)
	}
	return s.put(ctx, release.CollectionKey, c.Ended(), sink.IfVersion(seen))
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
