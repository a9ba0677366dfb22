package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/work"
)

func previewKey(repo forge.Repo, channel string) work.Key {
	return work.Key{Kind: work.Preview, Installation: repo.Installation, Repository: repo.ID, Name: channel}
}

// previewsOf asks for what is served of a branch and its tip. The branches of a merge queue come and go, and are never served.
func previewsOf(repo forge.Repo, branch string, tip forge.Commit) []work.Wanted {
	if strings.HasPrefix(branch, forge.MergeQueuePrefix) {
		return nil
	}
	wanted := []work.Wanted{{Key: previewKey(repo, release.BranchChannel(branch))}}
	if tip != "" {
		wanted = append(wanted, work.Wanted{Key: previewKey(repo, release.CommitChannel(tip))})
	}
	return wanted
}

// previewTurn names the turn of writing a preview: it is served by one kind of work and removed by another, and what is renewed just then
// must not be taken for old.
func previewTurn(channel string) string { return "preview/" + channel }

// preview serves a branch or a commit beside production, in every store, or takes it away: where the branch is gone or became the deploy
// branch, and where the policy of the default branch does not want it. Nothing from a fork comes here: its branches are none of the
// repository's.
func (f *Flow) preview(ctx context.Context, repo forge.Repo, t work.Task) (work.State, error) {
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return "", err
	}
	settings, err := f.deploySettings(ctx, repo, heads)
	if err != nil {
		return "", err
	}
	at, err := previewed(t, heads, settings)
	if err != nil {
		return "", work.Permanent(fmt.Errorf("%s: %w", t.Key, err))
	}
	if at == "" && strings.HasPrefix(t.Key.Name, "commit/") {
		return "not served", nil // who has asked for it may still use it: it goes with its age
	}
	done, err := f.inTurn(ctx, repo, previewTurn(t.Key.Name))
	if err != nil {
		return "", err
	}
	defer done()
	p := preview{flow: f, repo: repo, channel: t.Key.Name, at: at, kept: settings.Previews.ExpireAfter}
	if at != "" {
		if err := f.Remotes.Fetch(ctx, repo, at); err != nil {
			return "", fmt.Errorf("fetch %s to serve it beside production: %w", at.Short(), err)
		}
	}
	if err := p.run(ctx); err != nil {
		return "", err
	}
	if at == "" {
		return "gone", nil
	}
	return work.State(at), nil
}

// previewed gives the commit that a channel should serve; empty for none. What a person asks for is served whatever the policy says.
func previewed(t work.Task, heads forge.Heads, settings policy.Deploy) (forge.Commit, error) {
	kind, name, _ := strings.Cut(t.Key.Name, "/")
	switch kind {
	case "branch":
		if name == settings.Branch || !settings.Previews.Branches || strings.HasPrefix(name, forge.MergeQueuePrefix) {
			return "", nil
		}
		return heads.Tips[name], nil
	case "commit":
		commit, err := forge.ParseCommit(name)
		if err != nil || t.Anew || settings.Previews.Commits {
			return commit, err
		}
		return "", nil
	}
	return "", fmt.Errorf("%q is the channel of no preview", t.Key.Name)
}

// A preview is one channel beside production.
type preview struct {
	flow    *Flow
	repo    forge.Repo
	channel string
	at      forge.Commit  // empty to take it away
	kept    time.Duration // how long, where nobody uses it
}

// run does it in each store, whatever becomes of the others, and shows it.
func (p *preview) run(ctx context.Context) error {
	sinks, err := p.flow.sinksOf(ctx, p.repo)
	if err != nil {
		return err
	}
	var errs []error
	shown := false
	for _, s := range sinks {
		before, out, err := p.serve(ctx, s)
		if err != nil {
			errs = append(errs, fmt.Errorf("serve %s in the store %s: %w", p.channel, s.Name, err))
			continue
		}
		if !shown && strings.HasPrefix(p.channel, "branch/") {
			shown = true
			errs = append(errs, p.show(ctx, before, out))
		}
	}
	return errors.Join(errs...)
}

// serve brings one store there, and gives the commit that was served before.
func (p *preview) serve(ctx context.Context, s NamedSink) (before forge.Commit, out ship.Outcome, err error) {
	store, err := p.flow.open(ctx, p.repo, s)
	if err != nil {
		return "", out, err
	}
	st, err := store.Read(ctx, p.channel)
	if errors.Is(err, ship.ErrForeign) {
		return "", out, nil // tamer/deploy says so
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", out, err
	}
	if p.at == "" {
		return st.Channel.Commit, out, store.RemovePreview(ctx, p.channel)
	}
	info, err := p.flow.History.CommitInfo(ctx, p.repo, p.at)
	if err != nil {
		return "", out, err
	}
	commit, err := p.flow.coming(ctx, p.repo, p.at, release.Provenance{Parents: info.Parents, CommittedAt: info.Committed})
	if err != nil {
		return "", out, err
	}
	if out, err = store.Preview(ctx, p.channel, commit); err == nil {
		_, err = store.ExpirePreviews(ctx, p.kept)
	}
	return st.Channel.Commit, out, err
}

// show keeps GitHub's deployments to the environment preview/BRANCH: one for the commit that is served, if any customer is served something
// else than in production, and none of an earlier one that is active.
func (p *preview) show(ctx context.Context, before forge.Commit, out ship.Outcome) error {
	environment := "preview/" + strings.TrimPrefix(p.channel, "branch/")
	if before != "" && before != p.at {
		old, err := p.flow.Deployments.Deployment(ctx, p.repo, before, environment)
		if err != nil {
			return err
		}
		if old != nil && old.State != forge.DeploymentInactive {
			old.State, old.Description = forge.DeploymentInactive, "No longer served"
			old.URL, old.LogURL = "", p.flow.Pages.log(p.repo, before, 0)
			if err := p.flow.Deployments.SetDeploymentState(ctx, p.repo, *old); err != nil {
				return err
			}
		}
	}
	served, held := len(out.State.Journal.Touched), len(out.State.Release.Held())
	if p.at == "" || !out.Moved && !out.Stopped || served == 0 && held == 0 && !out.Stopped {
		return nil
	}
	found, err := p.flow.Deployments.Deployment(ctx, p.repo, p.at, environment)
	if err != nil {
		return err
	}
	d := forge.Deployment{Commit: p.at, Environment: environment, Transient: true, Description: "Configuration beside production"}
	if found != nil {
		d = *found
	} else if d.ID, err = p.flow.Deployments.CreateDeployment(ctx, p.repo, d); err != nil {
		return err
	}
	to := forge.DeploymentSuccess
	if out.Stopped {
		to = forge.DeploymentFailure
	}
	if d.State == to {
		return nil
	}
	d.State, d.Description = to, render.PreviewLine(served, held, out.Stopped)
	d.URL, d.LogURL = p.flow.Pages.served(p.repo, p.channel), p.flow.Pages.log(p.repo, p.at, 0)
	return p.flow.Deployments.SetDeploymentState(ctx, p.repo, d)
}

// previewCommand serves the head of a pull request on request.
func (f *Flow) previewCommand(ctx context.Context, repo forge.Repo, c forge.Comment) error {
	pr, err := f.PullRequests.PullRequest(ctx, repo, c.Pull)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if pr.Fork {
		return f.answer(ctx, repo, c.Pull, strconv.FormatInt(c.ID, 10), render.Operated(c.Author.Login, "preview", "Nothing from a fork is served."))
	}
	if err := f.askPreview(ctx, repo, pr.Head); err != nil {
		return err
	}
	return f.Commands.React(ctx, repo, c.ID)
}

// askPreview asks for a commit to be served under its own name, whatever the policy says.
func (f *Flow) askPreview(ctx context.Context, repo forge.Repo, at forge.Commit) error {
	return f.ask(ctx, []work.Wanted{{Key: previewKey(repo, release.CommitChannel(at)), Anew: true}})
}
