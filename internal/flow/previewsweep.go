package flow

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/work"
)

// maxPreviews is how many branches one sweep looks at whose previews may be old. Where there are more, the next sweeps go on.
const maxPreviews = 20

// unserved asks for the previews of branches that have moved, come or gone without a webhook. A branch that was never served is left alone where
// its last commit is older than previews are kept: else all that ever was would be served where tamer is new.
func (f *Flow) unserved(ctx context.Context, repo forge.Repo, now survey, settings policy.Deploy) ([]work.Wanted, error) {
	var wanted []work.Wanted
	var errs []error
	for _, branch := range f.turn(astray(repo, now, settings)) {
		tip := now.heads.Tips[branch]
		switch done := now.done[previewKey(repo, release.BranchChannel(branch))]; done {
		case "", "gone":
			old, err := f.older(ctx, repo, tip, settings.Previews.ExpireAfter)
			if errs = append(errs, err); err != nil || old {
				continue
			}
		}
		wanted = append(wanted, previewsOf(repo, branch, tip)...)
	}
	return wanted, errors.Join(errs...)
}

// astray gives the branches whose previews are not known to be at their tip, sorted.
func astray(repo forge.Repo, now survey, settings policy.Deploy) []string {
	var all []string
	if !settings.Previews.Branches {
		return nil // should there be any of them still, they go when the stores are tended
	}
	for branch, tip := range now.heads.Tips {
		mine := branch != settings.Branch && !strings.HasPrefix(branch, forge.MergeQueuePrefix)
		if mine && now.done[previewKey(repo, release.BranchChannel(branch))] != work.State(tip) {
			all = append(all, branch)
		}
	}
	for k, state := range now.done {
		branch, ok := strings.CutPrefix(k.Name, release.BranchChannel(""))
		if _, there := now.heads.Tips[branch]; ok && k.Kind == work.Preview && !there && state != "gone" {
			all = append(all, branch)
		}
	}
	slices.Sort(all)
	return all
}

// turn gives those of them that are looked at in this minute: all have their turn, however many cannot be dealt with.
func (f *Flow) turn(all []string) []string {
	parts := slices.Collect(slices.Chunk(all, maxPreviews))
	if len(parts) == 0 {
		return nil
	}
	return parts[int(f.Now().Unix()/60)%len(parts)]
}

// older tells whether a commit was made longer ago than that; 0 is for ever. One that is gone again counts as old.
func (f *Flow) older(ctx context.Context, repo forge.Repo, at forge.Commit, than time.Duration) (bool, error) {
	if at == "" || than == 0 {
		return at == "", nil
	}
	err := f.Remotes.Fetch(ctx, repo, at)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	info, err := f.History.CommitInfo(ctx, repo, at)
	return f.Now().Sub(info.Committed) > than, err
}
