package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/github"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/render"
)

// A PullQuestion asks how far a pull request is with its gates.
type PullQuestion struct {
	Owner, Name string
	Number      int
	Assumed     []string // logins of people who are taken to have approved the head
}

// Approvals answers as the app that the settings are of. It writes nothing at GitHub, and keeps nothing: the repository is fetched
// into a directory that is removed again.
func (c Config) Approvals(ctx context.Context, q PullQuestion) (render.Approvals, error) {
	hub, err := github.New(github.Config{APIURL: c.APIURL, AppID: c.AppID, PrivateKey: c.PrivateKey})
	if err != nil {
		return nil, err
	}
	var in github.Installed
	err = patiently(ctx, func() (err error) {
		in, err = hub.Installed(ctx, q.Owner, q.Name)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case in.Suspended:
		return nil, fmt.Errorf("the app on %s/%s is suspended; %s lets it go on", q.Owner, q.Name, in.Page)
	}
	return q.answer(ctx, hub, in.Repo, mirror.Config{URL: c.GitURL, Token: hub.Token}, flow.Config{Comments: hub, Overrides: c.overriding})
}

// A Person asks with a token of his or her own.
type Person struct {
	Token    string
	Web, API string // addresses of GitHub; see GitHubAddress
}

// Approvals answers as far as the person's token may read, as that of Config.
func (p Person) Approvals(ctx context.Context, q PullQuestion) (render.Approvals, error) {
	reader, err := github.NewReader(github.ReaderConfig{APIURL: p.API, Token: p.Token})
	if err != nil {
		return nil, err
	}
	repo := forge.Repo{Installation: 1, ID: 1, Owner: q.Owner, Name: q.Name} // to a reader only the names count
	return q.answer(ctx, onlooker{reader}, repo, mirror.Config{URL: Config{GitBaseURL: p.Web}.GitURL,
		Token: func(context.Context, forge.Repo) (string, error) { return p.Token, nil }}, flow.Config{})
}

// A witness is whom GitHub answers.
type witness interface {
	flow.PullRequests
	flow.Commands
	flow.Reviews
	flow.People
	Account(ctx context.Context, repo forge.Repo, login string) (forge.User, error)
}

// answer asks the witness, with what the configuration holds besides.
func (q PullQuestion) answer(ctx context.Context, w witness, repo forge.Repo, at mirror.Config, cfg flow.Config) (render.Approvals, error) {
	dir, err := os.MkdirTemp("", "tamer-approvals-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the repository: %w", err)
	}
	defer os.RemoveAll(dir)
	at.Dir = dir
	mirrors, err := mirror.New(at)
	if err != nil {
		return nil, err
	}
	defer mirrors.Close()
	cfg.PullRequests, cfg.Commands, cfg.Reviews, cfg.People = w, w, w, w
	cfg.Remotes, cfg.Trees, cfg.History = mirrors, mirrors, mirrors
	cfg.Notes, cfg.Now = noNotes{}, time.Now
	look, err := flow.NewOnlooker(cfg)
	if err != nil {
		return nil, err
	}
	var seen render.Approvals
	err = patiently(ctx, func() error {
		assumed, err := q.people(ctx, w, repo)
		if err != nil {
			return err
		}
		seen, err = look.Approvals(ctx, repo, q.Number, assumed...)
		return err
	})
	return seen, err
}

// people finds the accounts of those who are taken to have approved.
func (q PullQuestion) people(ctx context.Context, w witness, repo forge.Repo) ([]forge.User, error) {
	var all []forge.User
	for _, login := range q.Assumed {
		u, err := w.Account(ctx, repo, login)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("nobody at GitHub has the login %q", login)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

// noNotes remembers nothing.
type noNotes struct{}

func (noNotes) Recall(context.Context, forge.Repo, string) ([]byte, error) { return nil, nil }
func (noNotes) Remember(context.Context, forge.Repo, string, []byte) error { return nil }

// An onlooker reads, and refuses all else.
type onlooker struct{ *github.Reader }

var errOnlyReads = errors.New("only what may be read is asked for")

func (onlooker) OpenPullRequests(context.Context, forge.Repo) ([]forge.PullRequest, error) {
	return nil, errOnlyReads
}

func (onlooker) Comment(context.Context, forge.Repo, int64) (forge.Comment, error) {
	return forge.Comment{}, errOnlyReads
}
func (onlooker) React(context.Context, forge.Repo, int64) error { return errOnlyReads }
func (onlooker) RequestReviews(context.Context, forge.Repo, int, []string) error {
	return errOnlyReads
}
