package github

import (
	"context"
	"fmt"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
)

// maxMergedPages bounds the pages of closed pull requests that are read, 100 in each.
const maxMergedPages = 100

// MergedSince gives the pull requests that are merged into the base and have changed since then: also those that were merged before.
// It reads 100 in one call, the last changed first, and at most 10,000.
func (c *Client) MergedSince(ctx context.Context, repo forge.Repo, base string, since time.Time) ([]forge.MergedPullRequest, error) {
	v, err := c.voice(repo, forREST)
	if err != nil {
		return nil, err
	}
	return v.mergedSince(ctx, repo, base, since)
}

// MergedSince is as that of Client.
func (r *Reader) MergedSince(ctx context.Context, repo forge.Repo, base string, since time.Time) ([]forge.MergedPullRequest, error) {
	v, err := r.voice(repo)
	if err != nil {
		return nil, err
	}
	return v.mergedSince(ctx, repo, base, since)
}

func (v voice) mergedSince(ctx context.Context, repo forge.Repo, base string, since time.Time) ([]forge.MergedPullRequest, error) {
	var all []forge.MergedPullRequest
	err := pages(func(page github.ListOptions) (*github.Response, error) {
		got, resp, err := v.rest.PullRequests.List(ctx, repo.Owner, repo.Name,
			&github.PullRequestListOptions{State: "closed", Base: base, Sort: "updated", Direction: "desc", ListOptions: page})
		if err != nil {
			return nil, v.explain(err)
		}
		for _, p := range got {
			if p.GetUpdatedAt().Before(since) {
				resp.NextPage = 0
				break
			}
			if m, ok := mergedPull(p, base); ok {
				all = append(all, m)
			}
		}
		if page.Page >= maxMergedPages {
			resp.NextPage = 0
		}
		return resp, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list merged pull requests of %s: %w", repo, err)
	}
	return all, nil
}

func mergedPull(p *github.PullRequest, base string) (forge.MergedPullRequest, bool) {
	commit, err := forge.ParseCommit(p.GetMergeCommitSHA())
	if err != nil || p.GetMergedAt().IsZero() || p.GetBase().GetRef() != base {
		return forge.MergedPullRequest{}, false
	}
	return forge.MergedPullRequest{Number: p.GetNumber(), Author: user(p.GetUser()), MergedAt: p.GetMergedAt().UTC(), Commit: commit, Base: base}, true
}
