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

// renewAfter is how old a preview gets before another use of it makes it young again: each use need not write.
const renewAfter = 24 * time.Hour

// Preview serves a commit under a channel of its own, beside production: all of it by bundles, and as plain files those customers that are
// served something else than in production. Customers that fail are left as they are in production, and named by the outcome's release. A
// preview that is asked for again is renewed.
func (s *Store) Preview(ctx context.Context, channel string, c Commit) (Outcome, error) {
	live, err := s.Read(ctx, release.Production)
	if err != nil {
		return Outcome{}, err
	}
	st, err := s.Read(ctx, channel)
	if err != nil {
		return Outcome{State: st}, err
	}
	out := Outcome{State: st}
	live.Channel.Holds = nil // what an operator holds in production may be tried here
	to, d, err := s.resolve(ctx, live, c)
	if out.Findings, out.Stopped = d.Findings, d.Stop; err != nil || d.Stop {
		return out, err
	}
	other := func(unit string, d release.Digest) bool { return d != live.Release.Digest(unit) }
	body, err := release.Encode(to)
	if err != nil {
		return out, err
	}
	if release.DigestOf(body) == st.Channel.Release && !st.Interrupted() && s.stands(st, to, other) {
		return out, s.renew(ctx, st, &out)
	}
	out.State, err = s.move(ctx, st, to, other, nil)
	out.Moved = err == nil
	return out, err
}

// stands tells whether the plain files of a preview are those of the units that differ from production now.
func (s *Store) stands(st State, to release.Release, plain selection) bool {
	for _, unit := range to.Units() {
		if d := to.Digest(unit); d != "" && plain(unit, d) != (len(st.Journal.Touched[unit]) > 0) {
			return false
		}
	}
	return true
}

// aged tells whether a preview's plain files are all to be written again with its next move, changed or not.
func (s *Store) aged(st State) bool {
	return st.Channel.Channel != release.Production && s.now().Sub(st.Journal.RenewedAt) >= renewAfter
}

func (s *Store) renew(ctx context.Context, st State, out *Outcome) error {
	if s.now().Sub(st.Channel.UpdatedAt) < renewAfter {
		return nil
	}
	if err := s.young(ctx, st); err != nil {
		return fmt.Errorf("renew %s: %w", st.Channel.Channel, err)
	}
	c := st.Channel
	c.UpdatedAt = release.Moment(s.now())
	var err error
	out.State, err = s.rewrite(ctx, st, c)
	return err
}

// RemovePreview takes a preview away: its channel first, so that nobody begins to read it, then its plain files. What is not there is no error.
func (s *Store) RemovePreview(ctx context.Context, channel string) error {
	return s.remove(ctx, channel, func(State) bool { return true })
}

// ExpirePreview is RemovePreview for one that nobody has used since then.
func (s *Store) ExpirePreview(ctx context.Context, channel string, since time.Time) error {
	return s.remove(ctx, channel, func(st State) bool { return st.Channel.UpdatedAt.Before(since) })
}

// remove removes a preview, if what it is now is wanted to go.
func (s *Store) remove(ctx context.Context, channel string, wanted func(State) bool) error {
	if channel == release.Production {
		return fmt.Errorf("%w: production is no preview", ErrNothing)
	}
	st := State{}
	var err error
	if st.version, err = s.get(ctx, release.ChannelKey(channel), &st.Channel); err != nil {
		return err
	}
	if st.journal, err = s.get(ctx, release.JournalKey(channel), &st.Journal); err != nil {
		return err
	}
	if err := s.mine(ctx, st.Channel.Repository, st.Journal.Repository); err != nil {
		return err
	}
	if !wanted(st) {
		return nil
	}
	if st.version != "" {
		if err := s.sink.Delete(ctx, release.ChannelKey(channel)); err != nil {
			return fmt.Errorf("remove the channel %s: %w", channel, err)
		}
	}
	s.at(Removed)
	var steps []sink.Step
	for _, keys := range st.Journal.Touched {
		for _, key := range keys {
			steps = append(steps, sink.Step{Key: release.PlainPrefix(channel) + key, Delete: true})
		}
	}
	for part := range slices.Chunk(steps, group) {
		if err := sink.Apply(ctx, s.sink, part); err != nil {
			return fmt.Errorf("remove the plain files of %s: %w", channel, err)
		}
	}
	if st.journal == "" {
		return nil
	}
	return s.sink.Delete(ctx, release.JournalKey(channel))
}

// Previews gives the channels beside production, sorted by name.
func (s *Store) Previews(ctx context.Context) ([]release.Channel, error) {
	var all []release.Channel
	for _, prefix := range []string{release.ChannelPrefix + "branch/", release.ChannelPrefix + "commit/"} {
		for o, err := range s.sink.List(ctx, prefix) {
			if err != nil {
				return nil, fmt.Errorf("list the channels: %w", err)
			}
			var c release.Channel
			version, err := s.get(ctx, o.Key, &c)
			if err != nil {
				return nil, err
			}
			if version != "" && release.ChannelKey(c.Channel) == o.Key {
				all = append(all, c)
			}
		}
	}
	slices.SortFunc(all, func(a, b release.Channel) int { return strings.Compare(a.Channel, b.Channel) })
	return all, nil
}
