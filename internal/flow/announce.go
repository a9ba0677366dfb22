package flow

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/work"
)

// DeployCheck is the name of the check run on commits of the deploy branch.
const DeployCheck = "tamer/deploy"

const production = "production"

// announce shows on GitHub how all sinks stand to the tip of the deploy branch. Everything that it says is read from the sinks, so it does not
// matter how often it is asked for, nor after which of them.
func (f *Flow) announce(ctx context.Context, repo forge.Repo, t work.Task) (work.State, error) {
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return "", err
	}
	branch, err := f.deployBranch(ctx, repo, heads)
	if err != nil {
		return "", err
	}
	tip, ok := heads.Tips[branch]
	a := announcement{flow: f, repo: repo, anew: t.Anew, deploy: render.Deploy{Branch: branch, Commit: tip}}
	if err := a.follow(ctx); err != nil {
		return "", err
	}
	if !ok {
		return "gone", nil
	}
	shown, err := f.Checks.CheckRun(ctx, repo, tip, DeployCheck)
	if err != nil {
		return "", err
	}
	if err := a.look(ctx); err != nil {
		return "", err
	}
	if err := f.noteStandings(ctx, repo, a.deploy); err != nil {
		return "", err
	}
	if err := a.show(ctx, shown); err != nil {
		return "", err
	}
	if a.deploy.Settled() {
		if err := f.Notes.Remember(ctx, repo, announcedNote, nil); err != nil {
			return "", err
		}
	}
	if !a.deploy.Settled() || !a.deploy.Served() {
		return work.State("waiting " + string(tip)), nil
	}
	return work.State(tip), nil
}

// An announcement is what is shown of one tip.
type announcement struct {
	flow   *Flow
	repo   forge.Repo
	anew   bool
	deploy render.Deploy
}

// lookTime bounds how long one sink is waited for: what the others say is shown all the same.
const lookTime = 20 * time.Second

// look reads how each sink stands, all at once.
func (a *announcement) look(ctx context.Context) error {
	sinks, err := a.flow.sinksOf(ctx, a.repo)
	if err != nil {
		return err
	}
	a.deploy.Stores = make([]render.DeployStore, len(sinks))
	states, stores := make([]ship.State, len(sinks)), make([]*ship.Store, len(sinks))
	var looking sync.WaitGroup
	for i, s := range sinks {
		looking.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, lookTime)
			defer cancel()
			stores[i], states[i], a.deploy.Stores[i] = a.lookAt(ctx, s)
		})
	}
	looking.Wait()
	for i := range sinks {
		if err := a.judge(ctx, stores[i], states[i], &a.deploy.Stores[i]); err != nil {
			return err
		}
		if err := a.recall(ctx, &a.deploy.Stores[i]); err != nil {
			return err
		}
		if a.deploy.Stores[i].Drift, err = a.flow.drift(ctx, a.repo, sinks[i].Name); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (a *announcement) lookAt(ctx context.Context, s NamedSink) (*ship.Store, ship.State, render.DeployStore) {
	row := render.DeployStore{Name: s.Name}
	store, err := a.flow.open(ctx, a.repo, s)
	if err != nil {
		row.Problem = err.Error()
		return nil, ship.State{}, row
	}
	st, err := store.Read(ctx, release.Production)
	row.Channel, row.Release, row.Journal = st.Channel, st.Release, st.Journal
	switch {
	case errors.Is(err, ship.ErrForeign):
		row.Channel, row.Release, row.Journal = release.Channel{}, release.Release{}, release.Journal{}
		row.Refused = err.Error()
	case err != nil:
		row.Problem = err.Error()
	default:
		return store, st, row
	}
	return nil, st, row
}

// judge tells what is wrong with the tip where the sink is served something else.
func (a *announcement) judge(ctx context.Context, store *ship.Store, st ship.State, row *render.DeployStore) error {
	there := st.Channel.Commit == a.deploy.Commit && len(st.Release.Held()) == 0
	if store == nil || there || st.Channel.Hold != nil {
		return nil
	}
	if err := a.flow.Remotes.Fetch(ctx, a.repo, a.deploy.Commit); err != nil {
		return fmt.Errorf("fetch the tip of %s: %w", a.deploy.Branch, err)
	}
	commit, err := a.flow.coming(ctx, a.repo, a.deploy.Commit, release.Provenance{})
	if err != nil {
		return err
	}
	found, stop, err := store.Judge(ctx, st, commit)
	if err != nil {
		row.Problem = err.Error()
		return ctx.Err()
	}
	row.Stopped = stop && st.Channel.Commit != a.deploy.Commit
	if len(a.deploy.Verdict.Findings) == 0 { // the stores stand where they stand for the same reason, or nearly so
		a.deploy.Verdict = failing(found...)
	}
	return nil
}

// recall adds why the last attempt failed, where nothing else tells why the sink is not there.
func (a *announcement) recall(ctx context.Context, row *render.DeployStore) error {
	if row.Problem != "" || row.Channel.Commit == a.deploy.Commit {
		return nil
	}
	text, err := a.flow.Notes.Recall(ctx, a.repo, problemNote(row.Name))
	row.Problem = string(text)
	return err
}

// show brings the deployment and the check run to what they should say.
func (a *announcement) show(ctx context.Context, shown *forge.CheckRun) error {
	verdict := render.DeployCheck(a.deploy)
	verdict.Name, verdict.Head = DeployCheck, a.deploy.Commit
	p := publication{flow: a.flow, repo: a.repo, shown: shown, inputs: "deploy/" + digestOf(verdict), anew: a.anew && a.deploy.Settled()}
	if p.isShown() && !p.anew {
		return nil
	}
	first := verdict
	first.Annotations, first.Conclusion = nil, ""
	if verdict.Status == forge.InProgress && shown != nil && shown.Status != forge.Completed {
		return a.progress(ctx, *shown, first, p.inputs)
	}
	if shown != nil && shown.Status != forge.Completed {
		shown.ExternalID = p.inputs // whatever it was made for: the annotations of a deploy go in its last request
	}
	if err := p.start(ctx, first); err != nil {
		return err
	}
	a.flow.At(DeployStarted)
	if err := a.record(ctx, p.run.ID); err != nil || verdict.Status == forge.InProgress {
		return err
	}
	a.flow.At(DeployTold)
	if err := p.complete(ctx, verdict, DeployPublished); err != nil {
		return err
	}
	a.flow.At(DeployPublished)
	return nil
}

// progress changes what an unfinished run says, if it says something else.
func (a *announcement) progress(ctx context.Context, shown, now forge.CheckRun, inputs string) error {
	if shown.ExternalID != inputs {
		now.ID, now.Status, now.ExternalID = shown.ID, forge.InProgress, inputs
		if err := a.flow.Checks.UpdateCheckRun(ctx, a.repo, marked(ctx, now)); err != nil {
			return err
		}
	}
	return a.record(ctx, shown.ID)
}

// record makes sure that GitHub has one deployment of the commit, in the state that it is in. run is the check run that tells how it went; 0
// where another one is about to be made. What links lead to is no reason to write: it comes with the next state.
func (a *announcement) record(ctx context.Context, run int64) error {
	found, err := a.flow.Deployments.Deployment(ctx, a.repo, a.deploy.Commit, production)
	if err != nil {
		return err
	}
	d := forge.Deployment{Commit: a.deploy.Commit, Environment: production, Production: true, Description: "Configuration of all customers"}
	if found != nil {
		d = *found
	} else if d.ID, err = a.flow.Deployments.CreateDeployment(ctx, a.repo, d); err != nil {
		return err
	}
	a.flow.At(DeployAnnounced)
	to := forge.DeploymentInProgress
	switch {
	case a.deploy.Served():
		to = forge.DeploymentSuccess
	case a.deploy.Settled():
		to = forge.DeploymentFailure
	}
	if d.State == to {
		return nil
	}
	d.State, d.Description = to, a.deploy.Line()
	d.URL, d.LogURL = a.flow.Pages.served(a.repo, release.Production), a.flow.Pages.log(a.repo, a.deploy.Commit, run)
	return a.flow.Deployments.SetDeploymentState(ctx, a.repo, d)
}
