package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/governance"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/work"
)

// ApprovalsCheck is the name of the check run that tells whether those have approved whom the gates ask for.
const ApprovalsCheck = "tamer/approvals"

// maxLooks is how often a verdict is decided anew because something has changed before it could be shown as green. The change itself
// asks for another look, so little is lost where that is not enough.
const maxLooks = 3

// approvals decides whether the gates of a pull request are met, and shows that on its head. It is work of its own, beside that of
// judging the change: neither waits for the other, and where one cannot be done the other is.
//
// As with the judging, where several open pull requests have the same head the one verdict speaks for all of them.
func (f *Flow) approvals(ctx context.Context, repo forge.Repo, t work.Task) (work.State, error) {
	if t.Key.Name != "" {
		return f.groupApprovals(ctx, repo, t)
	}
	f.At(GateBegun)
	for range maxLooks {
		pr, state, err := f.openPull(ctx, repo, t.Key.Number)
		if err != nil || state != "" {
			return state, err
		}
		state, done, err := f.lookAndShow(ctx, repo, pr, t.Anew)
		if err != nil || done {
			return state, err
		}
	}
	return "", fmt.Errorf("decide on the approvals of %s#%d: it changed while it was looked at", repo, t.Key.Number)
}

// A look is all that was seen of the gates that a commit runs into.
type look struct {
	repo      forge.Repo
	commit    forge.Commit // where the check run stands
	decisions []decision   // one for each pull request that the commit is to be merged by
	own       *decision    // that of the pull request that was asked for; nil where it is not open
	state     work.State
}

// openPull reads a pull request. There is a state where it is not open.
func (f *Flow) openPull(ctx context.Context, repo forge.Repo, number int) (pr forge.PullRequest, state work.State, err error) {
	pr, err = f.PullRequests.PullRequest(ctx, repo, number)
	if errors.Is(err, fs.ErrNotExist) {
		return pr, "gone", nil
	}
	if err == nil && !pr.Open {
		state = "closed"
	}
	return pr, state, err
}

// lookAndShow decides on a pull request, and on those that share its head, and shows it, while nobody else does so for that head.
func (f *Flow) lookAndShow(ctx context.Context, repo forge.Repo, pr forge.PullRequest, anew bool) (s work.State, done bool, err error) {
	leave, err := f.inTurn(ctx, repo, gatesOf(pr.Head))
	if err != nil {
		return "", false, err
	}
	defer leave()
	l, err := f.look(ctx, repo, pr)
	if errors.Is(err, errClosed) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	done, err = f.showGates(ctx, l, anew)
	return l.state, done, err
}

// gatesOf names the turn of deciding on the gates of a head, which is that of all who share it.
func gatesOf(head forge.Commit) string { return "gates/" + string(head) }

// look decides on a pull request that is open, and on those that share its head.
func (f *Flow) look(ctx context.Context, repo forge.Repo, pr forge.PullRequest, assumed ...forge.User) (look, error) {
	heads, err := f.Remotes.Heads(ctx, repo)
	if err != nil {
		return look{}, err
	}
	same, err := f.withSameHead(ctx, repo, pr)
	if err != nil {
		return look{}, err
	}
	f.At(GateRead)
	slices.SortFunc(same, func(a, b forge.PullRequest) int { return a.Number - b.Number })
	l := look{repo: repo, commit: pr.Head}
	for _, one := range same {
		d, err := f.decide(ctx, repo, subject{pull: one, tip: heads.Tips[one.BaseBranch], head: one.Head}, assumed...)
		if err != nil {
			return look{}, err
		}
		l.decisions = append(l.decisions, d)
	}
	l.own = &l.decisions[slices.IndexFunc(same, func(one forge.PullRequest) bool { return one.Number == pr.Number })]
	l.state = f.gateState(*l.own, same)
	f.At(GateDecided)
	return l, nil
}

// Approvals tells how far a pull request is with its gates, or would be if these people approved its head. It writes nothing to
// GitHub. The error wraps fs.ErrNotExist where the pull request is not there or not open.
func (f *Flow) Approvals(ctx context.Context, repo forge.Repo, number int, assumed ...forge.User) (render.Approvals, error) {
	pr, state, err := f.openPull(ctx, repo, number)
	if err == nil && state != "" {
		err = fmt.Errorf("pull request %s#%d is %s: %w", repo, number, state, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	l, err := f.look(ctx, repo, pr, assumed...)
	return l.report(), err
}

func (l look) report() render.Approvals {
	var a render.Approvals
	for _, d := range l.decisions {
		a = append(a, d.gated)
	}
	return a
}

// showGates shows what was seen: in the comment and by asking for reviews first, so that a check run that shows it tells that these
// were done too. It is not done where the verdict is green and rests on something that is another one by now.
func (f *Flow) showGates(ctx context.Context, l look, anew bool) (done bool, err error) {
	run, err := f.Checks.CheckRun(ctx, l.repo, l.commit, ApprovalsCheck)
	if err != nil {
		return false, err
	}
	p := publication{flow: f, repo: l.repo, shown: run, anew: anew, inputs: "gates/" + l.digest()}
	shown := p.isShown() && !anew
	if shown && (len(l.decisions) == 1 || l.own == nil) {
		return true, nil
	}
	var undone error // what GitHub will never let tamer do must not keep the verdict back
	if l.own != nil {
		for _, do := range []func(context.Context, forge.Repo, *decision) error{f.remarkLine, f.requestReviews} {
			if err := do(ctx, l.repo, l.own); work.IsPermanent(err) {
				undone = err
			} else if err != nil {
				return false, err
			}
		}
	}
	if shown {
		return true, undone
	}
	verdict := l.report().CheckRun()
	verdict.Name, verdict.Head = ApprovalsCheck, l.commit
	if verdict.Conclusion == forge.Success {
		if same, err := f.stillSo(ctx, l); err != nil || !same {
			return false, err
		}
		f.At(GateReread)
	}
	if err := p.show(ctx, verdict); err != nil {
		return false, err
	}
	f.At(GatePublished)
	return true, undone
}

// stillSo reads once more what a green verdict rests on and may change at any moment: which pull requests share the head, where they lead
// from and to, since when, their reviews, and the commands where one of them overrides.
func (f *Flow) stillSo(ctx context.Context, l look) (bool, error) {
	if l.own != nil {
		same, err := f.withSameHead(ctx, l.repo, l.own.pull)
		if errors.Is(err, errClosed) {
			return false, nil
		}
		if err != nil || len(same) != len(l.decisions) {
			return false, err
		}
	}
	for _, d := range l.decisions {
		now, err := f.PullRequests.PullRequest(ctx, l.repo, d.pull.Number)
		if err != nil {
			return false, err
		}
		if now.Head != d.pull.Head || now.BaseBranch != d.pull.BaseBranch || now.Open != d.pull.Open {
			return false, nil
		}
		if len(d.facts.Gates) == 0 {
			continue
		}
		retargeted, err := f.retargeted(ctx, l.repo, d.pull.Number, d.reviews)
		if err != nil {
			return false, err
		}
		reviews, err := f.Reviews.Reviews(ctx, l.repo, d.pull.Number)
		if err != nil {
			return false, err
		}
		if !slices.Equal(reviews, d.reviews) || !retargeted.Equal(d.retargeted) {
			return false, nil
		}
		if d.gated.Override == nil {
			continue
		}
		said, err := f.conversation(ctx, l.repo, d.pull.Number)
		if err != nil || !slices.Equal(said, d.said) {
			return false, err
		}
	}
	return true, nil
}

// remarkLine brings the line about approvals in the one comment of the pull request to what it should say.
func (f *Flow) remarkLine(ctx context.Context, repo forge.Repo, d *decision) error {
	line := d.gated.Line()
	mine, release, err := f.ownReport(ctx, repo, d.pull.Number)
	if err != nil {
		return err
	}
	defer release()
	switch {
	case mine == nil && (line == "" || d.gated.State() == governance.Met):
		return nil
	case mine == nil:
		err = f.Comments.CreateComment(ctx, repo, d.pull.Number, render.WithLine("", line))
	case render.LineOf(mine.Body) != line:
		err = f.Comments.UpdateComment(ctx, repo, mine.ID, render.WithLine(mine.Body, line))
	}
	if err != nil {
		return err
	}
	f.At(GateRemarked)
	return nil
}
