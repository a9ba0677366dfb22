package github

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// maxActivityPages bounds how far back the pushes to a branch are read, in pages of 100.
const maxActivityPages = 10

// Pushes gives the pushes to the branch of a pull request, the newest first, as far as they are asked for: 100 in one call, at most
// 1,000. It gives none where GitHub does not tell: an older server, and a fork that the app may not read.
func (c *Client) Pushes(ctx context.Context, repo forge.Repo, pull forge.PullRequest) iter.Seq2[forge.Push, error] {
	v, err := c.voice(repo, forGit)
	return v.pushes(ctx, repo, pull, err)
}

// Pushes is as that of Client.
func (r *Reader) Pushes(ctx context.Context, repo forge.Repo, pull forge.PullRequest) iter.Seq2[forge.Push, error] {
	v, err := r.voice(repo)
	return v.pushes(ctx, repo, pull, err)
}

func (v voice) pushes(ctx context.Context, repo forge.Repo, pull forge.PullRequest, err error) iter.Seq2[forge.Push, error] {
	return func(yield func(forge.Push, error) bool) {
		if err != nil {
			yield(forge.Push{}, err)
			return
		}
		cursor := ""
		for range maxActivityPages {
			got, next, err := v.activities(ctx, repo, pull, cursor)
			if err != nil {
				yield(forge.Push{}, fmt.Errorf("list pushes to %s, the branch of %s#%d: %w", pull.HeadBranch, repo, pull.Number, err))
				return
			}
			for _, a := range got {
				if !yield(a.push()) {
					return
				}
			}
			if cursor = next; cursor == "" {
				return
			}
		}
	}
}

// An activity is one as GitHub lists it. Source: docs.github.com, "List repository activities". go-github does not know it.
type activity struct {
	Before, After string
	Actor         *github.User
}

func (a activity) push() (p forge.Push, err error) {
	if !isGitHub(a.Actor) {
		p.By = user(a.Actor)
	}
	if p.Before, err = endOf(a.Before); err == nil {
		p.After, err = endOf(a.After)
	}
	return p, err
}

// endOf reads a commit that a push moved from or to; zeros stand for none.
func endOf(sha string) (forge.Commit, error) {
	if strings.Trim(sha, "0") == "" {
		return "", nil
	}
	return forge.ParseCommit(sha)
}

// activities gives those after the cursor, and the next cursor; empty at the end.
func (v voice) activities(ctx context.Context, repo forge.Repo, pull forge.PullRequest, cursor string) ([]activity, string, error) {
	of := repo
	if pull.Fork {
		of.Owner, of.Name, _ = strings.Cut(pull.HeadRepo, "/")
		if checkNames(of) != nil {
			return nil, "", nil // it is deleted
		}
	}
	query := url.Values{"ref": {"refs/heads/" + pull.HeadBranch}, "per_page": {fmt.Sprint(perPage)}}
	if cursor != "" {
		query.Set("after", cursor)
	}
	req, err := v.rest.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/activity?%s", of.Owner, of.Name, query.Encode()), nil)
	if err != nil {
		return nil, "", err
	}
	var got []activity
	resp, err := v.rest.Do(ctx, req, &got)
	if err = v.explain(err); errors.Is(err, fs.ErrNotExist) || pull.Fork && work.IsPermanent(err) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	return got, resp.After, nil
}
