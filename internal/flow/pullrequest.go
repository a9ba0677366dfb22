package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/trace"
	"github.com/tamerhq/tamer/internal/validate"
	"github.com/tamerhq/tamer/internal/work"
)

// ValidateCheck is the name of the check run on the heads of pull requests.
const ValidateCheck = "tamer/validate"

// pullRequest judges what merging the pull request would give, and shows the verdict on its head.
//
// A check run belongs to a commit, not to a pull request. Where several open pull requests have the same head, towards
// different bases, the one verdict speaks for all of them: green only if every one is.
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
	done, err := f.inTurn(ctx, repo, verdictOf(pr.Head))
	if err != nil {
		return "", err
	}
	defer done()
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return "", err
	}
	same, err := f.withSameHead(ctx, repo, pr)
	if errors.Is(err, errClosed) {
		return "", nil // what has come of it asks for its own
	}
	if err != nil {
		return "", err
	}
	f.At(PullHeads)
	h := head{repo: repo, commit: pr.Head, bases: basesOf(same), heads: heads, anew: t.Anew, pull: &pr, page: render.PageOf(pr),
		alone: len(same) == 1, fixable: slices.ContainsFunc(same, func(p forge.PullRequest) bool { return !p.Fork }), last: t.Attempt >= patience}
	return pullState(pr, heads.Tips[pr.BaseBranch], same), f.validateHead(ctx, h)
}

// verdictOf names the turn of judging a head. Pull requests that share it have one check run: else each would make its own, and who has
// seen one of them only could come last.
func verdictOf(head forge.Commit) string { return "verdict/" + string(head) }

// A head is a commit that is judged: what merging it into the bases would give.
type head struct {
	repo   forge.Repo
	commit forge.Commit
	bases  []string
	heads  forge.Heads
	anew   bool // a person asked
	last   bool // there will be no other attempt because somebody was silent

	pull    *forge.PullRequest // whose comment is written; nil for a merge group
	page    render.Page
	alone   bool // no other open pull request has this head
	fixable bool // it is the tip of a branch of this repository
}

// validateHead shows the verdict on the head: in the comment of its pull request first, so that a completed check run tells that the
// comment was written too. That does not hold for the others of several pull requests with one head: each sees to its own.
func (f *Flow) validateHead(ctx context.Context, h head) error {
	run, err := f.Checks.CheckRun(ctx, h.repo, h.commit, ValidateCheck)
	if err != nil {
		return err
	}
	f.At(PullChecked)
	p := publication{flow: f, repo: h.repo, shown: run, anew: h.anew, inputs: "head/" + inputsOf(h)}
	shown := p.isShown() && !h.anew
	if shown && (h.alone || h.pull == nil) {
		return nil
	}
	if !shown {
		if err := p.start(ctx, forge.CheckRun{Name: ValidateCheck, Head: h.commit, Title: "Judging the change…",
			Summary: "tamer is judging what merging this would give."}); err != nil {
			return err
		}
		f.At(PullStarted)
	}
	report, err := f.report(ctx, h)
	if err != nil {
		return err
	}
	f.At(PullJudged)
	var unsaid error // what GitHub will never let tamer say must not keep the verdict back
	if h.pull != nil {
		if unsaid = f.remark(ctx, h.repo, h.pull.Number, report.Comment()); unsaid != nil && !work.IsPermanent(unsaid) {
			return unsaid
		}
	}
	if shown {
		return unsaid
	}
	if err := p.complete(ctx, report.CheckRun(), PullAnnotated); err != nil {
		return err
	}
	for _, found := range report.Verdict.Findings {
		f.Watch.Finding(found.Rule, string(found.Level))
	}
	f.At(PullPublished)
	return unsaid
}

// pullState is what the verdict on one pull request rests on.
func pullState(pr forge.PullRequest, base forge.Commit, same []forge.PullRequest) work.State {
	return mergeState(pr.Head, base) + others(pr, same)
}

// with stands in a state before the number of another pull request that has the same head.
const with = " with "

// others is what a state says of the other pull requests with the same head: what is shown there speaks for them, too, until they are closed
// or pushed to.
func others(pr forge.PullRequest, same []forge.PullRequest) (s work.State) {
	for _, other := range same {
		if other.Number != pr.Number {
			s += work.State(with + strconv.Itoa(other.Number))
		}
	}
	return s
}

const onto = " onto "

func mergeState(head, base forge.Commit) work.State {
	return work.State(string(head) + onto + string(base))
}

// errClosed says that a pull request that was open is not any more, or has another head.
var errClosed = errors.New("it is not open any more, or has another head by now")

// withSameHead gives the open pull requests that have the same head, the one that is known among them. Where others are listed and that
// one is not, it is read anew: nobody may speak for the others any more, on behalf of one that was closed while it waited for its turn.
func (f *Flow) withSameHead(ctx context.Context, repo forge.Repo, pr forge.PullRequest) ([]forge.PullRequest, error) {
	same := []forge.PullRequest{pr}
	all, err := f.PullRequests.PullRequestsWith(ctx, repo, pr.Head)
	if errors.Is(err, fs.ErrNotExist) || work.IsPermanent(err) {
		return same, nil // the commit is not listed anywhere, as right after a push
	}
	if err != nil {
		return nil, err
	}
	for _, other := range all {
		if other.Open && other.Head == pr.Head && other.Number != pr.Number {
			same = append(same, other)
		}
	}
	if len(same) == 1 || slices.ContainsFunc(all, func(p forge.PullRequest) bool { return p.Number == pr.Number && p.Open && p.Head == pr.Head }) {
		return same, nil
	}
	now, err := f.PullRequests.PullRequest(ctx, repo, pr.Number)
	if err == nil && (!now.Open || now.Head != pr.Head) {
		err = errClosed
	}
	return same, err
}

// basesOf gives the branches that the pull requests want to change, sorted.
func basesOf(pulls []forge.PullRequest) []string {
	var bases []string
	for _, pr := range pulls {
		bases = append(bases, pr.BaseBranch)
	}
	slices.Sort(bases)
	return slices.Compact(bases)
}

// inputsOf names what the verdict on a head rests on besides the head itself.
func inputsOf(h head) string {
	var b strings.Builder
	for _, base := range h.bases {
		fmt.Fprintf(&b, "%s %s\n", h.heads.Tips[base], base)
	}
	if !h.trusted() {
		b.WriteString("from a fork\n")
	}
	return digest(b.String())
}

// judgeHead judges the merge of a head with each of the bases, as one verdict, and gives what each of these would become: nothing
// where that could not be merged.
func (f *Flow) judgeHead(ctx context.Context, h head) (validate.Result, map[string]forge.Tree, error) {
	commits := []forge.Commit{h.commit}
	for _, base := range h.bases {
		if tip, ok := h.heads.Tips[base]; ok {
			commits = append(commits, tip)
		}
	}
	// A head that is not there any more was superseded: trying again finds its successor.
	if err := f.Remotes.Fetch(ctx, h.repo, commits...); err != nil {
		return validate.Result{}, nil, fmt.Errorf("fetch %s and what it is to be merged into: %w", h.commit.Short(), err)
	}
	f.At(PullFetched)
	var all validate.Result
	merged := map[string]forge.Tree{}
	for i, base := range h.bases {
		r, tree, err := f.judgeMerge(ctx, h.repo, base, h.heads.Tips[base], h.commit)
		if err != nil {
			return validate.Result{}, nil, err
		}
		if err := f.consult(ctx, h, tree, &r); err != nil {
			return validate.Result{}, nil, err
		}
		merged[base] = tree
		if i == 0 {
			all = r
		} else {
			all = validate.Join(all, r)
		}
	}
	return all, merged, nil
}

// judgeMerge judges the merge of a head with a base, and gives its tree; where the two conflict, the head as it is, and no tree.
func (f *Flow) judgeMerge(ctx context.Context, repo forge.Repo, branch string, base, head forge.Commit) (validate.Result, forge.Tree, error) {
	if base == "" {
		return failing(finding.Finding{Rule: "base-branch", Level: finding.Failure,
			Message: fmt.Sprintf("the branch %q, which this pull request wants to change, is not there", branch),
			Fix:     "choose another base branch for the pull request, or push the branch again"}), "", nil
	}
	merge, err := f.History.Merge(ctx, repo, base, head)
	if work.IsPermanent(err) {
		return failing(finding.Finding{Rule: "merge-conflict", Level: finding.Failure,
			Message: fmt.Sprintf("this cannot be merged into %s: %v", branch, err),
			Fix:     fmt.Sprintf("start a new branch from %s and make the change there", branch)}), "", nil
	}
	if err != nil {
		return validate.Result{}, "", err
	}
	f.At(PullMerged)
	tree := merge.Tree
	if len(merge.Conflicts) > 0 {
		tree = head.Tree()
	}
	r, err := f.judge(ctx, repo, base, tree, f.External.For(repo)...)
	if err != nil {
		return validate.Result{}, "", err
	}
	for _, path := range merge.Conflicts {
		r.Findings = append(r.Findings, finding.Finding{Rule: "merge-conflict", Level: finding.Failure, File: path,
			Message: fmt.Sprintf("the change of this file conflicts with %s, so the pull request was judged without it", branch),
			Fix:     fmt.Sprintf("merge %s into the branch and resolve the conflict", branch)})
	}
	finding.Sort(r.Findings)
	return r, merge.Tree, f.placeOnHead(ctx, repo, head, tree, r.Findings)
}

// judge judges the change from a commit to a tree, and gives what is to be posted to the checks.
func (f *Flow) judge(ctx context.Context, repo forge.Repo, base forge.Commit, to forge.Tree, checks ...outside.Check) (validate.Result, error) {
	head, err := f.Trees.Snapshot(ctx, repo, to)
	if err != nil {
		return validate.Result{}, err
	}
	opts := validate.Options{Limits: f.Limits, Build: f.Build, Checks: checks, Schemas: f.Schemas, Now: f.Now(), KeepValues: true,
		Released: f.releasedBefore(ctx, repo, base)}
	if f.Cache != nil {
		opts.Cache = f.Cache(ctx, repo)
	}
	if opts.Base, err = f.Trees.Snapshot(ctx, repo, base.Tree()); err != nil {
		return validate.Result{}, err
	}
	if opts.Changes, err = f.Trees.Changes(ctx, repo, base.Tree(), to); err != nil {
		return validate.Result{}, err
	}
	_, judged := trace.Begin(ctx, trace.Judge)
	r, err := validate.Tree(head, opts)
	judged(err)
	if err != nil {
		return validate.Result{}, fmt.Errorf("judge %s: %w", repo, err)
	}
	return r, nil
}

// unevaluated is the verdict on what cannot be judged, however often it is tried.
func unevaluated(err error) validate.Result {
	return failing(finding.Finding{Rule: "unreadable", Level: finding.Failure, Message: fmt.Sprintf("this cannot be judged: %v", err),
		Fix: "mend what this names in a new commit; if nothing there is wrong, ask the operator of tamer"})
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
