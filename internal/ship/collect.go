package ship

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink"
)

// grace is how young an object is that is never collected: a deploy that is on its way may need it. A deploy that needs an old one writes it again,
// which makes it young.
const grace = 24 * time.Hour

// atATime is how many objects one collection removes at most, so that its note stays small. The rest is for the next.
const atATime = 5000

// Collect removes bundles and releases that no channel points to and no kept history needs, and gives how many. Deploys may go on meanwhile.
func (s *Store) Collect(ctx context.Context) (int, error) {
	doomed, err := s.doomed(ctx)
	if err != nil || len(doomed) == 0 {
		return 0, err
	}
	var before release.Collection
	version, err := s.get(ctx, release.CollectionKey, &before)
	if err != nil {
		return 0, err
	}
	if before.Running() { // it was cut off, or somebody else who has lost this work is at it still
		if version, err = s.halt(ctx, before, version); errors.Is(err, sink.ErrConflict) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
	}
	keys := slices.Sorted(maps.Keys(doomed))
	keys = keys[:min(len(keys), atATime)]
	var names []release.Digest
	for _, key := range keys {
		names = append(names, digestIn(key))
	}
	slices.Sort(names)
	note := before.Next(slices.Compact(names), s.now())
	if version, err = s.put(ctx, release.CollectionKey, note, unless(version)); errors.Is(err, sink.ErrConflict) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	s.at(Doomed)
	removed, err := s.discard(ctx, keys, doomed, version)
	if err != nil {
		return removed, err // a request may still have its effect: whoever comes next waits until it cannot
	}
	_, err = s.put(ctx, release.CollectionKey, note.Ended(), sink.IfVersion(version))
	return removed, err
}

// doomed gives the keys of bundles and releases that are past their grace and that nothing needs, with when they were written.
func (s *Store) doomed(ctx context.Context) (map[string]time.Time, error) {
	live, err := s.Read(ctx, release.Production)
	if err != nil || live.Interrupted() { // somebody is at work
		return nil, err
	}
	previews, err := s.Previews(ctx)
	if err != nil {
		return nil, err
	}
	old, err := s.old(ctx)
	if err != nil {
		return nil, err
	}
	kept := map[release.Digest]bool{}
	for _, m := range release.History(live.Channel, live.Journal) {
		kept[m.Release] = true
	}
	for _, c := range previews {
		kept[c.Release] = true
	}
	for d := range kept {
		delete(old, release.ReleaseKey(d))
	}
	for _, d := range slices.Sorted(maps.Keys(kept)) {
		if len(old) == 0 {
			break // nothing is in doubt any more
		}
		r, err := s.Release(ctx, d)
		if err != nil {
			return nil, err
		}
		for _, unit := range r.Units() {
			delete(old, release.BundleKey(r.Digest(unit)))
		}
	}
	return old, nil
}

// old gives the keys of bundles and releases that are past their grace, with when they were written.
func (s *Store) old(ctx context.Context) (map[string]time.Time, error) {
	found := map[string]time.Time{}
	for _, prefix := range []string{release.ReleasePrefix, release.BundlePrefix} {
		for o, err := range s.sink.List(ctx, prefix) {
			if err != nil {
				return nil, fmt.Errorf("list %s: %w", prefix, err)
			}
			if digestIn(o.Key) != "" && s.now().Sub(o.ModTime) > grace {
				found[o.Key] = o.ModTime
			}
		}
	}
	return found, nil
}

// digestIn gives the digest that the key of a bundle or a release names; empty for anything else.
func digestIn(key string) release.Digest {
	d := release.Digest(strings.TrimSuffix(key[strings.LastIndex(key, "/")+1:], ".json"))
	if key != release.BundleKey(d) && key != release.ReleaseKey(d) {
		return ""
	}
	return d
}

// discard removes objects, but those that somebody has written again before the note, whose version is own, could be read.
func (s *Store) discard(ctx context.Context, keys []string, doomed map[string]time.Time, own sink.Version) (int, error) {
	now, err := s.old(ctx)
	if err != nil {
		return 0, err
	}
	var steps []sink.Step
	for _, key := range keys {
		if now[key].Equal(doomed[key]) {
			steps = append(steps, sink.Step{Key: key, Delete: true})
		}
	}
	removed := 0
	for part := range slices.Chunk(steps, removedAtOnce) {
		if err := s.discardSome(ctx, part, own); err != nil {
			return removed, fmt.Errorf("remove what nobody needs: %w", err)
		}
		removed += len(part)
	}
	return removed, nil
}

// discardSome does some of the steps, if nobody has ended the collection. Its time begins before it looks: so whoever ends it knows from when on
// nothing is under way.
func (s *Store) discardSome(ctx context.Context, steps []sink.Step, own sink.Version) error {
	ctx, cancel := context.WithTimeout(ctx, discardTime)
	defer cancel()
	_, present, err := s.sink.Get(ctx, release.CollectionKey)
	if err == nil && present != own {
		err = sink.ErrConflict
	}
	if err != nil {
		return err
	}
	return sink.Apply(ctx, s.sink, steps)
}
