package flow

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// sweep asks for every installation, so that with every webhook lost tamer still converges.
func (f *Flow) sweep(ctx context.Context) error {
	ids, err := f.Installations.Installations(ctx)
	if err != nil {
		return err
	}
	var wanted []work.Wanted
	for _, id := range ids {
		wanted = append(wanted, work.Wanted{Key: work.Key{Kind: work.Installation, Installation: id}})
	}
	return f.ask(ctx, wanted)
}

func (f *Flow) sweepInstallation(ctx context.Context, id int64) error {
	repos, err := f.Installations.Repositories(ctx, id)
	if err != nil {
		return err
	}
	if err := f.Memory.SaveRepos(ctx, repos...); err != nil {
		return err
	}
	var wanted []work.Wanted
	for _, r := range repos {
		wanted = append(wanted, work.Wanted{Key: work.Key{Kind: work.Repository, Installation: id, Repository: r.ID}})
	}
	return f.ask(ctx, wanted)
}

// sweepRepository asks for the pull requests, the merge groups, the deploy branch and the previews whose present state was not dealt with yet.
func (f *Flow) sweepRepository(ctx context.Context, repo forge.Repo) error {
	now, err := f.survey(ctx, repo)
	if err != nil {
		return err
	}
	var wanted []work.Wanted
	missing := func(k work.Key, s work.State) {
		if now.done[k] != s {
			wanted = append(wanted, work.Wanted{Key: k})
		}
	}
	settings, err := f.deploySettings(ctx, repo, now.heads)
	if settings.Branch != "" {
		err = errors.Join(err, f.undeployed(ctx, repo, settings.Branch, now, missing))
	}
	previews, previewsErr := f.unserved(ctx, repo, now, settings)
	pulls, pullsErr := f.unjudged(ctx, repo, now)
	gates, gatesErr := f.ungated(ctx, repo, now)
	wanted = slices.Concat(wanted, previews, pulls, gates)
	for branch, base := range mergeGroups(now.heads) {
		missing(mergeGroupKey(repo, branch), mergeState(now.heads.Tips[branch], now.heads.Tips[base]))
		missing(groupApprovalsKey(repo, branch), mergeState(now.heads.Tips[branch], now.heads.Tips[base]))
	}
	return errors.Join(err, previewsErr, pullsErr, gatesErr, f.ask(ctx, wanted))
}

// undeployed asks for the deploy branch, for each sink that is not known to be at its tip, and for what is shown of them. Where the branch
// is gone, those are asked for that have seen it since it was last known to be: it may have been there again for a moment.
func (f *Flow) undeployed(ctx context.Context, repo forge.Repo, branch string, now survey, missing func(work.Key, work.State)) error {
	sinks, err := f.sinksOf(ctx, repo)
	if err != nil {
		return err
	}
	tip, there := now.heads.Tips[branch]
	if !there {
		missing(branchKey(repo, branch), "gone")
	} else {
		missing(branchKey(repo, branch), work.State(tip))
	}
	unlessAt := func(k work.Key) {
		if there || namesCommit(now.done[k]) {
			missing(k, work.State(tip))
		}
	}
	for _, s := range sinks {
		unlessAt(deployKey(repo, s.Name))
		if there {
			missing(tendKey(repo, s.Name), f.tendState(repo))
		}
	}
	unlessAt(announceKey(repo))
	return nil
}

// namesCommit tells whether a state's last word is a commit.
func namesCommit(s work.State) bool {
	last := s[strings.LastIndexByte(string(s), ' ')+1:]
	return last != "" && last != "gone"
}
