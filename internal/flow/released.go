package flow

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/tamerhq/tamer/internal/forge"
)

// releasedBefore gives the trees of commits that a commit of a branch has among its ancestors, or is. Others may be in the mirror, such as
// those of forks: to ask for one of these is an error that wraps fs.ErrNotExist.
func (f *Flow) releasedBefore(ctx context.Context, repo forge.Repo, tip forge.Commit) func(forge.Commit) (fs.FS, error) {
	return func(at forge.Commit) (fs.FS, error) {
		held, err := f.History.Holds(ctx, repo, tip, at)
		if err != nil {
			return nil, err
		}
		if !held {
			return nil, fmt.Errorf("commit %s is no part of %s: %w", at.Short(), tip.Short(), fs.ErrNotExist)
		}
		return f.Trees.Snapshot(ctx, repo, at.Tree())
	}
}
