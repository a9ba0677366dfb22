package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/work"
)

// DeployCheck is the name of the check run on commits of the deploy branch.
const DeployCheck = "tamer/deploy"

const production = "production"

// branch deploys the branch where it is the one that is deployed.
func (f *Flow) branch(ctx context.Context, repo forge.Repo, t work.Task) (work.State, error) {
	f.At(DeployBegun)
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return "", err
	}
	tip, ok := heads.Tips[t.Key.Name]
	if !ok {
		return "gone", nil
	}
	deployed, err := f.deployBranch(ctx, repo, heads)
	if err != nil {
		return "", err
	}
	state := work.State(tip)
	if t.Key.Name != deployed {
		return "not deployed", nil // and no commit: should the policy choose this branch, the sweep sees that it waits
	}
	if err := f.Remotes.Fetch(ctx, repo, tip); err != nil {
		return "", fmt.Errorf("fetch the tip of %s: %w", t.Key.Name, err)
	}
	f.At(DeployFetched)
	if err := f.ask(ctx, []work.Wanted{{Key: work.Key{Kind: work.Base, Installation: repo.Installation, Repository: repo.ID, Name: t.Key.Name}}}); err != nil {
		return "", err
	}
	d := deploy{flow: f, repo: repo, tip: tip, branch: t.Key.Name, anew: t.Anew}
	return state, d.run(ctx)
}

// deployBranch tells which branch is deployed: what the policy on the default branch says, else the default branch itself.
func (f *Flow) deployBranch(ctx context.Context, repo forge.Repo, heads forge.Heads) (string, error) {
	tip, ok := heads.Tips[heads.Default]
	if !ok {
		return "", nil // an empty repository
	}
	if err := f.Remotes.Fetch(ctx, repo, tip); err != nil {
		return "", fmt.Errorf("fetch the tip of %s: %w", heads.Default, err)
	}
	tree, err := f.Trees.Snapshot(ctx, repo, tip.Tree())
	if err != nil {
		return "", err
	}
	p, _, err := policy.Read(tree)
	if err != nil {
		return "", err
	}
	if p == nil || p.Deploy.Branch == "" {
		return heads.Default, nil // a policy that cannot be read stops the deploy later, with its findings
	}
	return p.Deploy.Branch, nil
}

// A deploy takes one sink from what its channel says to the tip of the deploy branch.
type deploy struct {
	flow   *Flow
	repo   forge.Repo
	tip    forge.Commit
	branch string
	anew   bool

	sink    sink.Sink
	channel release.Channel // as the sink has it; zero for a sink that is new
	version sink.Version    // of the channel object; empty where there is none
	pending release.Pending
	record  forge.Deployment
	result  render.Deploy
}

func (d *deploy) run(ctx context.Context) error {
	if err := d.read(ctx); err != nil {
		return err
	}
	d.flow.At(DeployRead)
	shown, err := d.flow.Checks.CheckRun(ctx, d.repo, d.tip, DeployCheck)
	if err != nil {
		return err
	}
	// The verdict on a commit depends on where production stands while it waits, and no longer once it is there.
	inputs := "deploy/" + digest(string(d.tip)+" from "+string(d.channel.Commit))
	if d.channel.Commit == d.tip {
		inputs = "deploy/" + digest(string(d.tip))
	}
	p := publication{flow: d.flow, repo: d.repo, shown: shown, inputs: inputs, anew: d.anew}
	interrupted := len(d.pending.Interrupted(d.channel)) > 0
	if p.isShown() && !d.anew && !interrupted {
		return nil
	}
	d.result = render.Deploy{Repo: d.repo, Branch: d.branch, Commit: d.tip, From: d.channel.Commit}
	if err := d.start(ctx, &p); err != nil {
		return err
	}
	if err := d.announce(ctx); err != nil {
		return err
	}
	d.flow.At(DeployAnnounced)
	if d.channel.Commit != d.tip || interrupted {
		if err := d.move(ctx); err != nil {
			return err
		}
	}
	return d.tell(ctx, &p)
}

// start shows that the deploy is in progress, unless an earlier run of the same commit is still open.
func (d *deploy) start(ctx context.Context, p *publication) error {
	if p.shown != nil && p.shown.Status != forge.Completed {
		p.shown.ExternalID = p.inputs // whatever it was made for: the annotations of a deploy go in its last request
	}
	err := p.start(ctx, forge.CheckRun{Name: DeployCheck, Head: d.tip, Title: "Deploying…", Summary: "tamer is bringing production to this commit."})
	d.flow.At(DeployStarted)
	return err
}

// read takes what the sink holds.
func (d *deploy) read(ctx context.Context) error {
	var err error
	if d.sink, err = d.flow.Sinks.Sink(ctx, d.repo); err != nil {
		return fmt.Errorf("open the sink of %s: %w", d.repo, err)
	}
	if d.version, err = d.get(ctx, release.ProductionKey, &d.channel); err != nil {
		return err
	}
	_, err = d.get(ctx, release.PendingKey, &d.pending)
	return err
}

// get decodes an object; into stays as it is where there is none.
func (d *deploy) get(ctx context.Context, key string, into any) (sink.Version, error) {
	b, version, err := d.sink.Get(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", key, err)
	}
	return version, release.Decode(key, b, into)
}

// announce makes sure that GitHub has one deployment of the commit, in progress.
func (d *deploy) announce(ctx context.Context) error {
	found, err := d.flow.Deployments.Deployment(ctx, d.repo, d.tip, production)
	if err != nil {
		return err
	}
	if found != nil {
		d.record = *found
	} else {
		d.record = forge.Deployment{Commit: d.tip, Environment: production, Production: true, Description: "Configuration of all customers"}
		if d.record.ID, err = d.flow.Deployments.CreateDeployment(ctx, d.repo, d.record); err != nil {
			return err
		}
	}
	if d.record.State == "" {
		return d.state(ctx, forge.DeploymentInProgress, "Judging and writing")
	}
	return nil
}

func (d *deploy) state(ctx context.Context, to forge.DeploymentState, description string) error {
	if d.record.State == to {
		return nil
	}
	d.record.State, d.record.Description = to, description
	return d.flow.Deployments.SetDeploymentState(ctx, d.repo, d.record)
}

// tell shows the outcome on GitHub.
func (d *deploy) tell(ctx context.Context, p *publication) error {
	to := forge.DeploymentSuccess
	if !d.result.OK() {
		to = forge.DeploymentFailure
	}
	if err := d.state(ctx, to, d.result.Line()); err != nil {
		return err
	}
	d.flow.At(DeployTold)
	if d.result.OK() {
		p.inputs = "deploy/" + digest(string(d.tip))
	}
	if err := p.complete(ctx, render.DeployCheck(d.result), DeployPublished); err != nil {
		return err
	}
	d.flow.At(DeployPublished)
	return nil
}
