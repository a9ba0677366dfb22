package fakegithub

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Review is what a reviewer said of a pull request at a commit.
type Review struct {
	ID          int64
	Author      string
	State       string // APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED, or PENDING until it is submitted
	Body        string
	Commit      string // what was reviewed
	SubmittedAt time.Time
}

// reviewEvents gives the state that each event of a review leads to.
var reviewEvents = map[string]string{"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}

// Review submits a review of the present head; event is APPROVE, REQUEST_CHANGES or COMMENT. Authors review themselves
// with COMMENT only.
func (s *Server) Review(repo string, number int, login, event, body string) (int64, error) {
	var id int64
	err := s.onPull(repo, number, func(p *pull) error {
		state, ok := reviewEvents[event]
		by := s.user(login)
		switch {
		case !ok:
			return fmt.Errorf("review pull request %d: event %q is none of APPROVE, REQUEST_CHANGES, COMMENT", number, event)
		case by == p.author && state != "COMMENTED":
			return fmt.Errorf("review pull request %d: can not %s your own pull request", number, strings.ToLower(strings.ReplaceAll(event, "_", " ")))
		case state != "APPROVED" && body == "":
			return fmt.Errorf("review pull request %d: body can't be blank", number)
		}
		id = s.id()
		r := &Review{ID: id, Author: by.Login, State: state, Body: body, Commit: p.headSHA, SubmittedAt: s.now()}
		p.pending = slices.DeleteFunc(p.pending, func(r *Review) bool { return r.Author == by.Login })
		p.reviews = append(p.reviews, r)
		p.reviewers = slices.DeleteFunc(p.reviewers, func(u *User) bool { return u == by })
		p.updated = s.now()
		s.emitReview(p, r, "submitted", by)
		return nil
	})
	return id, err
}

// StartReview begins a review, which nobody else sees until it is submitted: Review does that.
func (s *Server) StartReview(repo string, number int, login string) error {
	return s.onPull(repo, number, func(p *pull) error {
		p.pending = append(p.pending, &Review{ID: s.id(), Author: s.user(login).Login, State: "PENDING", Commit: p.headSHA})
		return nil
	})
}

// EditReview changes what a review says; its state and the commit that it is about stay.
func (s *Server) EditReview(repo string, number int, review int64, body string) error {
	return s.onPull(repo, number, func(p *pull) error {
		at := slices.IndexFunc(p.reviews, func(r *Review) bool { return r.ID == review })
		if at < 0 {
			return fmt.Errorf("edit review %d: it is not there", review)
		}
		r := p.reviews[at]
		r.Body, p.updated = body, s.now()
		s.emitReview(p, r, "edited", s.user(r.Author))
		return nil
	})
}

// DismissReview dismisses an approval or a request for changes.
func (s *Server) DismissReview(repo string, number int, review int64, login string) error {
	return s.onPull(repo, number, func(p *pull) error {
		for _, r := range p.reviews {
			if r.ID == review && (r.State == "APPROVED" || r.State == "CHANGES_REQUESTED") {
				r.State, p.updated = "DISMISSED", s.now()
				s.emitReview(p, r, "dismissed", s.user(login))
				return nil
			}
		}
		return fmt.Errorf("dismiss review %d: it is not there, or neither an approval nor a request for changes", review)
	})
}

// pullByPath gives the pull request that the path names.
func pullByPath(c *call) (*pull, error) {
	p := c.repo.pull(int(pathID(c, "pull_number")))
	if p == nil {
		return nil, notFound
	}
	return p, nil
}

func listReviews(s *Server, c *call) (any, error) {
	p, err := pullByPath(c)
	if err != nil {
		return nil, err
	}
	seen := slices.Clone(p.reviews)
	for _, r := range p.pending {
		if s.user(r.Author) == c.actor.user {
			seen = append(seen, r)
		}
	}
	return views(page(s, c, seen), func(r *Review) object { return s.reviewView(p, r) }), nil
}

func requestReviewers(s *Server, c *call) (any, error) {
	p, err := pullByPath(c)
	if err != nil {
		return nil, err
	}
	var in struct {
		Reviewers     []string
		TeamReviewers []string `json:"team_reviewers"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if len(in.TeamReviewers) > 0 {
		return nil, refuse(http.StatusUnprocessableEntity, "Reviews may only be requested from collaborators. One or more of the teams you specified is not a collaborator of the %s repository.", p.repo.fullName())
	}
	var added []*User
	for _, login := range in.Reviewers {
		u := s.users[strings.ToLower(login)]
		switch {
		case u == p.author:
			return nil, refuse(http.StatusUnprocessableEntity, "Review cannot be requested from pull request author.")
		case u == nil || !p.repo.may(u, "read"):
			return nil, refuse(http.StatusUnprocessableEntity, "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the %s repository.", p.repo.fullName())
		case !slices.Contains(p.reviewers, u):
			added = append(added, u)
		}
	}
	for _, u := range added {
		p.reviewers, p.updated = append(p.reviewers, u), s.now()
		s.emitPull(p, "review_requested", c.actor.user, object{"requested_reviewer": s.userView(u)})
	}
	c.status = http.StatusCreated
	return s.pullView(p), nil
}
