package flow

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/governance"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/work"
)

// provenance asks who made a commit of the deploy branch, and who let it pass. GitHub not answering is an error; GitHub never going to
// tell is none: the release says then that nobody knows.
func (f *Flow) provenance(ctx context.Context, repo forge.Repo, branch string, at forge.Commit) (p release.Provenance, err error) {
	info, err := f.History.CommitInfo(ctx, repo, at)
	if err != nil {
		return p, err
	}
	p.Parents, p.CommittedAt = info.Parents, info.Committed
	pulls, err := f.PullRequests.PullRequestsWith(ctx, repo, at)
	if err != nil {
		return p, unlessNever(err)
	}
	i := slices.IndexFunc(pulls, func(pr forge.PullRequest) bool { return pr.Merged && pr.BaseBranch == branch })
	if i < 0 {
		author, err := f.People.CommitAuthor(ctx, repo, at)
		p.Author = person(author)
		return p, unlessNever(err)
	}
	p.PullRequest, p.Author = &pulls[i].Number, person(pulls[i].Author)
	return p, unlessNever(f.passed(ctx, repo, pulls[i], &p))
}

// passed tells how a merged pull request came through its gates, by what stands on it now: whose approvals count, and the override. Where
// it ran into no gate, all who approve it are given.
func (f *Flow) passed(ctx context.Context, repo forge.Repo, pr forge.PullRequest, p *release.Provenance) error {
	s := subject{pull: pr, head: pr.Head}
	if len(p.Parents) > 0 {
		s.tip = p.Parents[0] // where the branch was before
	}
	d, err := f.decide(ctx, repo, s)
	if unlessNever(err) != nil {
		return err
	}
	if o := d.gated.Override; o != nil {
		p.Override = &release.Override{By: release.Person{Login: o.By.Login, ID: o.By.ID}, Reason: o.Reason}
	}
	if gates := d.gated.Verdict.Gates; len(gates) > 0 {
		p.Approvers = counted(gates)
		return nil
	}
	reviews, err := f.Reviews.Reviews(ctx, repo, pr.Number)
	p.Approvers = approvers(reviews)
	return err
}

// counted are those whose approvals count for any of the gates, by login.
func counted(gates []governance.Standing) []release.Person {
	var all []release.Person
	for _, g := range gates {
		for _, who := range g.Counted {
			if p := person(who.User); p != nil && !slices.Contains(all, *p) {
				all = append(all, *p)
			}
		}
	}
	slices.SortFunc(all, func(a, b release.Person) int { return cmp.Compare(a.Login, b.Login) })
	return all
}

// unlessNever is the error, if asking again may help.
func unlessNever(err error) error {
	if work.IsPermanent(err) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func person(u forge.User) *release.Person {
	if u.ID <= 0 || u.Login == "" {
		return nil
	}
	return &release.Person{Login: u.Login, ID: u.ID}
}

// approvers are those whose last word, comments aside, was an approval; in the order of that.
func approvers(reviews []forge.Review) []release.Person {
	var all []release.Person
	for _, r := range heard(reviews) {
		if p := person(r.By); p != nil && r.State == forge.Approved {
			all = append(all, *p)
		}
	}
	return all
}
