package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// base asks for the open pull requests onto a branch that has moved: of two changes, each fine, that break each other, the
// second one is seen to do so before it is merged.
func (f *Flow) base(ctx context.Context, repo forge.Repo, branch string) error {
	now, err := f.survey(ctx, repo)
	if err != nil {
		return err
	}
	now.open = slices.DeleteFunc(now.open, func(pr forge.PullRequest) bool { return pr.BaseBranch != branch })
	wanted, err := f.unjudged(ctx, repo, now)
	gates, gatesErr := f.ungated(ctx, repo, now)
	return errors.Join(err, gatesErr, f.ask(ctx, append(wanted, gates...)))
}

// A survey is how a repository is now, and what was dealt with.
type survey struct {
	heads forge.Heads
	open  []forge.PullRequest
	done  map[work.Key]work.State
}

func (f *Flow) survey(ctx context.Context, repo forge.Repo) (now survey, err error) {
	if now.heads, err = f.Remotes.Heads(ctx, repo); err != nil {
		return now, err
	}
	if now.open, err = f.PullRequests.OpenPullRequests(ctx, repo); err != nil {
		return now, err
	}
	now.done, err = f.Memory.States(ctx, repo)
	return now, err
}

// dealtWith gives the state of a pull request that was dealt with, but for the others with the same head, and tells whether there were such.
// It is none where one of them has gone: the verdict must not speak for it any more, and its closing may have been missed.
func (s survey) dealtWith(k work.Key, pr forge.PullRequest) (done work.State, shared bool) {
	parts := strings.Split(string(s.done[k]), with)
	for _, number := range parts[1:] {
		if !slices.ContainsFunc(s.open, func(p forge.PullRequest) bool { return strconv.Itoa(p.Number) == number && p.Head == pr.Head }) {
			return "", true
		}
	}
	return work.State(parts[0]), len(parts) > 1
}

// unjudged gives the pull requests whose present state was not dealt with. Those that differ only in a base that has moved, in
// ways that cannot change their verdict, are noted as dealt with: looking at each of hundreds after every merge would cost
// more requests than GitHub grants.
func (f *Flow) unjudged(ctx context.Context, repo forge.Repo, now survey) ([]work.Wanted, error) {
	var wanted []work.Wanted
	var errs []error
	moves := map[[2]forge.Commit]*catalog.Move{}
	for _, pr := range now.open {
		k, base := pullRequestKey(repo, pr.Number), now.heads.Tips[pr.BaseBranch]
		done, shared := now.dealtWith(k, pr)
		state := pullState(pr, base, nil)
		if done == state {
			continue
		}
		old, ok := strings.CutPrefix(string(done), string(pr.Head)+onto)
		if ok && !shared && f.untouched(ctx, repo, pr.Head, [2]forge.Commit{forge.Commit(old), base}, moves) {
			errs = append(errs, f.Memory.MoveState(ctx, k, done, state))
			continue
		}
		wanted = append(wanted, work.Wanted{Key: k})
	}
	return wanted, errors.Join(errs...)
}

// untouched tells whether the verdict on the head stays as it is when its base moves from one commit to another. Whatever
// cannot be told is no. moves are those that were looked at before.
func (f *Flow) untouched(ctx context.Context, repo forge.Repo, head forge.Commit, base [2]forge.Commit, moves map[[2]forge.Commit]*catalog.Move) bool {
	if base[0] == "" || base[1] == "" || f.Remotes.Fetch(ctx, repo, head, base[0], base[1]) != nil {
		return false
	}
	_, before, err := f.merged(ctx, repo, base[0], head)
	if err != nil {
		return false
	}
	tree, own, err := f.merged(ctx, repo, base[1], head)
	if err != nil || !slices.Equal(before, own) { // what the branch has seen meanwhile is no change any more
		return false
	}
	if moves[base] == nil {
		if moves[base], err = f.moveOf(ctx, repo, base[0].Tree(), base[1].Tree()); err != nil {
			return false
		}
	}
	merged, err := f.Trees.Snapshot(ctx, repo, tree)
	if err != nil {
		return false
	}
	met, err := moves[base].Meets(merged, own)
	return err == nil && !met
}

// merged gives what merging a head into a base makes, and how that differs from the base.
func (f *Flow) merged(ctx context.Context, repo forge.Repo, base, head forge.Commit) (forge.Tree, []forge.Change, error) {
	merge, err := f.History.Merge(ctx, repo, base, head)
	if err != nil {
		return "", nil, err
	}
	if len(merge.Conflicts) > 0 {
		return "", nil, fmt.Errorf("merge %s into %s: conflicts", head, base)
	}
	changes, err := f.Trees.Changes(ctx, repo, base.Tree(), merge.Tree)
	return merge.Tree, changes, err
}

func (f *Flow) moveOf(ctx context.Context, repo forge.Repo, old, now forge.Tree) (*catalog.Move, error) {
	changes, err := f.Trees.Changes(ctx, repo, old, now)
	if err != nil {
		return nil, err
	}
	before, err := f.Trees.Snapshot(ctx, repo, old)
	if err != nil {
		return nil, err
	}
	after, err := f.Trees.Snapshot(ctx, repo, now)
	if err != nil {
		return nil, err
	}
	return catalog.NewMove(before, after, changes, f.Schemas)
}
