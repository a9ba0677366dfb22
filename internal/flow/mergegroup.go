package flow

import (
	"context"
	"iter"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// mergeGroup judges a group of the merge queue, and shows the verdict on the group's own commit: it holds the base, the groups
// before it, and its pull requests, merged in that order. So what the queue would make of the base branch is judged, once
// for all of them.
func (f *Flow) mergeGroup(ctx context.Context, repo forge.Repo, t work.Task) (work.State, error) {
	base, ok := forge.MergeQueueBase(t.Key.Name)
	if !ok {
		return "no merge group", nil
	}
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return "", err
	}
	tip, ok := heads.Tips[t.Key.Name]
	if !ok {
		return "gone", nil
	}
	done, err := f.inTurn(ctx, repo, verdictOf(tip))
	if err != nil {
		return "", err
	}
	defer done()
	return mergeState(tip, heads.Tips[base]), f.validateHead(ctx, head{repo: repo, commit: tip, bases: []string{base}, heads: heads, anew: t.Anew, last: t.Attempt >= patience})
}

// mergeGroups gives the branches of merge queues, each with the branch that it is to become.
func mergeGroups(heads forge.Heads) iter.Seq2[string, string] {
	return func(yield func(branch, base string) bool) {
		for branch := range heads.Tips {
			if base, ok := forge.MergeQueueBase(branch); ok && !yield(branch, base) {
				return
			}
		}
	}
}

func mergeGroupKey(repo forge.Repo, branch string) work.Key {
	return work.Key{Kind: work.MergeGroup, Installation: repo.Installation, Repository: repo.ID, Name: branch}
}
