package ship

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/release"
)

// Hold keeps the deploy branch's channel where it is, until somebody resumes it.
func (s *Store) Hold(ctx context.Context, st State, by, reason string) (State, error) {
	return s.rewrite(ctx, st, st.Channel.Held(release.Hold{By: by, Reason: reason, Since: release.Moment(s.now())}))
}

// ErrNothing says that there is nothing to do, and why. Its text is for people.
var ErrNothing = errors.New("nothing to do")

// Resume ends every hold of the deploy branch's channel: the next deploy brings it to its branch.
func (s *Store) Resume(ctx context.Context, by, reason string) (State, error) {
	st, err := s.Read(ctx, release.Production)
	if err != nil {
		return st, err
	}
	if r := st.Channel.Resumed; st.Channel.Hold == nil && len(st.Channel.Holds) == 0 {
		if r != nil && r.By == by && r.Reason == reason {
			return st, nil // done before
		}
		return st, fmt.Errorf("%w: nothing holds production", ErrNothing)
	}
	return s.rewrite(ctx, st, st.Channel.Resume(release.Hold{By: by, Reason: reason, Since: release.Moment(s.now())}))
}

// rewrite writes the channel where nobody has written it meanwhile.
func (s *Store) rewrite(ctx context.Context, st State, c release.Channel) (State, error) {
	var err error
	if st.version, err = s.put(ctx, release.ChannelKey(c.Channel), c, unless(st.version)); err != nil {
		return st, err
	}
	st.Channel = c
	return st, nil
}

// A Rollback says what is to be put back.
type Rollback struct {
	Customer string // only this one; empty for all
	To       string // a release, a commit, or the number of a move; empty for what was served before
	By       string
	Reason   string
}

// Rollback puts an earlier release back, or what one customer was served then, and holds it there. It needs no git. The same asking once more changes
// nothing. What a customer is put back to is not judged beside what others are served: who does it decides.
func (s *Store) Rollback(ctx context.Context, r Rollback) (State, error) {
	st, err := s.Read(ctx, release.Production)
	if err != nil {
		return st, err
	}
	if !st.Channel.Exists() {
		return st, fmt.Errorf("%w: nothing was ever deployed to this store", ErrNothing)
	}
	hold := release.Hold{By: r.By, Reason: r.Reason, Since: release.Moment(s.now())}
	if r.Customer != "" {
		return s.rollBackCustomer(ctx, st, r, hold)
	}
	if h := st.Channel.Hold; r.To == "" && h != nil && h.By == r.By && h.Reason == r.Reason {
		return st, nil // done before: going back once more has to be said
	}
	m, err := target(st, r, func(m release.Move) (bool, error) { return m.Release != st.Channel.Release, nil })
	if err != nil {
		return st, err
	}
	to, err := s.kept(ctx, m)
	if err != nil {
		return st, err
	}
	if m.Release == st.Channel.Release {
		return s.rewrite(ctx, st, st.Channel.Held(hold))
	}
	return s.move(ctx, st, to, all, func(c release.Channel) release.Channel { return c.Held(hold) })
}

func (s *Store) rollBackCustomer(ctx context.Context, st State, r Rollback, hold release.Hold) (State, error) {
	if _, known := st.Release.Customers[r.Customer]; !known {
		return st, fmt.Errorf("%w: production knows no customer %q", ErrNothing, r.Customer)
	}
	h := st.Channel.Holds[r.Customer]
	held := st.Release.Customers[r.Customer].Held != nil && h.By == r.By && h.Reason == r.Reason
	if held && r.To == "" {
		return st, nil // done before
	}
	var from release.Release
	m, err := target(st, r, func(m release.Move) (found bool, err error) {
		if from, err = s.kept(ctx, m); err != nil {
			return false, err
		}
		return from.Digest(r.Customer) != st.Release.Digest(r.Customer), nil
	})
	if err != nil {
		return st, err
	}
	if from, err = s.kept(ctx, m); err != nil {
		return st, err
	}
	old, was := from.Entry(r.Customer)
	if !was || old.Bundle == nil {
		return st, fmt.Errorf("%w: %q was not served at %s", ErrNothing, r.Customer, m.Commit.Short())
	}
	if held && st.Release.Digest(r.Customer) == *old.Bundle {
		return st, nil
	}
	why := &release.Held{Commit: &from.Commit, Reason: fmt.Sprintf("held by %s: %s", r.By, r.Reason)}
	if old.Held != nil {
		why.Commit = old.Held.Commit
	}
	to := st.Release
	to.Customers = maps.Clone(to.Customers)
	to.Customers[r.Customer] = release.Entry{Bundle: old.Bundle, Held: why}
	return s.move(ctx, st, to, all, func(c release.Channel) release.Channel {
		c.Holds = maps.Clone(c.Holds)
		if c.Holds == nil {
			c.Holds = map[string]release.Hold{}
		}
		c.Holds[r.Customer] = hold
		return c
	})
}

// target finds the move that is meant: by its release, its commit or its number; where nothing is said, the latest that wanted likes.
func target(st State, r Rollback, wanted func(release.Move) (bool, error)) (release.Move, error) {
	history := release.History(st.Channel, st.Journal)
	if r.To != "" {
		return named(history, r.To)
	}
	for _, m := range history[1:] {
		ok, err := wanted(m)
		if err != nil || ok {
			return m, err
		}
	}
	return release.Move{}, fmt.Errorf("%w: the history of this store has nothing else to go back to", ErrNothing)
}

// minAbbreviated is how many digits name a commit or a release.
const minAbbreviated = 7

func named(history []release.Move, name string) (release.Move, error) {
	number, err := strconv.ParseInt(name, 10, 64)
	i := slices.IndexFunc(history, func(m release.Move) bool {
		return len(name) >= minAbbreviated && (strings.HasPrefix(string(m.Release), name) || strings.HasPrefix(string(m.Commit), name)) || err == nil && m.Generation == number
	})
	if i < 0 {
		return release.Move{}, fmt.Errorf("%w: no release of the history is called %q; write the first %d digits of a commit or release that \"tamer status\" lists, or its number", ErrNothing, name, minAbbreviated)
	}
	return history[i], nil
}

// kept reads the release of an earlier move.
func (s *Store) kept(ctx context.Context, m release.Move) (release.Release, error) {
	r, err := s.Release(ctx, m.Release)
	if errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("the release of commit %s is not kept any more: go back to a later one, or revert the change in git", m.Commit.Short())
	}
	return r, err
}

// AsOf gives the release that a channel pointed to at a time. The zero time is now.
func (s *Store) AsOf(ctx context.Context, st State, at time.Time) (release.Release, release.Move, error) {
	history := release.History(st.Channel, st.Journal)
	for _, m := range history {
		if at.IsZero() || !m.Since.After(at) {
			r, err := s.kept(ctx, m)
			return r, m, err
		}
	}
	if len(history) == 0 {
		return release.Release{}, release.Move{}, fmt.Errorf("%w: nothing was ever deployed to the channel %s", ErrNothing, st.Channel.Channel)
	}
	first := history[len(history)-1]
	return release.Release{}, first, fmt.Errorf("%w: the history of %s begins at %s", ErrNothing, st.Channel.Channel, first.Since.Format(time.RFC3339))
}

// Bundle gives what a unit is served by a release; false where it is served nothing.
func (s *Store) Bundle(ctx context.Context, r release.Release, unit string) (release.Bundle, bool, error) {
	d := r.Digest(unit)
	if d == "" {
		return release.Bundle{}, false, nil
	}
	if err := s.load(ctx, []release.Digest{d}); err != nil {
		return release.Bundle{}, false, err
	}
	b := s.bundles[d]
	if b.Configs == nil {
		return b, false, lost(d)
	}
	return b, true, nil
}
