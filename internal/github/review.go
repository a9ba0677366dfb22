package github

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
)

// A voice asks GitHub with one credential: the app's or a person's.
type voice struct {
	rest    *github.Client
	explain func(error) error
	noreply string // see noreplyHost
}

// voice gives the voice of the app in the repository.
func (c *Client) voice(repo forge.Repo, p purpose) (voice, error) {
	s, err := c.in(repo, p)
	if err != nil {
		return voice{}, err
	}
	return voice{s.rest, explain, noreplyHost(c.api)}, nil
}

// voice gives the voice of the person.
func (r *Reader) voice(repo forge.Repo) (voice, error) {
	return voice{r.rest, asPerson, r.noreply}, checkNames(repo)
}

// Reviews gives the reviews of the pull request that were submitted, the oldest first; 100 in one call. Those of accounts that are
// gone are left out.
func (c *Client) Reviews(ctx context.Context, repo forge.Repo, number int) ([]forge.Review, error) {
	v, err := c.voice(repo, forREST)
	if err != nil {
		return nil, err
	}
	return v.reviews(ctx, repo, number)
}

// Reviews is as that of Client.
func (r *Reader) Reviews(ctx context.Context, repo forge.Repo, number int) ([]forge.Review, error) {
	v, err := r.voice(repo)
	if err != nil {
		return nil, err
	}
	return v.reviews(ctx, repo, number)
}

func (v voice) reviews(ctx context.Context, repo forge.Repo, number int) ([]forge.Review, error) {
	var all []forge.Review
	err := pages(func(page github.ListOptions) (*github.Response, error) {
		got, resp, err := v.rest.PullRequests.ListReviews(ctx, repo.Owner, repo.Name, number, &page)
		if err != nil {
			return nil, v.explain(err)
		}
		for _, r := range got { // in the order of time
			if r.GetState() == "PENDING" || r.GetUser().GetID() == 0 {
				continue
			}
			all = append(all, forge.Review{
				By: user(r.GetUser()), State: forge.ReviewState(strings.ToLower(r.GetState())),
				Commit: forge.Commit(r.GetCommitID()), At: r.GetSubmittedAt().UTC(),
			})
		}
		return resp, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list reviews of %s#%d: %w", repo, number, err)
	}
	return all, nil
}

// RequestReviews asks people to review the pull request, in one call. GitHub refuses all of them where one is the author, or may not
// read the repository: that is a permanent error.
func (c *Client) RequestReviews(ctx context.Context, repo forge.Repo, number int, logins []string) error {
	if len(logins) == 0 {
		return nil
	}
	s, err := c.in(repo, forTalk)
	if err != nil {
		return err
	}
	_, _, err = s.rest.PullRequests.RequestReviewers(ctx, repo.Owner, repo.Name, number, github.ReviewersRequest{Reviewers: logins})
	if err != nil {
		return fmt.Errorf("ask %s to review %s#%d: %w", strings.Join(logins, ", "), repo, number, explain(err))
	}
	return nil
}

func user(u *github.User) forge.User {
	return forge.User{ID: u.GetID(), Login: u.GetLogin(), Bot: u.GetType() == "Bot"}
}

func users(all []*github.User) []forge.User {
	var out []forge.User
	for _, u := range all {
		if u.GetID() != 0 {
			out = append(out, user(u))
		}
	}
	return out
}
