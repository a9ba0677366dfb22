package github

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// Installations gives the ids of all installations of the app that are not suspended.
func (c *Client) Installations(ctx context.Context) ([]int64, error) {
	var ids []int64
	err := pages(func(page github.ListOptions) (*github.Response, error) {
		got, resp, err := c.app().Apps.ListInstallations(ctx, &page)
		if err != nil {
			return nil, explain(err)
		}
		for _, i := range got {
			if i.GetSuspendedAt().IsZero() {
				ids = append(ids, i.GetID())
			}
		}
		return resp, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list installations: %w", err)
	}
	return ids, nil
}

// Repositories gives the repositories that the installation reaches. Archived and disabled ones are left out: GitHub
// lets nobody write to them.
func (c *Client) Repositories(ctx context.Context, installation int64) ([]forge.Repo, error) {
	if installation <= 0 {
		return nil, work.Permanent(fmt.Errorf("list repositories: no installation has the id %d", installation))
	}
	s := c.session(scope{installation: installation, purpose: forListing})
	var repos []forge.Repo
	err := pages(func(page github.ListOptions) (*github.Response, error) {
		got, resp, err := s.rest.Apps.ListRepos(ctx, &page)
		if err != nil {
			return nil, explain(err)
		}
		if got == nil {
			return nil, errors.New("GitHub's answer is empty")
		}
		for _, r := range got.Repositories {
			if !r.GetArchived() && !r.GetDisabled() {
				repos = append(repos, forge.Repo{Installation: installation, ID: r.GetID(), Owner: r.GetOwner().GetLogin(), Name: r.GetName()})
			}
		}
		return resp, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list repositories of installation %d: %w", installation, err)
	}
	return repos, nil
}
