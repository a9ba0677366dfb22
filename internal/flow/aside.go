package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// asideID is the external id of a check run that says only that there is no verdict. It is that of no inputs, so that whatever is
// judged later gets a run of its own.
const asideID = "aside"

// SetAside shows that what the key names could not be dealt with, so that nobody waits for a check that never comes. ref is what the
// operator's log calls the last attempt; of the cause nothing is shown, for it may hold what only the operator should read.
//
// It gives the state that the sweep will see, so that the key is left alone until there is a push or a person asks. The state is empty
// where the sweep is to ask again: production never gives up, and what GitHub has forbidden may be allowed later.
func (f *Flow) SetAside(ctx context.Context, t work.Task, ref string, cause error) (work.State, error) {
	switch t.Key.Kind {
	case work.PullRequest, work.MergeGroup, work.Approvals, work.Announce:
	default:
		return "", nil
	}
	repo, err := f.Memory.Repo(ctx, t.Key.Installation, t.Key.Repository)
	if err != nil {
		return "", err
	}
	heads, headsErr := f.Remotes.Heads(ctx, repo) // may be what keeps failing
	commit, check, state, err := f.stuck(ctx, repo, t.Key, heads)
	if err != nil || commit == "" {
		return "", errors.Join(err, headsErr)
	}
	if err := f.showAside(ctx, repo, commit, check, ref, work.IsPermanent(cause)); err != nil || headsErr != nil || work.IsPermanent(cause) {
		return "", err
	}
	return state, nil
}

// stuck gives the commit and the name of the check that waits for the key, and the state that the sweep will see. The commit is empty
// where nothing waits.
func (f *Flow) stuck(ctx context.Context, repo forge.Repo, k work.Key, heads forge.Heads) (at forge.Commit, check string, s work.State, err error) {
	switch base, group := forge.MergeQueueBase(k.Name); {
	case k.Kind == work.Announce:
		branch, err := f.deployBranch(ctx, repo, heads)
		return heads.Tips[branch], DeployCheck, "", err
	case group && k.Kind == work.Approvals:
		return heads.Tips[k.Name], ApprovalsCheck, mergeState(heads.Tips[k.Name], heads.Tips[base]), nil
	case group:
		return heads.Tips[k.Name], ValidateCheck, mergeState(heads.Tips[k.Name], heads.Tips[base]), nil
	}
	pr, err := f.PullRequests.PullRequest(ctx, repo, k.Number)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !pr.Open {
		return "", "", "", nil
	}
	if k.Kind == work.Approvals {
		return pr.Head, ApprovalsCheck, f.gatedState(pr, heads.Tips[pr.BaseBranch]), err
	}
	return pr.Head, ValidateCheck, pullState(pr, heads.Tips[pr.BaseBranch], nil), err
}

// showAside completes the run that was begun, or makes one where an older verdict stands; with keep, such a verdict is left alone.
func (f *Flow) showAside(ctx context.Context, repo forge.Repo, at forge.Commit, check, ref string, keep bool) error {
	shown, err := f.Checks.CheckRun(ctx, repo, at, check)
	if err != nil {
		return err
	}
	run := forge.CheckRun{Name: check, Head: at, Status: forge.Completed, Conclusion: forge.Failed, ExternalID: asideID, CompletedAt: f.Now(),
		Title: "tamer could not evaluate this",
		Summary: fmt.Sprintf("It was tried several times, and failed each time. It will be tried again on the next push, or when somebody presses **Re-run**.\n\n"+
			"Nothing here says that the change is wrong. The operator of tamer finds the reason in its log, as `%s`.", ref)}
	run = marked(ctx, run)
	switch {
	case shown != nil && shown.Status != forge.Completed:
		run.ID = shown.ID
		return f.Checks.UpdateCheckRun(ctx, repo, run)
	case shown != nil && (keep || shown.ExternalID == asideID):
		return nil
	}
	_, err = f.Checks.CreateCheckRun(ctx, repo, run)
	return err
}
