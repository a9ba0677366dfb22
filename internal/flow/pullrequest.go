package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/validate"
	"github.com/tamerhq/tamer/internal/work"
)

// ValidateCheck is the name of the check run on the heads of pull requests.
const ValidateCheck = "tamer/validate"

// pullRequest judges what merging the pull request would give, and shows the verdict on its head.
func (f *Flow) pullRequest(ctx context.Context, repo forge.Repo, t work.Task) (work.State, error) {
	f.At(PullBegun)
	pr, err := f.PullRequests.PullRequest(ctx, repo, t.Key.Number)
	if errors.Is(err, fs.ErrNotExist) {
		return "gone", nil
	}
	if err != nil {
		return "", err
	}
	f.At(PullRead)
	if !pr.Open {
		return "closed", nil
	}
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return "", err
	}
	f.At(PullHeads)
	base := heads.Tips[pr.BaseBranch] // empty where the branch is missing
	state := pullState(pr, base)
	run, err := f.Checks.CheckRun(ctx, repo, pr.Head, ValidateCheck)
	if err != nil {
		return "", err
	}
	f.At(PullChecked)
	p := publication{flow: f, repo: repo, shown: run, anew: t.Anew, inputs: fmt.Sprintf("pull/%d/%s", pr.Number, digest(string(state)))}
	if p.isShown() && !t.Anew {
		return state, nil
	}
	if err := p.start(ctx, forge.CheckRun{Name: ValidateCheck, Head: pr.Head, Title: "Judging the change…",
		Summary: "tamer is judging what merging this pull request would give."}); err != nil {
		return "", err
	}
	f.At(PullStarted)
	if err := f.fetchPull(ctx, repo, pr, base); err != nil {
		return "", err
	}
	f.At(PullFetched)
	verdict, err := f.judgePull(ctx, repo, pr, base)
	if err != nil {
		return "", err
	}
	f.At(PullJudged)
	if err := p.complete(ctx, render.CheckRun(verdict), PullAnnotated); err != nil {
		return "", err
	}
	f.At(PullPublished)
	return state, nil
}

// pullState is what a verdict on a pull request rests on.
func pullState(pr forge.PullRequest, base forge.Commit) work.State {
	return work.State(fmt.Sprintf("%s onto %s", pr.Head, base))
}

// fetchPull makes head and base readable. A head that is not there any more was superseded: its successor has an event of
// its own, so trying again soon is right.
func (f *Flow) fetchPull(ctx context.Context, repo forge.Repo, pr forge.PullRequest, base forge.Commit) error {
	commits := []forge.Commit{pr.Head}
	if base != "" {
		commits = append(commits, base)
	}
	if err := f.Remotes.Fetch(ctx, repo, commits...); err != nil {
		return fmt.Errorf("fetch head and base of pull request %d: %w", pr.Number, err)
	}
	return nil
}

// judgePull judges the merge of head and base; where they cannot be merged, the head as it is.
func (f *Flow) judgePull(ctx context.Context, repo forge.Repo, pr forge.PullRequest, base forge.Commit) (validate.Result, error) {
	if base == "" {
		return failing(finding.Finding{Rule: "base-branch", Level: finding.Failure,
			Message: fmt.Sprintf("the branch %q, which this pull request wants to change, is not there", pr.BaseBranch),
			Fix:     "choose another base branch for the pull request, or push the branch again"}), nil
	}
	merge, err := f.History.Merge(ctx, repo, base, pr.Head)
	if err != nil {
		return validate.Result{}, err
	}
	f.At(PullMerged)
	tree := merge.Tree
	if len(merge.Conflicts) > 0 {
		tree = pr.Head.Tree()
	}
	r, err := f.judge(ctx, repo, base.Tree(), tree)
	if err != nil {
		return validate.Result{}, err
	}
	for _, path := range merge.Conflicts {
		r.Findings = append(r.Findings, finding.Finding{Rule: "merge-conflict", Level: finding.Failure, File: path,
			Message: fmt.Sprintf("the change of this file conflicts with %s, so the pull request was judged without it", pr.BaseBranch),
			Fix:     fmt.Sprintf("merge %s into the branch and resolve the conflict", pr.BaseBranch)})
	}
	finding.Sort(r.Findings)
	return r, f.placeOnHead(ctx, repo, pr.Head, tree, r.Findings)
}

// judge judges the change from one tree to another.
func (f *Flow) judge(ctx context.Context, repo forge.Repo, from, to forge.Tree) (validate.Result, error) {
	head, err := f.Trees.Snapshot(ctx, repo, to)
	if err != nil {
		return validate.Result{}, err
	}
	var opts validate.Options
	if from != "" {
		if opts.Base, err = f.Trees.Snapshot(ctx, repo, from); err != nil {
			return validate.Result{}, err
		}
		if opts.Changes, err = f.Trees.Changes(ctx, repo, from, to); err != nil {
			return validate.Result{}, err
		}
	}
	r, err := validate.Tree(head, opts)
	if err != nil {
		return validate.Result{}, fmt.Errorf("judge %s: %w", repo, err)
	}
	return r, nil
}

func failing(found ...finding.Finding) validate.Result { return validate.Result{Findings: found} }

// placeOnHead moves findings in files that the merge has changed to where the same values stand in the head, whose lines an
// annotation speaks of.
func (f *Flow) placeOnHead(ctx context.Context, repo forge.Repo, head forge.Commit, merged forge.Tree, found []finding.Finding) error {
	if merged == head.Tree() || len(found) == 0 {
		return nil
	}
	moved, err := f.Trees.Changes(ctx, repo, head.Tree(), merged)
	if err != nil {
		return err
	}
	files, err := f.Trees.Snapshot(ctx, repo, head.Tree())
	if err != nil {
		return err
	}
	for _, ch := range moved {
		validate.Relocate(files, ch.Path, found)
	}
	return nil
}
