package flow

import (
	"context"
	"errors"
	"slices"

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
	if tip, ok := now.heads.Tips[settings.Branch]; ok {
		err = errors.Join(err, f.undeployed(ctx, repo, settings.Branch, tip, missing))
	} else if settings.Branch != "" && now.done[branchKey(repo, settings.Branch)] != "gone" {
		wanted = append(wanted, work.Wanted{Key: branchKey(repo, settings.Branch)})
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

// undeployed asks for the deploy branch, and for each sink that is not known to be at its tip.
func (f *Flow) undeployed(ctx context.Context, repo forge.Repo, branch string, tip forge.Commit, missing func(work.Key, work.State)) error {
	sinks, err := f.sinksOf(ctx, repo)
	if err != nil {
		return err
	}
	missing(branchKey(repo, branch), work.State(tip))
	for _, s := range sinks {
		missing(deployKey(repo, s.Name), work.State(tip))
		missing(tendKey(repo, s.Name), f.tendState(repo))
	}
	missing(announceKey(repo), work.State(tip))
	return nil
}
