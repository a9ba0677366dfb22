package fakegithub

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// A Pull is a pull request to be opened.
type Pull struct {
	Title  string // default "Change BRANCH"
	Body   string
	Head   string // a branch, or OWNER:BRANCH of a fork
	Base   string // default the default branch
	Author string // login; default the owner of the head repository
	Draft  bool
}

// A PullRequest is a pull request as it is now.
type PullRequest struct {
	Number           int
	Title, Body      string
	State            string // open or closed
	Merged           bool
	Draft            bool
	Author           string
	Head             string // branch
	HeadRepo         string // OWNER/REPO
	HeadSHA          string
	Base             string
	MergeCommit      string // once merged
	MergedBy         string
	RequestedReviews []string // logins
	Reviews          []Review
	URL              string // of the page
}

type pull struct {
	repo, headRepo     *repo
	number             int
	id                 int64
	title, body        string
	state              string
	draft              bool
	author             *User
	head, headSHA      string
	base, baseSHA      string // baseSHA: the base's tip when the head moved last, as on GitHub
	merged             bool
	mergedBase         string // the base's tip before the merge
	mergeSHA           string
	mergedBy, closedBy *User
	reviewers          []*User
	reviews            []*Review
	pending            []*Review    // begun, and seen by nobody but their authors
	events             []issueEvent // oldest first
	created, updated   time.Time
	closed, mergedAt   time.Time
	sums               totals
	sumsOf, triedOf    [2]string // base and head that sums and mergeable were computed for
	mergeTree          string
	mergeable          bool
}

// OpenPull opens a pull request and gives its number.
func (s *Server) OpenPull(repo string, in Pull) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return 0, err
	}
	p, err := s.openPull(r, in)
	if err != nil {
		return 0, fmt.Errorf("open pull request in %s: %w", repo, err)
	}
	return p.number, nil
}

func (s *Server) openPull(r *repo, in Pull) (*pull, error) {
	head := r
	branch := in.Head
	if owner, rest, ok := strings.Cut(in.Head, ":"); ok {
		branch = rest
		if head = s.forkOf(r, owner); head == nil {
			return nil, fmt.Errorf("%s has no fork; Fork makes one", owner)
		}
	}
	base := cmp.Or(in.Base, r.defaultBranch)
	for _, p := range r.pulls {
		if p.state == "open" && p.headRepo == head && p.head == branch && p.base == base {
			return nil, fmt.Errorf("a pull request already exists for %s: number %d", in.Head, p.number)
		}
	}
	switch {
	case r.tip(base) == "":
		return nil, fmt.Errorf("there is no base branch %q", base)
	case head.tip(branch) == "":
		return nil, fmt.Errorf("there is no head branch %q", in.Head)
	}
	r.lastNumber++
	p := &pull{
		repo: r, headRepo: head, number: r.lastNumber, id: s.id(), title: cmp.Or(in.Title, "Change "+branch), body: in.Body,
		state: "open", draft: in.Draft, author: s.user(cmp.Or(in.Author, head.owner.Login)), head: branch, base: base,
		baseSHA: r.tip(base), created: s.now(), updated: s.now(),
	}
	if err := s.setPullHead(p, head.tip(branch)); err != nil {
		return nil, err
	}
	if r.dir.count(p.base+".."+p.headSHA) == 0 {
		return nil, fmt.Errorf("no commits between %s and %s", base, in.Head)
	}
	r.pulls = append(r.pulls, p)
	s.emitPull(p, "opened", p.author, nil)
	return p, nil
}

func (s *Server) forkOf(r *repo, owner string) *repo {
	for _, f := range s.repos {
		if strings.EqualFold(f.owner.Login, owner) && (f.parent == r || f == r) {
			return f
		}
	}
	return nil
}

// ClosePull closes a pull request without merging it.
func (s *Server) ClosePull(repo string, number int, login string) error {
	return s.onPull(repo, number, func(p *pull) error {
		if p.state != "open" {
			return fmt.Errorf("close pull request %d: it is closed", number)
		}
		s.closePull(p, s.user(cmp.Or(login, p.author.Login)))
		return nil
	})
}

func (s *Server) closePull(p *pull, by *User) {
	p.state, p.closedBy, p.closed, p.updated = "closed", by, s.now(), s.now()
	s.emitPull(p, "closed", by, nil)
}

// ReopenPull opens a closed pull request again; its head moves to the branch's tip.
func (s *Server) ReopenPull(repo string, number int, login string) error {
	return s.onPull(repo, number, func(p *pull) error {
		tip := p.headRepo.tip(p.head)
		if p.state == "open" || p.merged || tip == "" {
			return fmt.Errorf("reopen pull request %d: it is open or merged, or its branch is gone", number)
		}
		if err := s.setPullHead(p, tip); err != nil {
			return err
		}
		p.state, p.closed, p.updated = "open", time.Time{}, s.now()
		s.emitPull(p, "reopened", s.user(cmp.Or(login, p.author.Login)), nil)
		return nil
	})
}

// RetargetPull gives a pull request another base branch.
func (s *Server) RetargetPull(repo string, number int, base, login string) error {
	return s.onPull(repo, number, func(p *pull) error {
		if p.state != "open" || p.repo.tip(base) == "" {
			return fmt.Errorf("retarget pull request %d: it is closed, or there is no branch %q", number, base)
		}
		s.retarget(p, base, baseChanged, s.user(cmp.Or(login, p.author.Login)))
		return nil
	})
}

func (s *Server) retarget(p *pull, base, event string, by *User) {
	changes := object{"base": object{"ref": object{"from": p.base}, "sha": object{"from": p.baseSHA}}}
	p.base, p.baseSHA, p.updated = base, p.repo.tip(base), s.now()
	s.happened(p, event, by)
	s.emitPull(p, "edited", by, object{"changes": changes})
}

// EditPull changes title and body.
func (s *Server) EditPull(repo string, number int, title, body, login string) error {
	return s.onPull(repo, number, func(p *pull) error {
		changes := object{}
		if title != p.title {
			changes["title"] = object{"from": p.title}
		}
		if body != p.body {
			changes["body"] = object{"from": p.body}
		}
		p.title, p.body, p.updated = title, body, s.now()
		s.emitPull(p, "edited", s.user(cmp.Or(login, p.author.Login)), object{"changes": changes})
		return nil
	})
}

// Pull gives a pull request as it is now.
func (s *Server) Pull(repo string, number int) (PullRequest, error) {
	var out PullRequest
	err := s.onPull(repo, number, func(p *pull) error {
		out = s.pullRequest(p)
		return nil
	})
	return out, err
}

// Pulls gives all pull requests of a repository, oldest first.
func (s *Server) Pulls(repo string) ([]PullRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return nil, err
	}
	var out []PullRequest
	for _, p := range r.pulls {
		out = append(out, s.pullRequest(p))
	}
	return out, nil
}

func (s *Server) pullRequest(p *pull) PullRequest {
	out := PullRequest{
		Number: p.number, Title: p.title, Body: p.body, State: p.state, Merged: p.merged, Draft: p.draft, Author: p.author.Login,
		Head: p.head, HeadRepo: p.headRepo.fullName(), HeadSHA: p.headSHA, Base: p.base, MergeCommit: p.mergeSHA,
		URL: s.html(p.repo, "/pull/%d", p.number),
	}
	if p.mergedBy != nil {
		out.MergedBy = p.mergedBy.Login
	}
	for _, u := range p.reviewers {
		out.RequestedReviews = append(out.RequestedReviews, u.Login)
	}
	for _, r := range p.reviews {
		out.Reviews = append(out.Reviews, *r)
	}
	return out
}

// onPull finds a pull request and works on it.
func (s *Server) onPull(repo string, number int, work func(*pull) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return err
	}
	p := r.pull(number)
	if p == nil {
		return fmt.Errorf("find pull request of %s: there is no number %d", repo, number)
	}
	return work(p)
}

func (r *repo) pull(number int) *pull {
	for _, p := range r.pulls {
		if p.number == number {
			return p
		}
	}
	return nil
}
