package ship

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink"
)

// grace is how young an object is that is never collected: a deploy that is on its way may need it. A deploy that needs an old one writes it again,
// which makes it young.
const grace = 24 * time.Hour

// Collect removes bundles and releases that no channel points to and no kept history needs, and gives how many.
func (s *Store) Collect(ctx context.Context) (int, error) {
	live, err := s.Read(ctx, release.Production)
	if err != nil {
		return 0, err
	}
	if live.Interrupted() {
		return 0, nil // somebody is at work
	}
	previews, err := s.Previews(ctx)
	if err != nil {
		return 0, err
	}
	kept := []release.Digest{}
	for _, m := range release.History(live.Channel, live.Journal) {
		kept = append(kept, m.Release)
	}
	for _, c := range previews {
		kept = append(kept, c.Release)
	}
	releases, err := s.old(ctx, release.ReleasePrefix)
	if err != nil {
		return 0, err
	}
	bundles, err := s.old(ctx, release.BundlePrefix)
	if err != nil {
		return 0, err
	}
	for _, d := range kept {
		delete(releases, d)
	}
	slices.Sort(kept)
	for _, d := range slices.Compact(kept) {
		if len(bundles) == 0 {
			break // nothing is in doubt any more
		}
		r, err := s.Release(ctx, d)
		if err != nil {
			return 0, err
		}
		for _, unit := range r.Units() {
			delete(bundles, r.Digest(unit))
		}
	}
	removed, err := s.discard(ctx, release.ReleasePrefix, releases)
	if err != nil {
		return removed, err
	}
	more, err := s.discard(ctx, release.BundlePrefix, bundles)
	return removed + more, err
}

// old gives the objects below a prefix that are past their grace, with when they were written.
func (s *Store) old(ctx context.Context, prefix string) (map[release.Digest]time.Time, error) {
	found := map[release.Digest]time.Time{}
	for o, err := range s.sink.List(ctx, prefix) {
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", prefix, err)
		}
		d, ok := strings.CutSuffix(strings.TrimPrefix(o.Key, prefix), ".json")
		if ok && s.now().Sub(o.ModTime) > grace {
			found[release.Digest(d)] = o.ModTime
		}
	}
	return found, nil
}

// discard removes objects, but those that somebody has written again since they were found to be old.
func (s *Store) discard(ctx context.Context, prefix string, old map[release.Digest]time.Time) (int, error) {
	if len(old) == 0 {
		return 0, nil
	}
	now, err := s.old(ctx, prefix)
	if err != nil {
		return 0, err
	}
	var steps []sink.Step
	for d, at := range old {
		if now[d].Equal(at) {
			steps = append(steps, sink.Step{Key: prefix + string(d) + ".json", Delete: true})
		}
	}
	for part := range slices.Chunk(steps, group) {
		if err := sink.Apply(ctx, s.sink, part); err != nil {
			return 0, fmt.Errorf("remove what nobody needs below %s: %w", prefix, err)
		}
	}
	return len(steps), nil
}
