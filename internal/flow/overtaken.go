package flow

import (
	"context"
	"fmt"

	"github.com/tamerhq/tamer/internal/forge"
)

// announcedNote holds the commit whose deploy is shown as not yet over; empty for none.
const announcedNote = "deploy announced"

// follow ends what is shown of a commit that was overtaken before its deploy was over: nobody would look at it again. It keeps the
// present one in its place, before anything is shown of that.
func (a *announcement) follow(ctx context.Context) error {
	noted, err := a.flow.Notes.Recall(ctx, a.repo, announcedNote)
	if err != nil {
		return err
	}
	old := forge.Commit(noted)
	if old == a.deploy.Commit {
		return nil
	}
	if old != "" {
		if err := unlessNever(a.end(ctx, old)); err != nil { // the commit may be gone, where the branch was rewritten
			return err
		}
	}
	return a.flow.Notes.Remember(ctx, a.repo, announcedNote, []byte(a.deploy.Commit))
}

// end completes the check run and the deployment of an overtaken commit, where they are not.
func (a *announcement) end(ctx context.Context, old forge.Commit) error {
	run, err := a.flow.Checks.CheckRun(ctx, a.repo, old, DeployCheck)
	if err != nil {
		return err
	}
	if run == nil || run.Status == forge.Completed {
		return nil
	}
	overtaken, why := "Overtaken by a later commit", fmt.Sprintf("The deploy branch moved on before this commit was in every store. **%s** on `%s` says how the deploy went on.",
		DeployCheck, a.deploy.Commit.Short())
	if a.deploy.Commit == "" {
		overtaken, why = "The deploy branch is gone", "The deploy branch was deleted before this commit was in every store."
	}
	d, err := a.flow.Deployments.Deployment(ctx, a.repo, old, production)
	if err != nil {
		return err
	}
	if d != nil && d.State == forge.DeploymentInProgress {
		d.State, d.Description = forge.DeploymentInactive, overtaken
		if err := a.flow.Deployments.SetDeploymentState(ctx, a.repo, *d); err != nil {
			return err
		}
	}
	over := *run
	over.Status, over.Conclusion, over.Annotations, over.CompletedAt = forge.Completed, forge.Cancelled, nil, a.flow.Now()
	over.Title, over.Summary = overtaken, why
	return a.flow.Checks.UpdateCheckRun(ctx, a.repo, over)
}
