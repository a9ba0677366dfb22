package github

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
)

// maxDescription is what GitHub keeps of a deployment status. Source: docs.github.com, REST API, "Create a deployment
// status", field description.
const maxDescription = 140

// A mark is the payload of the deployments that tamer makes. Other programs may deploy to the same environment.
type mark struct {
	Tamer struct {
		App int64 `json:"app"`
	} `json:"tamer"`
}

// Deployment gives the newest deployment of the commit to the environment that this app made, with its newest state,
// in two calls; nil for none. Transient and Production are not filled in.
func (c *Client) Deployment(ctx context.Context, repo forge.Repo, at forge.Commit, environment string) (*forge.Deployment, error) {
	s, err := c.in(repo, forREST)
	if err != nil {
		return nil, err
	}
	got, _, err := s.rest.Repositories.ListDeployments(ctx, repo.Owner, repo.Name, &github.DeploymentsListOptions{
		SHA: string(at), Environment: environment, ListOptions: github.ListOptions{PerPage: perPage}})
	if err != nil {
		return nil, fmt.Errorf("list deployments of %s at %s to %s: %w", repo, at.Short(), environment, explain(err))
	}
	d := newest(c.deployed(got, at, environment), (*github.Deployment).GetID)
	if d == nil {
		return nil, nil
	}
	statuses, _, err := s.rest.Repositories.ListDeploymentStatuses(ctx, repo.Owner, repo.Name, d.GetID(), &github.ListOptions{PerPage: perPage})
	if err != nil {
		return nil, fmt.Errorf("read states of deployment %d of %s: %w", d.GetID(), repo, explain(err))
	}
	status := newest(statuses, (*github.DeploymentStatus).GetID) // nil, and so no state, before the first
	return &forge.Deployment{
		ID:          d.GetID(),
		Commit:      at,
		Environment: environment,
		Description: d.GetDescription(),
		State:       forge.DeploymentState(status.GetState()),
		URL:         status.GetEnvironmentURL(),
		LogURL:      status.GetLogURL(),
	}, nil
}

// deployed leaves out what other programs made, and what was not asked for, whatever the server made of the filters.
func (c *Client) deployed(all []*github.Deployment, at forge.Commit, environment string) []*github.Deployment {
	var ours []*github.Deployment
	for _, d := range all {
		if d.GetSHA() == string(at) && d.GetEnvironment() == environment && markOf(d.Payload).Tamer.App == c.appID {
			ours = append(ours, d)
		}
	}
	return ours
}

// markOf reads a payload, which GitHub gives as an object or as a string that holds one.
func markOf(payload json.RawMessage) mark {
	var text string
	if json.Unmarshal(payload, &text) == nil {
		payload = json.RawMessage(text)
	}
	var m mark
	if json.Unmarshal(payload, &m) != nil {
		return mark{}
	}
	return m
}

// CreateDeployment creates it whatever other checks say, in one call, and gives its id. d.State is ignored.
func (c *Client) CreateDeployment(ctx context.Context, repo forge.Repo, d forge.Deployment) (int64, error) {
	s, err := c.in(repo, forREST)
	if err != nil {
		return 0, err
	}
	var m mark
	m.Tamer.App = c.appID
	got, _, err := s.rest.Repositories.CreateDeployment(ctx, repo.Owner, repo.Name, &github.DeploymentRequest{
		Ref:                   github.String(string(d.Commit)),
		AutoMerge:             github.Bool(false),
		RequiredContexts:      &[]string{},
		Payload:               m,
		Environment:           &d.Environment,
		Description:           github.String(cutTo(d.Description, maxDescription)),
		TransientEnvironment:  &d.Transient,
		ProductionEnvironment: &d.Production,
	})
	if err != nil {
		return 0, fmt.Errorf("create deployment of %s at %s to %s: %w", repo, d.Commit.Short(), d.Environment, explain(err))
	}
	return got.GetID(), nil
}

// given leaves out what is empty: GitHub takes an empty text for an address.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// SetDeploymentState adds the status d.State, with d.Description and the addresses, to the deployment d.ID, in one call. GitHub itself
// makes older deployments of the environment inactive when this one succeeds.
func (c *Client) SetDeploymentState(ctx context.Context, repo forge.Repo, d forge.Deployment) error {
	s, err := c.in(repo, forREST)
	if err != nil {
		return err
	}
	_, _, err = s.rest.Repositories.CreateDeploymentStatus(ctx, repo.Owner, repo.Name, d.ID, &github.DeploymentStatusRequest{
		State:       github.String(string(d.State)),
		Description: github.String(cutTo(d.Description, maxDescription)),

		EnvironmentURL: given(d.URL),
		LogURL:         given(d.LogURL),
	})
	if err != nil {
		return fmt.Errorf("set deployment %d of %s to %s: %w", d.ID, repo, d.State, explain(err))
	}
	return nil
}
