package flow

import (
	"context"
	"errors"

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

// sweepRepository asks for the pull requests, the merge groups and the deploy branch whose present state was not dealt with yet.
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
	deployed, err := f.deployBranch(ctx, repo, now.heads)
	if tip, ok := now.heads.Tips[deployed]; ok {
		missing(branchKey(repo, deployed), work.State(tip))
	}
	pulls, pullsErr := f.unjudged(ctx, repo, now)
	gates, gatesErr := f.ungated(ctx, repo, now)
	wanted = append(append(wanted, pulls...), gates...)
	for branch, base := range mergeGroups(now.heads) {
		missing(mergeGroupKey(repo, branch), mergeState(now.heads.Tips[branch], now.heads.Tips[base]))
		missing(groupApprovalsKey(repo, branch), mergeState(now.heads.Tips[branch], now.heads.Tips[base]))
	}
	return errors.Join(err, pullsErr, gatesErr, f.ask(ctx, wanted))
}
