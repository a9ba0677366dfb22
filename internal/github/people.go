package github

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// TeamMembers gives the members of a team, those of its child teams included; 100 in one call. The team is "organization/team", or a
// team of the repository's owner. The error wraps fs.ErrNotExist where there is no such team, or the app may not see its members.
func (c *Client) TeamMembers(ctx context.Context, repo forge.Repo, team string) ([]forge.User, error) {
	v, err := c.voice(repo, forPeople)
	if err != nil {
		return nil, err
	}
	return v.teamMembers(ctx, repo, team)
}

// TeamMembers is as that of Client.
func (r *Reader) TeamMembers(ctx context.Context, repo forge.Repo, team string) ([]forge.User, error) {
	v, err := r.voice(repo)
	if err != nil {
		return nil, err
	}
	return v.teamMembers(ctx, repo, team)
}

func (v voice) teamMembers(ctx context.Context, repo forge.Repo, team string) ([]forge.User, error) {
	org, slug, found := strings.Cut(strings.TrimPrefix(team, "@"), "/")
	if !found {
		org, slug = repo.Owner, org
	}
	if !loginOK(org) || !loginOK(slug) {
		return nil, fmt.Errorf("team %q: write organization/team: %w", team, fs.ErrNotExist)
	}
	var all []forge.User
	err := pages(func(page github.ListOptions) (*github.Response, error) {
		got, resp, err := v.rest.Teams.ListTeamMembersBySlug(ctx, org, slug, &github.TeamListTeamMembersOptions{ListOptions: page})
		if err != nil {
			return nil, v.explain(err)
		}
		all = append(all, users(got)...)
		return resp, nil
	})
	switch {
	case errors.Is(err, fs.ErrNotExist) || work.IsPermanent(err):
		return nil, fmt.Errorf("list members of team %s/%s: it is not there, or the app lacks the permission Members: read (%w): %w", org, slug, err, fs.ErrNotExist)
	case err != nil:
		return nil, fmt.Errorf("list members of team %s/%s: %w", org, slug, err)
	}
	return all, nil
}

// Admins gives the people who administer the repository, organization owners included; 100 in one call.
func (c *Client) Admins(ctx context.Context, repo forge.Repo) ([]forge.User, error) {
	v, err := c.voice(repo, forREST)
	if err != nil {
		return nil, err
	}
	return v.admins(ctx, repo)
}

// Admins is as that of Client.
func (r *Reader) Admins(ctx context.Context, repo forge.Repo) ([]forge.User, error) {
	v, err := r.voice(repo)
	if err != nil {
		return nil, err
	}
	return v.admins(ctx, repo)
}

func (v voice) admins(ctx context.Context, repo forge.Repo) ([]forge.User, error) {
	var all []forge.User
	err := pages(func(page github.ListOptions) (*github.Response, error) {
		got, resp, err := v.rest.Repositories.ListCollaborators(ctx, repo.Owner, repo.Name, &github.ListCollaboratorsOptions{Permission: "admin", ListOptions: page})
		if err != nil {
			return nil, v.explain(err)
		}
		for _, u := range users(got) {
			if !u.Bot {
				all = append(all, u)
			}
		}
		return resp, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list administrators of %s: %w", repo, err)
	}
	return all, nil
}

// MayWrite is as that of Client. GitHub tells it only to who may write to the repository.
func (r *Reader) MayWrite(ctx context.Context, repo forge.Repo, who forge.User) (bool, error) {
	v, err := r.voice(repo)
	if err != nil {
		return false, err
	}
	return v.mayWrite(ctx, repo, who)
}

func (v voice) mayWrite(ctx context.Context, repo forge.Repo, who forge.User) (bool, error) {
	if !nameOK.MatchString(who.Login) {
		return false, nil
	}
	got, _, err := v.rest.Repositories.GetPermissionLevel(ctx, repo.Owner, repo.Name, who.Login)
	if err = v.explain(err); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read what %s may do in %s: %w", who.Login, repo, err)
	}
	may := got.GetPermission() == "write" || got.GetPermission() == "admin"
	return may && got.GetUser().GetID() == who.ID, nil
}

// Account gives the account of a login, in one call. The error wraps fs.ErrNotExist where there is none.
func (c *Client) Account(ctx context.Context, repo forge.Repo, login string) (forge.User, error) {
	v, err := c.voice(repo, forREST)
	if err != nil {
		return forge.User{}, err
	}
	return v.account(ctx, login)
}

// Account is as that of Client.
func (r *Reader) Account(ctx context.Context, repo forge.Repo, login string) (forge.User, error) {
	v, err := r.voice(repo)
	if err != nil {
		return forge.User{}, err
	}
	return v.account(ctx, login)
}

func (v voice) account(ctx context.Context, login string) (forge.User, error) {
	if !loginOK(login) {
		return forge.User{}, fmt.Errorf("%q is no login: %w", login, fs.ErrNotExist)
	}
	got, _, err := v.rest.Users.Get(ctx, login)
	if err != nil {
		return forge.User{}, fmt.Errorf("look up %s: %w", login, v.explain(err))
	}
	return user(got), nil
}
