package ship

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink"
)

// group is how many objects are written between two looks at the fence.
const group = 256

// move brings a channel to a release: new bundles, the release, plain files, the pointer. plain gives what of a release's bundles stands as
// plain files. finish, if set, adds to the channel as it is written last.
func (s *Store) move(ctx context.Context, st State, to release.Release, plain selection, finish func(release.Channel) release.Channel) (State, error) {
	body, err := release.Encode(to)
	if err != nil {
		return st, err
	}
	id := release.DigestOf(body)
	if err := s.own(ctx); err != nil {
		return st, err
	}
	if id != st.Channel.Release {
		if err := s.store(ctx, st.Release, to, id, body); err != nil {
			return st, err
		}
	}
	s.at(Released)
	work, err := s.plan(ctx, st, to, plain)
	if err != nil {
		return st, err
	}
	next := State{Release: to, Journal: st.Journal.Next(st.Channel, to, id, s.now())}
	if next.Journal.RenewedAt = st.Journal.RenewedAt; s.aged(st) {
		next.Journal.RenewedAt = next.Journal.StartedAt
	}
	next.Journal.Touched, next.Journal.Written, next.Journal.Removed = work.touched, len(work.write), len(work.remove)
	if next.journal, err = s.put(ctx, release.JournalKey(st.Channel.Channel), next.Journal, unless(st.journal)); err != nil {
		return st, err
	}
	s.at(Journaled)
	if err := s.write(ctx, st.Channel.Channel, next.journal, work); err != nil {
		return st, s.regret(ctx, st.Channel.Channel, work, err)
	}
	s.at(Written)
	next.Channel = st.Channel.Move(to, id, s.now())
	if finish != nil {
		next.Channel = finish(next.Channel)
	}
	if next.version, err = s.put(ctx, release.ChannelKey(st.Channel.Channel), next.Channel, unless(st.version)); err != nil {
		return st, s.regret(ctx, st.Channel.Channel, work, err)
	}
	s.at(Moved)
	return next, nil
}

// store writes the bundles that were not served before, and the release. They are named by their bytes, so writing one again changes
// nothing, and makes one young again that was about to be collected.
func (s *Store) store(ctx context.Context, from, to release.Release, id release.Digest, body []byte) error {
	fresh := map[release.Digest]bool{}
	for _, unit := range from.Differing(to) {
		if d := to.Digest(unit); s.fresh[d] {
			fresh[d] = true
		}
	}
	bundles := slices.Sorted(maps.Keys(fresh))
	fresh[id] = true
	return s.uncollected(ctx, fresh, func() error { return s.writeNew(ctx, bundles, id, body) })
}

func (s *Store) writeNew(ctx context.Context, bundles []release.Digest, id release.Digest, body []byte) error {
	for part := range slices.Chunk(bundles, group) {
		var steps []sink.Step
		for _, d := range part {
			body, err := release.Encode(s.bundles[d])
			if err != nil {
				return err
			}
			steps = append(steps, sink.Step{Key: release.BundleKey(d), Body: body})
		}
		if err := sink.Apply(ctx, s.sink, steps); err != nil {
			return fmt.Errorf("write bundles: %w", err)
		}
	}
	s.at(Packed)
	if _, err := s.sink.Put(ctx, release.ReleaseKey(id), body, sink.Always); err != nil {
		return fmt.Errorf("write %s: %w", release.ReleaseKey(id), err)
	}
	return nil
}

// A selection says which units of a release stand as plain files.
type selection func(unit string, of release.Digest) bool

func all(string, release.Digest) bool { return true }

// A chore is what is to be done to plain files.
type chore struct {
	remove  []string
	write   []sink.Step
	touched map[string][]string // by unit
}

// plan gives the steps that bring the plain files to a release, whatever an earlier move has left behind.
func (s *Store) plan(ctx context.Context, st State, to release.Release, plain selection) (chore, error) {
	c := chore{touched: map[string][]string{}}
	old := st.Journal.Touched
	units := slices.Concat(st.Release.Differing(to), slices.Collect(maps.Keys(old)))
	if st.Channel.Channel == release.Production && !st.Interrupted() {
		old, units = nil, st.Release.Differing(to)
	} else if st.Channel.Channel != release.Production {
		units = slices.Concat(units, to.Units())
	}
	slices.Sort(units)
	units = slices.Compact(units)
	units = slices.DeleteFunc(units, func(unit string) bool {
		return !plain(unit, to.Digest(unit)) && len(old[unit]) == 0 && !plain(unit, st.Release.Digest(unit))
	})
	var digests []release.Digest
	for _, unit := range units {
		digests = append(digests, st.Release.Digest(unit), to.Digest(unit))
	}
	if err := s.load(ctx, digests); err != nil {
		return c, err
	}
	prefix := release.PlainPrefix(st.Channel.Channel)
	for _, unit := range units {
		was, will := s.bundles[st.Release.Digest(unit)].Plain(), release.Plain{}
		if d := to.Digest(unit); d != "" && plain(unit, d) {
			if s.bundles[d].Configs == nil {
				return c, lost(d)
			}
			will = s.bundles[d].Plain()
		}
		dirty := old[unit]
		if st.Channel.Channel != release.Production {
			maps.DeleteFunc(was, func(key string, _ release.File) bool { return !slices.Contains(dirty, key) })
			if !st.Interrupted() && !s.aged(st) {
				dirty = nil
			}
		}
		steps := release.Plan(was, will, dirty)
		for _, key := range steps.Remove {
			c.remove = append(c.remove, prefix+key)
		}
		for _, key := range steps.Write {
			c.write = append(c.write, sink.Step{Key: prefix + key, Body: will[key].Body})
		}
		touched := steps.Touched()
		if st.Channel.Channel != release.Production {
			touched = slices.Concat(touched, will.Keys())
			slices.Sort(touched)
			touched = slices.Compact(touched)
		}
		if len(touched) > 0 {
			c.touched[unit] = touched
		}
	}
	return c, nil
}

func lost(d release.Digest) error {
	return fmt.Errorf("the store has lost %s: restore it from a backup, or deploy the commit anew to an empty store", release.BundleKey(d))
}

// errOvertaken says that somebody else has begun to write plain files. Trying again sees what is left to do.
var errOvertaken = errors.New("another deploy of the same channel has begun meanwhile")

// write does the steps, in groups. Before each group but the first it looks whether the journal is still its own: of one who was paused,
// at most one group comes late.
func (s *Store) write(ctx context.Context, channel string, own sink.Version, c chore) error {
	first := true
	apply := func(steps []sink.Step) error {
		if !first {
			_, now, err := s.sink.Get(ctx, release.JournalKey(channel))
			if err != nil {
				return fmt.Errorf("look at the journal of %s: %w", channel, err)
			}
			if now != own {
				return errOvertaken
			}
		}
		first = false
		return sink.Apply(ctx, s.sink, steps)
	}
	for part := range slices.Chunk(c.remove, group) {
		var steps []sink.Step
		for _, key := range part {
			steps = append(steps, sink.Step{Key: key, Delete: true})
		}
		if err := apply(steps); err != nil {
			return fmt.Errorf("remove plain files: %w", err)
		}
	}
	s.at(Removed)
	for part := range slices.Chunk(c.write, group) {
		if err := apply(part); err != nil {
			return fmt.Errorf("write plain files: %w", err)
		}
		s.at(Writing)
	}
	return nil
}

// regret notes, after a move that was overtaken, which files it may have written late: who comes next writes them again. It does so although
// the work is somebody else's by now: nobody else knows. It gives the error of the move, which wraps ErrUnnoted where that could not be noted.
func (s *Store) regret(ctx context.Context, channel string, c chore, cause error) error {
	lost := ctx.Err() != nil || errors.Is(cause, sink.ErrFenced) || errors.Is(cause, errOvertaken) || errors.Is(cause, sink.ErrConflict)
	if len(c.touched) == 0 || !lost {
		return cause
	}
	ctx, end := sink.Late(ctx)
	defer end()
	if err := s.noteLate(ctx, channel, c); err != nil {
		return errors.Join(cause, ErrUnnoted, err)
	}
	return cause
}

// ErrUnnoted says that files may have been written late, and that only a look at all of them can find which.
var ErrUnnoted = errors.New("what was written late could not be noted")

// noteLate has whoever comes next write the files of a chore again.
func (s *Store) noteLate(ctx context.Context, channel string, c chore) (err error) {
	for range 5 {
		st := State{}
		if st.version, err = s.get(ctx, release.ChannelKey(channel), &st.Channel); err != nil {
			return err
		}
		if st.journal, err = s.get(ctx, release.JournalKey(channel), &st.Journal); err != nil {
			return err
		}
		st.Channel.Channel = channel
		if !st.Interrupted() {
			st.Journal.Moves = release.History(st.Channel, st.Journal)
			if channel == release.Production {
				st.Journal.Touched = nil
			}
		}
		// The move that is under way may come to its own generation, and must not hide what is noted here.
		st.Journal.Generation = max(st.Journal.Generation, st.Channel.Generation) + 1
		st.Journal.Touched = together(st.Journal.Touched, c.touched)
		if _, err = s.put(ctx, release.JournalKey(channel), st.Journal, unless(st.journal)); !errors.Is(err, sink.ErrConflict) {
			return err
		}
	}
	return err
}

func together(a, b map[string][]string) map[string][]string {
	both := map[string][]string{}
	for _, m := range []map[string][]string{a, b} {
		for unit, keys := range m {
			both[unit] = slices.Concat(both[unit], keys)
		}
	}
	for unit, keys := range both {
		slices.Sort(keys)
		both[unit] = slices.Compact(keys)
	}
	return both
}

// settle puts back what the channel says under the keys that a move that was cut off may have left half done: its release will not be
// served, and who reads plain files must not go on seeing some of it. Whoever was at it, and wakes up, finds the channel written. Where there
// is none yet, what was begun is served instead: nothing else would keep him from serving it later.
func (s *Store) settle(ctx context.Context, st State, plain selection) (State, error) {
	if !st.Interrupted() {
		return st, nil
	}
	if !st.Channel.Exists() && st.Journal.Release != "" {
		to, err := s.Release(ctx, st.Journal.Release)
		if err == nil {
			return s.move(ctx, st, to, plain, nil)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return st, err
		}
	}
	work, err := s.plan(ctx, st, st.Release, plain)
	if err != nil {
		return st, err
	}
	key := release.JournalKey(st.Channel.Channel)
	again := st.Journal
	again.StartedAt, again.Release, again.Commit = s.now().UTC(), st.Channel.Release, st.Channel.Commit // no two writers' journals are alike
	again.Touched = work.touched
	own, err := s.put(ctx, key, again, unless(st.journal))
	if err != nil {
		return st, err
	}
	if st.Channel.Exists() {
		fence := st.Channel
		fence.Settled++
		if st, err = s.rewrite(ctx, st, fence); err != nil {
			return st, err
		}
	}
	if err := s.write(ctx, st.Channel.Channel, own, work); err != nil {
		return st, s.regret(ctx, st.Channel.Channel, work, err)
	}
	again.Generation, again.Moves = st.Channel.Generation, nil
	for _, m := range st.Journal.Moves {
		if m.Generation < st.Channel.Generation {
			again.Moves = append(again.Moves, m)
		}
	}
	if st.Channel.Channel == release.Production {
		again.Touched = map[string][]string{}
	}
	st.Journal = again
	st.journal, err = s.put(ctx, key, again, sink.IfVersion(own))
	return st, err
}
