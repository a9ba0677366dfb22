package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/work"
)

// maxQueued is how many pull requests one group of a merge queue is followed through. Source: docs.github.com, "Managing a merge
// queue": a group holds at most 100.
const maxQueued = 100

// groupApprovals decides whether the gates of all pull requests in a group of the merge queue are met, and shows that on the group's
// commit. What an approval must cover is what the group makes of the pull request: that is what will be merged.
func (f *Flow) groupApprovals(ctx context.Context, repo forge.Repo, t work.Task) (work.State, error) {
	f.At(GateBegun)
	group, ok := forge.ParseMergeGroup(t.Key.Name)
	if !ok {
		return "no merge group", nil
	}
	for range maxLooks {
		heads, err := f.Remotes.Heads(ctx, repo)
		if err != nil {
			return "", err
		}
		tip, ok := heads.Tips[t.Key.Name]
		if !ok {
			return "gone", nil
		}
		if done, err := f.showGroup(ctx, repo, heads, group, tip, t.Anew); err != nil || done {
			return mergeState(tip, heads.Tips[group.Base]), err
		}
	}
	return "", fmt.Errorf("decide on the approvals of %s: a pull request in it changed while it was looked at", t.Key.Name)
}

// showGroup decides on a group and shows it, while nobody else does so for that commit.
func (f *Flow) showGroup(ctx context.Context, repo forge.Repo, heads forge.Heads, group forge.MergeGroup, tip forge.Commit, anew bool) (done bool, err error) {
	leave, err := f.inTurn(ctx, repo, gatesOf(tip))
	if err != nil {
		return false, err
	}
	defer leave()
	l, err := f.lookAtGroup(ctx, repo, heads, group, tip)
	if err != nil {
		return false, err
	}
	return f.showGates(ctx, l, anew)
}

// lookAtGroup decides on the pull request that a group was made for, and on those in the groups below it.
func (f *Flow) lookAtGroup(ctx context.Context, repo forge.Repo, heads forge.Heads, group forge.MergeGroup, tip forge.Commit) (look, error) {
	base := heads.Tips[group.Base]
	l := look{repo: repo, commit: tip}
	unknown := func(format string, args ...any) (look, error) {
		l.decisions = append(l.decisions, decision{gated: render.Gated{Base: group.Base, Problem: fmt.Sprintf(format, args...)}})
		return l, nil
	}
	if base == "" {
		return unknown("the branch %q is not there", group.Base)
	}
	f.At(GateRead)
	for at := tip; len(l.decisions) < maxQueued; {
		pr, err := f.PullRequests.PullRequest(ctx, repo, group.Number)
		if errors.Is(err, fs.ErrNotExist) {
			return unknown("the queue names pull request #%d, which is not there", group.Number)
		}
		if err != nil {
			return l, err
		}
		if pr.BaseBranch != group.Base {
			return unknown("pull request #%d is to be merged into another branch by now", group.Number)
		}
		lower, merged, err := f.below(ctx, repo, heads, group, at)
		if err != nil {
			return l, err
		}
		s := subject{pull: pr, tip: base, head: at}
		if lower != nil { // else it begins where it has left the base, whatever the branch is called
			s.from = group.Parent
		}
		d, err := f.decide(ctx, repo, s)
		if err != nil {
			return l, err
		}
		l.decisions = append(l.decisions, d)
		switch {
		case merged:
			return l, f.withOwnHead(ctx, heads, &l)
		case lower == nil:
			return unknown("which pull requests are in the group below %s cannot be told; remove this one from the queue and add it again", group.Parent.Short())
		}
		at, group = group.Parent, *lower
	}
	return unknown("the group holds more than %d pull requests", maxQueued)
}

// below finds what a group with this commit was made on: the group before it, or something that is part of the base; neither where that
// cannot be told.
func (f *Flow) below(ctx context.Context, repo forge.Repo, heads forge.Heads, group forge.MergeGroup, at forge.Commit) (lower *forge.MergeGroup, merged bool, err error) {
	base := heads.Tips[group.Base]
	if err := f.Remotes.Fetch(ctx, repo, at, base); err != nil {
		return nil, false, fmt.Errorf("fetch %s and what it is to be merged into: %w", at.Short(), err)
	}
	if err := f.Remotes.Fetch(ctx, repo, group.Parent); errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, fmt.Errorf("fetch %s: %w", group.Parent.Short(), err)
	}
	if merged, err = f.History.IsAncestor(ctx, repo, group.Parent, base); err != nil || merged {
		return nil, merged, err
	}
	holds, err := f.History.IsAncestor(ctx, repo, group.Parent, at)
	if err != nil || !holds {
		return nil, false, err
	}
	for branch, tip := range heads.Tips {
		if g, ok := forge.ParseMergeGroup(branch); ok && tip == group.Parent && g.Base == group.Base {
			return &g, false, nil
		}
	}
	return nil, false, nil
}

// withOwnHead adds the decisions on open pull requests whose head is the commit itself: what is shown there is shown for them, too.
func (f *Flow) withOwnHead(ctx context.Context, heads forge.Heads, l *look) error {
	all, err := f.PullRequests.PullRequestsWith(ctx, l.repo, l.commit)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !work.IsPermanent(err) {
		return err
	}
	for _, pr := range all {
		if !pr.Open || pr.Head != l.commit {
			continue
		}
		d, err := f.decide(ctx, l.repo, subject{pull: pr, tip: heads.Tips[pr.BaseBranch], head: pr.Head})
		if err != nil {
			return err
		}
		l.decisions = append(l.decisions, d)
	}
	f.At(GateDecided)
	return nil
}

func groupApprovalsKey(repo forge.Repo, branch string) work.Key {
	return work.Key{Kind: work.Approvals, Installation: repo.Installation, Repository: repo.ID, Name: branch}
}

func approvalsKey(repo forge.Repo, number int) work.Key {
	return work.Key{Kind: work.Approvals, Installation: repo.Installation, Repository: repo.ID, Number: number}
}
