package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/forge"
)

// pushers adds to the makers of a change who has pushed part of it: what a commit says of its author and committer rests on e-mail
// addresses that anybody may write there, but GitHub knows who has pushed. It is asked only where somebody approves. What is not in
// makers is nobody's, and makes nobody a maker.
func (w *weighing) pushers(ctx context.Context, d *decision, made, makers []forge.Authorship, reviews []forge.Review) error {
	if !slices.ContainsFunc(heard(reviews), func(r forge.Review) bool { return r.State == forge.Approved }) {
		return nil
	}
	if err := w.flow.Remotes.Fetch(ctx, w.repo, w.pull.Head); err != nil {
		return fmt.Errorf("fetch %s: %w", w.pull.Head.Short(), err)
	}
	l := newListing(w, made)
	left := maps.Clone(l.all) // of which it is not certain yet who has pushed them
	for push, err := range w.flow.Reviews.Pushes(ctx, w.repo, w.pull) {
		if err != nil {
			return err
		}
		brought, certain, err := l.brought(ctx, push)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(makers, func(m forge.Authorship) bool { return brought[m.Commit] })
		if _, known := d.facts.Makers[push.By.ID]; at >= 0 && !known && push.By.ID != 0 && !push.By.Bot {
			d.facts.Makers[push.By.ID] = makers[at].Commit
		}
		if certain {
			maps.DeleteFunc(left, func(c forge.Commit, _ bool) bool { return brought[c] })
		}
		if len(left) == 0 {
			return nil
		}
	}
	return nil
}

// A listing is the commits of a pull request, and which of them others hold.
type listing struct {
	*weighing
	all     map[forge.Commit]bool
	parents map[forge.Commit][]forge.Commit
	held    map[forge.Commit]map[forge.Commit]bool // by what was asked for; nil where that is gone
}

func newListing(w *weighing, made []forge.Authorship) *listing {
	l := &listing{w, map[forge.Commit]bool{}, map[forge.Commit][]forge.Commit{}, map[forge.Commit]map[forge.Commit]bool{}}
	for _, m := range made {
		l.all[m.Commit], l.parents[m.Commit] = true, m.Parents
	}
	return l
}

// brought gives the listed commits that a push has brought. Where it moved from or to a commit that is gone it gives all that it may
// have brought, and is not certain.
func (l *listing) brought(ctx context.Context, push forge.Push) (commits map[forge.Commit]bool, certain bool, err error) {
	after, err := l.holds(ctx, push.After)
	if err != nil {
		return nil, false, err
	}
	before, err := l.holds(ctx, push.Before)
	if err != nil {
		return nil, false, err
	}
	certain = after != nil && before != nil
	if after == nil {
		after = l.all
	}
	commits = maps.Clone(after)
	maps.DeleteFunc(commits, func(c forge.Commit, _ bool) bool { return before[c] })
	return commits, certain, nil
}

// holds gives the listed commits that are c or come before it; none for the empty commit, nil where c is gone.
func (l *listing) holds(ctx context.Context, c forge.Commit) (map[forge.Commit]bool, error) {
	if held, ok := l.held[c]; ok {
		return held, nil
	}
	from := []forge.Commit{c}
	if c != "" && !l.all[c] {
		var err error
		if from, err = l.common(ctx, c); err != nil {
			return nil, err
		}
		if from == nil {
			l.held[c] = nil
			return nil, nil
		}
	}
	held := map[forge.Commit]bool{}
	for len(from) > 0 {
		last := from[len(from)-1]
		if from = from[:len(from)-1]; l.all[last] && !held[last] {
			held[last] = true
			from = append(from, l.parents[last]...)
		}
	}
	l.held[c] = held
	return held, nil
}

// common gives where c and the head of the pull request part: what both hold is what these hold. It is nil where c is gone.
func (l *listing) common(ctx context.Context, c forge.Commit) ([]forge.Commit, error) {
	err := l.flow.Remotes.Fetch(ctx, l.repo, c)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("fetch %s, which was pushed to %s: %w", c.Short(), l.pull.HeadBranch, err)
	}
	bases, err := l.flow.History.MergeBases(ctx, l.repo, c, l.pull.Head)
	if errors.Is(err, fs.ErrNotExist) {
		return []forge.Commit{}, nil
	}
	return append([]forge.Commit{}, bases...), err
}
