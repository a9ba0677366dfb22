package flow

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// base asks for the open pull requests onto a branch that has moved: of two changes, each fine, that break each other, the
// second one is seen to do so before it is merged.
func (f *Flow) base(ctx context.Context, repo forge.Repo, branch string) error {
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return err
	}
	open, err := f.PullRequests.OpenPullRequests(ctx, repo)
	if err != nil {
		return err
	}
	done, err := f.Memory.States(ctx, repo)
	if err != nil {
		return err
	}
	open = slices.DeleteFunc(open, func(pr forge.PullRequest) bool { return pr.BaseBranch != branch })
	wanted, err := f.unjudged(ctx, repo, heads, open, done)
	return errors.Join(err, f.ask(ctx, wanted))
}

// unjudged gives the pull requests whose present state was not dealt with. Those that differ only in a base that has moved, in
// ways that cannot change their verdict, are noted as dealt with: looking at each of hundreds after every merge would cost
// more requests than GitHub grants.
func (f *Flow) unjudged(ctx context.Context, repo forge.Repo, heads forge.Heads, open []forge.PullRequest, done map[work.Key]work.State) ([]work.Wanted, error) {
	var wanted []work.Wanted
	var errs []error
	for _, pr := range open {
		k, base := pullRequestKey(repo, pr.Number), heads.Tips[pr.BaseBranch]
		now := pullState(pr, base)
		if done[k] == now {
			continue
		}
		if old, ok := strings.CutPrefix(string(done[k]), string(pr.Head)+onto); ok && f.untouched(ctx, repo, pr.Head, forge.Commit(old), base) {
			errs = append(errs, f.Memory.MoveState(ctx, k, done[k], now))
			continue
		}
		wanted = append(wanted, work.Wanted{Key: k})
	}
	return wanted, errors.Join(errs...)
}

// untouched tells whether the verdict on the head stays as it is when its base moves. Whatever cannot be told is no.
func (f *Flow) untouched(ctx context.Context, repo forge.Repo, head, old, now forge.Commit) bool {
	if old == "" || now == "" || f.Remotes.Fetch(ctx, repo, head, old, now) != nil {
		return false
	}
	merge, err := f.History.Merge(ctx, repo, now, head)
	if err != nil || len(merge.Conflicts) > 0 {
		return false
	}
	met, err := f.meet(ctx, repo, old.Tree(), now.Tree(), merge.Tree)
	return err == nil && !met
}

// meet tells whether the change from old to now, and the one from there to merged, may depend on each other.
func (f *Flow) meet(ctx context.Context, repo forge.Repo, old, now, merged forge.Tree) (bool, error) {
	moved, err := f.Trees.Changes(ctx, repo, old, now)
	if err != nil {
		return false, err
	}
	own, err := f.Trees.Changes(ctx, repo, now, merged)
	if err != nil {
		return false, err
	}
	var trees [3]fs.FS
	for i, t := range []forge.Tree{old, now, merged} {
		if trees[i], err = f.Trees.Snapshot(ctx, repo, t); err != nil {
			return false, err
		}
	}
	return catalog.Meet(trees[0], trees[1], trees[2], moved, own)
}
