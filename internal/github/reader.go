package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// A ReaderConfig says which GitHub to read, and as whom.
type ReaderConfig struct {
	// APIURL is the root of the REST API, as in Config.
	APIURL string
	// Token is a person's, or one that GitHub Actions gives. Required.
	Token string
	// Transport carries the requests. Default: a clone of http.DefaultTransport.
	Transport http.RoundTripper
}

// A Reader reads GitHub with a person's token, for the command line. It is safe for concurrent use. Of the repositories that it is
// asked about only the names count.
type Reader struct {
	rest    *github.Client
	noreply string // see noreplyHost
}

// NewReader sends nothing.
func NewReader(cfg ReaderConfig) (*Reader, error) {
	api, err := parseAPI(cfg.APIURL)
	if err != nil {
		return nil, err
	}
	if cfg.Token == "" {
		return nil, fmt.Errorf("read %s: a token is required", api)
	}
	transport := cfg.Transport
	if transport == nil {
		transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	c := &Client{api: api}
	return &Reader{c.rest(shown{&gate{next: bounded{transport, maxAnswer}, now: time.Now}, cfg.Token}), noreplyHost(api)}, nil
}

// shown shows a token with every request.
type shown struct {
	next  http.RoundTripper
	token string
}

func (s shown) RoundTrip(req *http.Request) (*http.Response, error) {
	authed := req.Clone(req.Context())
	authed.Header.Set("Authorization", "Bearer "+s.token)
	return s.next.RoundTrip(authed)
}

// asPerson is explain for what a person's token was refused.
func asPerson(err error) error {
	var answer *github.ErrorResponse
	if errors.As(err, &answer) {
		switch answer.Response.StatusCode {
		case http.StatusUnauthorized:
			return errors.New("GitHub answered 401: it does not know the token")
		case http.StatusForbidden:
			return work.Permanent(errors.New("GitHub answered 403: the token may not read it"))
		case http.StatusNotFound:
			return &failure{"GitHub answered 404: it is not there, or the token may not read it", fs.ErrNotExist}
		}
	}
	return explain(err)
}

// PullRequest reads one pull request, in one call.
func (r *Reader) PullRequest(ctx context.Context, repo forge.Repo, number int) (forge.PullRequest, error) {
	if err := checkNames(repo); err != nil {
		return forge.PullRequest{}, err
	}
	got, _, err := r.rest.PullRequests.Get(ctx, repo.Owner, repo.Name, number)
	if err != nil {
		return forge.PullRequest{}, fmt.Errorf("read pull request %s#%d: %w", repo, number, asPerson(err))
	}
	return pullRequest(repo, got)
}

// An Approval is a person's word that a pull request is good.
type Approval struct {
	By forge.User
	Of forge.Commit // what was reviewed
}

// Approvals gives those that stand: of each person the last review that approves, refuses or was dismissed counts. They come in the
// order of their names.
func (r *Reader) Approvals(ctx context.Context, repo forge.Repo, number int) ([]Approval, error) {
	reviews, err := r.Reviews(ctx, repo, number)
	if err != nil {
		return nil, err
	}
	last := map[int64]forge.Review{}
	for _, review := range reviews {
		switch review.State {
		case forge.Approved, forge.ChangesRequested, forge.Dismissed:
			last[review.By.ID] = review
		}
	}
	var all []Approval
	for _, review := range last {
		if review.State == forge.Approved {
			all = append(all, Approval{review.By, review.Commit})
		}
	}
	slices.SortFunc(all, func(a, b Approval) int { return cmp.Compare(a.By.Login, b.By.Login) })
	return all, nil
}

// Bounds of the search for a deployment: pages of 100, and deployments whose states are read.
const (
	maxDeploymentPages = 5
	maxDeploymentsRead = 5
)

// A Delivery is a deployment that succeeded.
type Delivery struct {
	Commit forge.Commit
	At     time.Time // when it succeeded
}

// FirstDelivery gives the first deployment to the environment, not before since, that succeeded with a commit of which holds is true;
// nil for none. Whole says that all there was has been looked at. It takes ten calls at most.
func (r *Reader) FirstDelivery(ctx context.Context, repo forge.Repo, environment string, since time.Time, holds func(forge.Commit) (bool, error)) (first *Delivery, whole bool, err error) {
	if err := checkNames(repo); err != nil {
		return nil, false, err
	}
	all, whole, err := r.deployments(ctx, repo, environment, since)
	if err != nil {
		return nil, false, err
	}
	read := 0
	for _, d := range slices.Backward(all) { // the oldest first
		commit, err := forge.ParseCommit(d.GetSHA())
		if err != nil {
			continue
		}
		if held, err := holds(commit); err != nil || !held {
			if err != nil {
				return nil, false, err
			}
			continue
		}
		if read++; read > maxDeploymentsRead {
			return nil, false, nil
		}
		at, err := r.succeeded(ctx, repo, d.GetID())
		if err != nil {
			return nil, false, err
		}
		if !at.IsZero() {
			return &Delivery{commit, at}, whole, nil
		}
	}
	return nil, whole, nil
}

// deployments gives those to the environment that were made since, the newest first.
func (r *Reader) deployments(ctx context.Context, repo forge.Repo, environment string, since time.Time) (all []*github.Deployment, whole bool, err error) {
	for page := 1; page <= maxDeploymentPages; {
		got, resp, err := r.rest.Repositories.ListDeployments(ctx, repo.Owner, repo.Name, &github.DeploymentsListOptions{
			Environment: environment, ListOptions: github.ListOptions{Page: page, PerPage: perPage}})
		if err != nil {
			return nil, false, fmt.Errorf("list deployments of %s to %s: %w", repo, environment, asPerson(err))
		}
		for _, d := range got {
			if d.GetCreatedAt().Before(since) {
				return all, true, nil
			}
			if d.GetEnvironment() == environment {
				all = append(all, d)
			}
		}
		if resp.NextPage <= page {
			return all, true, nil
		}
		page = resp.NextPage
	}
	return all, false, nil
}

// succeeded tells when a deployment first did; zero where it never did.
func (r *Reader) succeeded(ctx context.Context, repo forge.Repo, id int64) (time.Time, error) {
	statuses, _, err := r.rest.Repositories.ListDeploymentStatuses(ctx, repo.Owner, repo.Name, id, &github.ListOptions{PerPage: perPage})
	if err != nil {
		return time.Time{}, fmt.Errorf("read states of deployment %d of %s: %w", id, repo, asPerson(err))
	}
	var first time.Time
	for _, s := range statuses {
		if at := s.GetCreatedAt().Time; s.GetState() == "success" && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first.UTC(), nil
}

// PullRequestsWith reads those that hold the commit, or became it, in one call.
func (r *Reader) PullRequestsWith(ctx context.Context, repo forge.Repo, commit forge.Commit) ([]forge.PullRequest, error) {
	if err := checkNames(repo); err != nil {
		return nil, err
	}
	got, _, err := r.rest.PullRequests.ListPullRequestsWithCommit(ctx, repo.Owner, repo.Name, string(commit), &github.ListOptions{PerPage: perPage})
	if err != nil {
		return nil, fmt.Errorf("list pull requests of %s with %s: %w", repo, commit.Short(), asPerson(err))
	}
	return pullRequests(repo, got)
}
