package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
)

// An Installed is how the app is installed on a repository.
type Installed struct {
	Repo          forge.Repo // with the names that GitHub gives
	DefaultBranch string     // empty while the app may not be asked for it
	App           string     // the short name of the app, as in addresses
	Page          string     // of the installation's settings
	Suspended     bool
	Permissions   map[string]string // granted: read or write, by name
	Events        []string          // subscribed to
}

// Installed tells how the app is installed on a repository, in two calls. The error wraps fs.ErrNotExist where it is not, or there is
// no such repository.
func (c *Client) Installed(ctx context.Context, owner, name string) (Installed, error) {
	repo := forge.Repo{Owner: owner, Name: name}
	if err := checkNames(repo); err != nil {
		return Installed{}, err
	}
	app := c.app()
	req, err := app.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/installation", owner, name), nil)
	if err != nil {
		return Installed{}, fmt.Errorf("look for the app on %s: %w", repo, err)
	}
	var got struct { // go-github's type knows not all permissions
		ID          int64             `json:"id"`
		Page        string            `json:"html_url"`
		App         string            `json:"app_slug"`
		Suspended   *string           `json:"suspended_at"`
		Permissions map[string]string `json:"permissions"`
		Events      []string          `json:"events"`
	}
	if _, err := app.Do(ctx, req, &got); err != nil {
		return Installed{}, fmt.Errorf("look for the app on %s: %w", repo, explain(err))
	}
	in := Installed{Repo: repo, App: got.App, Page: got.Page, Suspended: got.Suspended != nil, Permissions: got.Permissions, Events: got.Events}
	in.Repo.Installation = got.ID
	if in.Suspended {
		return in, nil
	}
	found, _, err := c.session(scope{installation: got.ID, purpose: forListing}).rest.Repositories.Get(ctx, owner, name)
	if err != nil {
		return Installed{}, fmt.Errorf("read repository %s: %w", repo, explain(err))
	}
	in.Repo.ID, in.Repo.Owner, in.Repo.Name = found.GetID(), found.GetOwner().GetLogin(), found.GetName()
	in.DefaultBranch = found.GetDefaultBranch()
	return in, nil
}

// Needed gives the permissions that the app asks for when it works: read or write, by name.
func Needed() map[string]string {
	all := map[string]string{
		"issues":       "read", // what events need, besides what calls do
		"merge_queues": "read",
	}
	for p := range purposes {
		text, _ := json.Marshal(purpose(p).permissions()) // plain strings always have JSON
		var of map[string]string
		_ = json.Unmarshal(text, &of)
		for name, level := range of {
			if all[name] != "write" {
				all[name] = level
			}
		}
	}
	return all
}

// A RequiredCheck is a check that must be green before anything is merged into a branch.
type RequiredCheck struct {
	Name string
	App  int64  // the id of the app that must have made it; 0: whoever has
	By   string // what requires it: "a ruleset", or "the branch's protection"
}

// RequiredChecks gives the checks that rulesets and the protection of a branch require, in two calls. The error wraps fs.ErrNotExist
// where there is no such branch.
func (c *Client) RequiredChecks(ctx context.Context, repo forge.Repo, branch string) ([]RequiredCheck, error) {
	s, err := c.in(repo, forGit)
	if err != nil {
		return nil, err
	}
	of := func(err error) error {
		return fmt.Errorf("read what %s of %s requires: %w", branch, repo, explain(err))
	}
	all, err := ruled(ctx, s.rest, repo, branch)
	if err != nil && !errors.Is(explain(err), fs.ErrNotExist) { // old servers know no rulesets
		return nil, of(err)
	}
	req, err := s.rest.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/branches/%s", repo.Owner, repo.Name, url.PathEscape(branch)), nil)
	if err != nil {
		return nil, of(err)
	}
	var got struct { // as everybody who reads the branch may see it
		Protection struct {
			Required struct {
				Checks []github.RequiredStatusCheck `json:"checks"`
			} `json:"required_status_checks"`
		} `json:"protection"`
	}
	if _, err := s.rest.Do(ctx, req, &got); err != nil {
		return nil, of(err)
	}
	for _, check := range got.Protection.Required.Checks {
		all = append(all, RequiredCheck{check.Context, max(0, check.GetAppID()), "the branch's protection"}) // -1 is any app
	}
	return all, nil
}

// ruled gives what rulesets require. go-github refuses all rules where one is of a kind that it does not know.
func ruled(ctx context.Context, rest *github.Client, repo forge.Repo, branch string) ([]RequiredCheck, error) {
	var all []RequiredCheck
	err := pages(func(page github.ListOptions) (*github.Response, error) {
		req, err := rest.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/rules/branches/%s?per_page=%d&page=%d", repo.Owner, repo.Name, url.PathEscape(branch), page.PerPage, page.Page), nil)
		if err != nil {
			return nil, err
		}
		var got []struct {
			Type       string
			Parameters json.RawMessage
		}
		resp, err := rest.Do(ctx, req, &got)
		if err != nil {
			return nil, err
		}
		for _, rule := range got {
			if rule.Type != "required_status_checks" {
				continue
			}
			var of github.RequiredStatusChecksRuleParameters
			if err := json.Unmarshal(rule.Parameters, &of); err != nil {
				return nil, err
			}
			for _, check := range of.RequiredStatusChecks {
				one := RequiredCheck{Name: check.Context, By: "a ruleset"}
				if check.IntegrationID != nil {
					one.App = *check.IntegrationID
				}
				all = append(all, one)
			}
		}
		return resp, nil
	})
	return all, err
}
