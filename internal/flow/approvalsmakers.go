package flow

import (
	"context"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// maxMerges is how many merges of one pull request are looked at; those who made further ones count as makers of the change.
const maxMerges = 20

// makers leaves out the commits that have made nothing: merges of two commits that hold what git makes of these by itself, as the
// button "Update branch" does. Whoever pressed it may still approve. All that was merged there stands in made too, or on the base.
func (w *weighing) makers(ctx context.Context, made []forge.Authorship) ([]forge.Authorship, error) {
	var all []forge.Authorship
	merges := 0
	for _, m := range made {
		if len(m.Parents) == 2 && merges < maxMerges {
			merges++
			nothing, err := w.mergesOnly(ctx, m)
			if err != nil {
				return nil, err
			}
			if nothing {
				continue
			}
		}
		all = append(all, m)
	}
	return all, nil
}

func (w *weighing) mergesOnly(ctx context.Context, m forge.Authorship) (bool, error) {
	merged, err := w.flow.History.Merge(ctx, w.repo, m.Parents[0], m.Parents[1])
	if work.IsPermanent(err) { // such as no common history: then somebody has decided what it holds
		return false, nil
	}
	if err != nil || len(merged.Conflicts) > 0 {
		return false, err
	}
	differing, err := w.flow.Trees.Changes(ctx, w.repo, merged.Tree, m.Commit.Tree())
	return len(differing) == 0, err
}
