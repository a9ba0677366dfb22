package github

import (
	"context"
	"fmt"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// maxEvents is how many events of a pull request are read to find when it got its base. Most have fewer than 100: no comment is an
// event, and no commit.
const maxEvents = 1000

// Retargeted tells when the pull request got another base last; the zero time where it never has. It takes one call for 100 events, and
// is a permanent error where there are more than 1,000.
func (c *Client) Retargeted(ctx context.Context, repo forge.Repo, number int) (time.Time, error) {
	v, err := c.voice(repo, forREST)
	if err != nil {
		return time.Time{}, err
	}
	return v.retargeted(ctx, repo, number)
}

// Retargeted is as that of Client.
func (r *Reader) Retargeted(ctx context.Context, repo forge.Repo, number int) (time.Time, error) {
	v, err := r.voice(repo)
	if err != nil {
		return time.Time{}, err
	}
	return v.retargeted(ctx, repo, number)
}

func (v voice) retargeted(ctx context.Context, repo forge.Repo, number int) (time.Time, error) {
	var last time.Time
	err := pages(func(page github.ListOptions) (*github.Response, error) {
		if page.Page > maxEvents/perPage {
			return nil, work.Permanent(fmt.Errorf("there are more than %d, so when it got its base cannot be told: open a new pull request", maxEvents))
		}
		got, resp, err := v.rest.Issues.ListIssueEvents(ctx, repo.Owner, repo.Name, number, &page)
		if err != nil {
			return nil, v.explain(err)
		}
		for _, e := range got {
			if at := e.GetCreatedAt().UTC(); changesBase(e.GetEvent()) && at.After(last) {
				last = at
			}
		}
		return resp, nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("list events of %s#%d: %w", repo, number, err)
	}
	return last, nil
}

// changesBase tells whether an event is that a pull request has got another base: by somebody, or by GitHub because the base was merged
// and deleted. Source: docs.github.com, "Issue event types".
func changesBase(event string) bool {
	return event == "base_ref_changed" || event == "automatic_base_change_succeeded"
}
