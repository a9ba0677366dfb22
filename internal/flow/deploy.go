package flow

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/trace"
	"github.com/tamerhq/tamer/internal/validate"
	"github.com/tamerhq/tamer/internal/work"
)

// branch asks for all that follows from where the branch is now. Where it is the one that is deployed, each sink is a piece of work of its
// own, so that one which is down holds up no other.
func (f *Flow) branch(ctx context.Context, repo forge.Repo, t work.Task) (work.State, error) {
	f.At(DeployBegun)
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return "", err
	}
	deployed, err := f.deployBranch(ctx, repo, heads)
	if err != nil {
		return "", err
	}
	tip, ok := heads.Tips[t.Key.Name]
	if t.Key.Name != deployed {
		return "not deployed", f.ask(ctx, previewsOf(repo, t.Key.Name, tip)) // and no commit: should the policy choose this branch, the sweep sees that it waits
	}
	sinks, err := f.sinksOf(ctx, repo)
	if err != nil {
		return "", err
	}
	var wanted []work.Wanted
	for _, s := range sinks {
		wanted = append(wanted, work.Wanted{Key: deployKey(repo, s.Name), Anew: t.Anew})
	}
	wanted = append(wanted, work.Wanted{Key: announceKey(repo), Anew: t.Anew})
	if !ok {
		return "gone", f.ask(ctx, wanted)
	}
	wanted = append(wanted, work.Wanted{Key: work.Key{Kind: work.Base, Installation: repo.Installation, Repository: repo.ID, Name: t.Key.Name}})
	return work.State(tip), f.ask(ctx, wanted)
}

func deployKey(repo forge.Repo, sink string) work.Key {
	return work.Key{Kind: work.Deploy, Installation: repo.Installation, Repository: repo.ID, Name: sink}
}

func announceKey(repo forge.Repo) work.Key {
	return work.Key{Kind: work.Announce, Installation: repo.Installation, Repository: repo.ID}
}

// deployBranch tells which branch is deployed; empty for an empty repository.
func (f *Flow) deployBranch(ctx context.Context, repo forge.Repo, heads forge.Heads) (string, error) {
	d, err := f.deploySettings(ctx, repo, heads)
	return d.Branch, err
}

// deploySettings gives what the policy on the default branch says of deploys. The branch is always named, but in an empty repository. A policy
// that nobody can read deploys the default branch, where its findings stop it, and serves nothing else.
func (f *Flow) deploySettings(ctx context.Context, repo forge.Repo, heads forge.Heads) (d policy.Deploy, err error) {
	tip, ok := heads.Tips[heads.Default]
	if !ok {
		return d, nil
	}
	if err := f.Remotes.Fetch(ctx, repo, tip); err != nil {
		return d, fmt.Errorf("fetch the tip of %s: %w", heads.Default, err)
	}
	tree, err := f.Trees.Snapshot(ctx, repo, tip.Tree())
	if err != nil {
		return d, err
	}
	p, _, err := policy.Read(tree)
	if err != nil {
		return d, err
	}
	if p != nil {
		d = p.Deploy
	}
	if d.Branch == "" {
		d.Branch = heads.Default
	}
	return d, nil
}

// open opens a sink for the repository.
func (f *Flow) open(ctx context.Context, repo forge.Repo, s NamedSink) (*ship.Store, error) {
	opened, err := s.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the store %s: %w", s.Name, err)
	}
	return ship.New(ship.Config{Sink: opened, Owner: release.Owner{Repository: repo.String(), ID: repo.ID}, Now: f.Now, At: f.At})
}

// coming is a commit that has been fetched as a store is handed it.
func (f *Flow) coming(ctx context.Context, repo forge.Repo, at forge.Commit, from release.Provenance) (ship.Commit, error) {
	from.Repository, from.Commit = repo.String(), at
	tree, err := f.Trees.Snapshot(ctx, repo, at.Tree())
	if err != nil {
		return ship.Commit{}, err
	}
	return ship.Commit{Provenance: from, Tree: tree, Limits: f.Limits,
		Since: func(ctx context.Context, old forge.Commit) (fs.FS, []forge.Change, error) {
			if err := f.Remotes.Fetch(ctx, repo, old); err != nil {
				return nil, nil, fmt.Errorf("fetch %s, which is served: %w", old.Short(), err)
			}
			before, err := f.Trees.Snapshot(ctx, repo, old.Tree())
			if err != nil {
				return nil, nil, err
			}
			changes, err := f.Trees.Changes(ctx, repo, old.Tree(), at.Tree())
			return before, changes, err
		},
		Judge: func(served, tree fs.FS, changes []forge.Change) ([]finding.Finding, error) {
			r, err := f.judgeTrees(ctx, repo, at, served, tree, changes)
			return r.Findings, err
		}}, nil
}

// judgeTrees judges the tree of a commit, or what may be served of it, against what is served; nil for nothing.
func (f *Flow) judgeTrees(ctx context.Context, repo forge.Repo, at forge.Commit, served, tree fs.FS, changes []forge.Change) (validate.Result, error) {
	opts := validate.Options{Base: served, Changes: changes, Limits: f.Limits, Build: f.Build, Schemas: f.Schemas, Now: f.Now(), Merged: true, Released: f.releasedBefore(ctx, repo, at)}
	if f.Cache != nil {
		opts.Cache = f.Cache(ctx, repo)
	}
	_, judged := trace.Begin(ctx, trace.Judge)
	r, err := validate.Tree(tree, opts)
	judged(err)
	if work.IsPermanent(err) {
		return unevaluated(err), nil
	}
	if err != nil {
		return r, fmt.Errorf("judge %s: %w", repo, err)
	}
	return r, nil
}
