package fakegithub

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"
)

// maxComment is how many characters a comment holds. Source: GitHub's answer "body is too long (maximum is 65536 characters)".
const maxComment = 65536

// A Comment is a comment on a pull request.
type Comment struct {
	ID        int64
	Pull      int // number of the pull request
	Author    string
	App       string // slug of the app that wrote it, for itself; empty for a person
	Body      string
	Reactions []Reaction // oldest first
	CreatedAt time.Time
	UpdatedAt time.Time
}

// A Reaction is what somebody made of a comment.
type Reaction struct {
	Author  string
	Content string // one of reactionContents
}

type comment struct{ Comment }

// Comment writes a comment on a pull request in the name of a user, and gives its id.
func (s *Server) Comment(repo string, number int, login, body string) (int64, error) {
	var id int64
	err := s.onPull(repo, number, func(p *pull) error {
		c, err := s.addComment(p, s.user(login), body)
		if err != nil {
			return fmt.Errorf("comment on pull request %d: %w", number, err)
		}
		id = c.ID
		return nil
	})
	return id, err
}

// Comments gives the comments on a pull request, oldest first.
func (s *Server) Comments(repo string, number int) ([]Comment, error) {
	var out []Comment
	err := s.onPull(repo, number, func(p *pull) error {
		for _, c := range p.repo.commentsOn(number) {
			seen := c.Comment
			seen.Reactions = slices.Clone(c.Reactions)
			out = append(out, seen)
		}
		return nil
	})
	return out, err
}

func (r *repo) commentsOn(number int) []*comment {
	var out []*comment
	for _, c := range r.comments {
		if c.Pull == number {
			out = append(out, c)
		}
	}
	return out
}

func checkBody(body string) error {
	switch n := utf8.RuneCountInString(body); {
	case n == 0:
		return invalid("IssueComment", "body", "missing_field", "body can't be blank")
	case n > maxComment:
		return invalid("IssueComment", "body", "unprocessable", "body is too long (maximum is %d characters)", maxComment)
	}
	return nil
}

func (s *Server) addComment(p *pull, by *User, body string) (*comment, error) {
	if err := checkBody(body); err != nil {
		return nil, err
	}
	c := &comment{Comment{ID: s.id(), Pull: p.number, Author: by.Login, Body: body, CreatedAt: s.now(), UpdatedAt: s.now()}}
	if a := s.appOf(by); a != nil {
		c.App = a.slug
	}
	p.repo.comments = append(p.repo.comments, c)
	p.updated = s.now()
	s.emitComment(p, c, "created", by, nil)
	return c, nil
}

// emitComment sends issue_comment: to webhooks a pull request is an issue with a link.
func (s *Server) emitComment(p *pull, c *comment, action string, by *User, extra object) {
	issue := s.repoAPI(p.repo, "/issues/%d", p.number)
	page := s.html(p.repo, "/pull/%d", p.number)
	body := object{"comment": s.commentView(p.repo, c), "issue": object{
		"id": p.id, "node_id": nodeID("Issue", p.id), "number": p.number, "title": p.title, "body": orNull(p.body), "state": p.state,
		"user": s.userView(p.author), "url": issue, "html_url": page, "comments_url": issue + "/comments", "events_url": issue + "/events",
		"labels_url": issue + "/labels{/name}", "repository_url": s.repoAPI(p.repo, ""), "labels": []object{}, "assignee": nil,
		"assignees": []object{}, "milestone": nil, "locked": false, "comments": len(p.repo.commentsOn(p.number)), "author_association": "CONTRIBUTOR",
		"created_at": stamp(p.created), "updated_at": stamp(p.updated), "closed_at": stamp(p.closed), "active_lock_reason": nil, "draft": p.draft,
		"reactions": noReactions(issue),
		"pull_request": object{
			"url": s.repoAPI(p.repo, "/pulls/%d", p.number), "html_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch",
			"merged_at": stamp(p.mergedAt),
		},
	}}
	if extra != nil {
		body["changes"] = extra
	}
	s.emit(p.repo, "issue_comment", action, by, body)
}

// listOrGetComments serves two addresses that http.ServeMux cannot tell apart: /issues/N/comments and /issues/comments/ID.
func listOrGetComments(s *Server, c *call) (any, error) {
	if c.PathValue("issue_number") == "comments" {
		found, _, err := commentByPath(c)
		if err != nil {
			return nil, err
		}
		return s.commentView(c.repo, found), nil
	}
	p := c.repo.pull(int(pathID(c, "issue_number")))
	if p == nil || c.PathValue("comment_id") != "comments" {
		return nil, notFound
	}
	comments := c.repo.commentsOn(p.number)
	if since, err := time.Parse(time.RFC3339, c.URL.Query().Get("since")); err == nil {
		comments = slices.DeleteFunc(comments, func(c *comment) bool { return c.UpdatedAt.Before(since) })
	}
	return views(page(s, c, comments), func(found *comment) object { return s.commentView(c.repo, found) }), nil
}

func commentByPath(c *call) (*comment, *pull, error) {
	id := pathID(c, "comment_id")
	for _, found := range c.repo.comments {
		if found.ID == id {
			return found, c.repo.pull(found.Pull), nil
		}
	}
	return nil, nil, notFound
}

func createComment(s *Server, c *call) (any, error) {
	p := c.repo.pull(int(pathID(c, "issue_number")))
	if p == nil {
		return nil, notFound
	}
	var in struct{ Body string }
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	made, err := s.addComment(p, c.actor.user, in.Body)
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	return s.commentView(c.repo, made), nil
}

func updateComment(s *Server, c *call) (any, error) {
	found, p, err := commentByPath(c)
	if err != nil {
		return nil, err
	}
	var in struct{ Body string }
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if err := s.editComment(p, found, c.actor.user, in.Body); err != nil {
		return nil, err
	}
	return s.commentView(c.repo, found), nil
}

func (s *Server) editComment(p *pull, c *comment, by *User, body string) error {
	if err := checkBody(body); err != nil {
		return err
	}
	was := c.Body
	c.Body, c.UpdatedAt = body, s.now()
	s.emitComment(p, c, "edited", by, object{"body": object{"from": was}})
	return nil
}

// DeleteComment deletes a comment in the name of a user.
func (s *Server) DeleteComment(repo string, id int64, login string) error {
	return s.onComment(repo, id, func(p *pull, c *comment) error {
		s.removeComment(p, c, s.user(login))
		return nil
	})
}

// EditComment changes a comment in the name of a user, who may be another one than its author.
func (s *Server) EditComment(repo string, id int64, body, login string) error {
	return s.onComment(repo, id, func(p *pull, c *comment) error { return s.editComment(p, c, s.user(login), body) })
}

func (s *Server) onComment(repo string, id int64, do func(*pull, *comment) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.repo(repo)
	if err != nil {
		return err
	}
	for _, c := range r.comments {
		if c.ID == id {
			return do(r.pull(c.Pull), c)
		}
	}
	return fmt.Errorf("find comment of %s: there is no id %d", repo, id)
}

func (s *Server) removeComment(p *pull, c *comment, by *User) {
	p.repo.comments = slices.DeleteFunc(p.repo.comments, func(x *comment) bool { return x == c })
	s.emitComment(p, c, "deleted", by, nil)
}

func deleteComment(s *Server, c *call) (any, error) {
	found, p, err := commentByPath(c)
	if err != nil {
		return nil, err
	}
	s.removeComment(p, found, cmp.Or(c.actor.user, p.author))
	c.status = http.StatusNoContent
	return nil, nil
}
