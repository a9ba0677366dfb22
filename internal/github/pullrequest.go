package github

import (
	"context"
	"fmt"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
)

// perPage is the most that GitHub gives in one page.
const perPage = 100

// PullRequest reads one pull request, in one call.
func (c *Client) PullRequest(ctx context.Context, repo forge.Repo, number int) (forge.PullRequest, error) {
	s, err := c.in(repo, forREST)
	if err != nil {
		return forge.PullRequest{}, err
	}
	got, _, err := s.rest.PullRequests.Get(ctx, repo.Owner, repo.Name, number)
	if err != nil {
		return forge.PullRequest{}, fmt.Errorf("read pull request %s#%d: %w", repo, number, explain(err))
	}
	return pullRequest(repo, got)
}

// OpenPullRequests reads all of them, 100 in one call.
func (c *Client) OpenPullRequests(ctx context.Context, repo forge.Repo) ([]forge.PullRequest, error) {
	s, err := c.in(repo, forREST)
	if err != nil {
		return nil, err
	}
	var all []forge.PullRequest
	err = pages(func(page github.ListOptions) (*github.Response, error) {
		got, resp, err := s.rest.PullRequests.List(ctx, repo.Owner, repo.Name,
			&github.PullRequestListOptions{State: "open", Sort: "created", Direction: "asc", ListOptions: page})
		if err != nil {
			return nil, explain(err)
		}
		for _, g := range got {
			p, err := pullRequest(repo, g)
			if err != nil {
				return nil, err
			}
			all = append(all, p)
		}
		return resp, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list open pull requests of %s: %w", repo, err)
	}
	return all, nil
}

// PullRequestsWith reads those that hold the commit, in one call.
func (c *Client) PullRequestsWith(ctx context.Context, repo forge.Repo, commit forge.Commit) ([]forge.PullRequest, error) {
	s, err := c.in(repo, forREST)
	if err != nil {
		return nil, err
	}
	got, _, err := s.rest.PullRequests.ListPullRequestsWithCommit(ctx, repo.Owner, repo.Name, string(commit), &github.ListOptions{PerPage: perPage})
	if err != nil {
		return nil, fmt.Errorf("list pull requests of %s with %s: %w", repo, commit.Short(), explain(err))
	}
	return pullRequests(repo, got)
}

func pullRequests(repo forge.Repo, got []*github.PullRequest) ([]forge.PullRequest, error) {
	var all []forge.PullRequest
	for _, g := range got {
		p, err := pullRequest(repo, g)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// pages calls read for one page after the other. It ends where GitHub names no page that is further on.
func pages(read func(github.ListOptions) (*github.Response, error)) error {
	for page := 1; ; {
		resp, err := read(github.ListOptions{Page: page, PerPage: perPage})
		if err != nil {
			return err
		}
		if resp.NextPage <= page {
			return nil
		}
		page = resp.NextPage
	}
}

func pullRequest(repo forge.Repo, got *github.PullRequest) (forge.PullRequest, error) {
	head, err := forge.ParseCommit(got.GetHead().GetSHA())
	if err != nil {
		return forge.PullRequest{}, fmt.Errorf("read head of %s#%d: %w", repo, got.GetNumber(), err)
	}
	from := got.GetHead().GetRepo() // nil once a fork is deleted
	return forge.PullRequest{
		Number:     got.GetNumber(),
		Title:      got.GetTitle(),
		Author:     user(got.GetUser()),
		Open:       got.GetState() == "open",
		Merged:     got.GetMerged() || !got.GetMergedAt().IsZero(), // lists have the time only
		Head:       head,
		HeadBranch: got.GetHead().GetRef(),
		Fork:       from == nil || from.GetID() != got.GetBase().GetRepo().GetID(),
		HeadRepo:   from.GetFullName(),
		BaseBranch: got.GetBase().GetRef(),
		URL:        got.GetHTMLURL(),
		Draft:      got.GetDraft(),
		Requested:  users(got.RequestedReviewers),
		Updated:    got.GetUpdatedAt().UTC(),
	}, nil
}
