package github

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// OwnComment gives the oldest comment on the pull request that this app made and whose text begins with the marker; nil for
// none. It reads 100 comments in one call, and no more pages than it must.
func (c *Client) OwnComment(ctx context.Context, repo forge.Repo, number int, marker string) (*forge.Comment, error) {
	s, err := c.in(repo, forTalk)
	if err != nil {
		return nil, err
	}
	var found *forge.Comment
	err = pages(func(page github.ListOptions) (*github.Response, error) {
		got, resp, err := listComments(ctx, s.rest, repo, number, page)
		if err != nil {
			return nil, explain(err)
		}
		for _, one := range got {
			if found == nil && one.App.GetID() == c.appID && strings.HasPrefix(one.GetBody(), marker) {
				found = new(one.words())
			}
		}
		if found != nil {
			resp.NextPage = 0
		}
		return resp, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read comments on %s#%d: %w", repo, number, err)
	}
	return found, nil
}

// Conversation gives the comments on the pull request whose text begins with one of the beginnings but for blanks, the oldest first. It
// takes a call for 100 comments.
func (c *Client) Conversation(ctx context.Context, repo forge.Repo, number int, beginnings ...string) ([]forge.Comment, error) {
	s, err := c.in(repo, forTalk)
	if err != nil {
		return nil, err
	}
	var all []forge.Comment
	err = pages(func(page github.ListOptions) (*github.Response, error) {
		got, resp, err := listComments(ctx, s.rest, repo, number, page)
		if err != nil {
			return nil, explain(err)
		}
		for _, one := range got {
			text := strings.TrimSpace(one.GetBody())
			if slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(text, b) }) {
				said := one.words()
				said.Own = one.App.GetID() == c.appID
				all = append(all, said)
			}
		}
		return resp, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the conversation of %s#%d: %w", repo, number, err)
	}
	return all, nil
}

func listComments(ctx context.Context, rest *github.Client, repo forge.Repo, number int, page github.ListOptions) ([]*comment, *github.Response, error) {
	req, err := rest.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/issues/%d/comments?per_page=%d&page=%d", repo.Owner, repo.Name, number, page.PerPage, page.Page), nil)
	if err != nil {
		return nil, nil, err
	}
	var got []*comment
	resp, err := rest.Do(ctx, req, &got)
	return got, resp, err
}

// A comment has what go-github leaves out: the app that wrote it.
type comment struct {
	github.IssueComment
	App *github.App `json:"performed_via_github_app"`
}

func (c *comment) words() forge.Comment {
	number, _ := strconv.Atoi(path.Base(c.GetIssueURL())) // 0 where GitHub gives no address
	u := c.GetUser()
	return forge.Comment{
		At: c.GetCreatedAt().Time, Edited: !c.GetUpdatedAt().Equal(c.GetCreatedAt()),
		ID: c.GetID(), Pull: number, App: c.App != nil, Body: c.GetBody(),
		Author: forge.User{ID: u.GetID(), Login: u.GetLogin(), Bot: u.GetType() == "Bot"},
	}
}

// Comment reads one comment, whoever made it, in one call.
func (c *Client) Comment(ctx context.Context, repo forge.Repo, id int64) (forge.Comment, error) {
	s, err := c.in(repo, forTalk)
	if err != nil {
		return forge.Comment{}, err
	}
	req, err := s.rest.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/issues/comments/%d", repo.Owner, repo.Name, id), nil)
	if err != nil {
		return forge.Comment{}, fmt.Errorf("read comment %d of %s: %w", id, repo, err)
	}
	var got comment
	if _, err := s.rest.Do(ctx, req, &got); err != nil {
		return forge.Comment{}, fmt.Errorf("read comment %d of %s: %w", id, repo, explain(err))
	}
	return got.words(), nil
}

// CreateComment writes a new comment on the pull request, in one call.
func (c *Client) CreateComment(ctx context.Context, repo forge.Repo, number int, body string) error {
	s, err := c.in(repo, forTalk)
	if err != nil {
		return err
	}
	if err := fitsComment(body); err != nil {
		return fmt.Errorf("comment on %s#%d: %w", repo, number, err)
	}
	if _, _, err := s.rest.Issues.CreateComment(ctx, repo.Owner, repo.Name, number, &github.IssueComment{Body: &body}); err != nil {
		return fmt.Errorf("comment on %s#%d: %w", repo, number, explain(err))
	}
	return nil
}

// UpdateComment replaces the text of a comment, in one call. The error wraps fs.ErrNotExist where it was deleted.
func (c *Client) UpdateComment(ctx context.Context, repo forge.Repo, id int64, body string) error {
	s, err := c.in(repo, forTalk)
	if err != nil {
		return err
	}
	if err := fitsComment(body); err != nil {
		return fmt.Errorf("update comment %d of %s: %w", id, repo, err)
	}
	if _, _, err := s.rest.Issues.EditComment(ctx, repo.Owner, repo.Name, id, &github.IssueComment{Body: &body}); err != nil {
		return fmt.Errorf("update comment %d of %s: %w", id, repo, explain(err))
	}
	return nil
}

// fitsComment refuses what GitHub would refuse, before it costs a call.
func fitsComment(body string) error {
	if n := len([]rune(body)); n == 0 || n > forge.MaxComment {
		return work.Permanent(fmt.Errorf("a text of %d characters; 1 to %d are allowed", n, forge.MaxComment))
	}
	return nil
}

// React shows under a comment that it was seen, in one call. Doing it again changes nothing.
func (c *Client) React(ctx context.Context, repo forge.Repo, id int64) error {
	s, err := c.in(repo, forTalk)
	if err != nil {
		return err
	}
	if _, _, err := s.rest.Reactions.CreateIssueCommentReaction(ctx, repo.Owner, repo.Name, id, "+1"); err != nil {
		return fmt.Errorf("react to comment %d of %s: %w", id, repo, explain(err))
	}
	return nil
}

// MayWrite tells whether the person may push to the repository, in one call. Nobody may whose login belongs to somebody else by now.
func (c *Client) MayWrite(ctx context.Context, repo forge.Repo, who forge.User) (bool, error) {
	v, err := c.voice(repo, forREST)
	if err != nil {
		return false, err
	}
	return v.mayWrite(ctx, repo, who)
}
