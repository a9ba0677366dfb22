package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/github"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/render"
)

// whence tells with which pull request a commit came, and when it reached production.
func (h *history) whence(ctx context.Context, commit forge.Commit) error {
	clone := h.clone
	tip, deployed := h.head, true
	if branch, err := clone.DefaultBranch(ctx); err == nil {
		main, err := clone.Resolve(ctx, branch)
		if err != nil {
			return err
		}
		if deployed, err = clone.Holds(ctx, main, commit); err != nil {
			return err
		}
		if deployed {
			tip = main
		} else {
			h.note(branch[strings.LastIndex(branch, "/")+1:] + " does not hold it yet, and so neither does production")
		}
	} else if ctx.Err() != nil {
		return err
	}
	brought, err := clone.BroughtBy(ctx, commit, tip)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	merge, err := clone.Written(ctx, brought)
	if err != nil {
		return err
	}
	own, err := clone.Written(ctx, commit)
	if err != nil {
		return err
	}
	h.e.Since.Pull = pullIn(merge, own)
	return h.ask(ctx, commit, merge.Committed, deployed)
}

// What GitHub writes into the subject of a merge, and of a squash.
var (
	mergeSubject  = regexp.MustCompile(`^Merge pull request #([0-9]{1,9}) from `)
	squashSubject = regexp.MustCompile(`\(#([0-9]{1,9})\)$`)
	approvedBy    = regexp.MustCompile(`(?im)^(?:approved|reviewed)-by: *([^<\n]*[^<\n ])`)
)

// pullIn reads a pull request from the messages of commits: the first that names one.
func pullIn(messages ...mirror.Written) *render.PullOf {
	for _, w := range messages {
		p := &render.PullOf{}
		if m := mergeSubject.FindStringSubmatch(w.Subject); m != nil {
			p.Number, _ = strconv.Atoi(m[1])
			p.Title, _, _ = strings.Cut(w.Body, "\n")
		} else if m := squashSubject.FindStringSubmatch(w.Subject); m != nil {
			p.Number, _ = strconv.Atoi(m[1])
			p.Title = strings.TrimSpace(strings.TrimSuffix(w.Subject, m[0]))
		}
		if p.Number == 0 {
			continue
		}
		for _, m := range approvedBy.FindAllStringSubmatch(w.Body, -1) {
			p.Approvers = append(p.Approvers, m[1])
		}
		return p
	}
	return nil
}

// ask has GitHub say what messages do not. What it does not say is a note.
func (h *history) ask(ctx context.Context, commit forge.Commit, merged time.Time, deployed bool) error {
	unasked := "approvers and production"
	if h.e.Since.Pull == nil {
		unasked = "pull request, " + unasked
	}
	reader, repo, why := h.reader(ctx)
	if reader == nil {
		h.note(unasked + " were not asked for: " + why)
		return nil
	}
	err := h.askPull(ctx, reader, repo, commit)
	if err == nil && deployed {
		err = h.askProduction(ctx, reader, repo, commit, merged)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		fmt.Fprintf(h.stderr, "tamer: GitHub could not be asked: %v\n", err)
		h.note("GitHub did not answer all that it was asked")
	}
	return nil
}

// reader gives who reads GitHub, or why nobody can.
func (h *history) reader(ctx context.Context) (*github.Reader, forge.Repo, string) {
	remote := h.clone.Remote(ctx)
	if remote == "" {
		return nil, forge.Repo{}, "there is no remote origin"
	}
	web, api, err := app.GitHubAddress(os.Getenv)
	if err != nil {
		return nil, forge.Repo{}, err.Error()
	}
	repo, ok := repositoryAt(remote, web)
	if !ok {
		return nil, forge.Repo{}, "origin is no repository at " + web + "; TAMER_GITHUB_URL may name another GitHub"
	}
	token := cmp.Or(os.Getenv("GITHUB_TOKEN"), os.Getenv("GH_TOKEN"))
	if token == "" {
		return nil, forge.Repo{}, "set GITHUB_TOKEN to ask " + web
	}
	reader, err := github.NewReader(github.ReaderConfig{APIURL: api, Token: token})
	if err != nil {
		return nil, forge.Repo{}, err.Error()
	}
	return reader, repo, ""
}

// scpLike is the short form of an address over SSH.
var scpLike = regexp.MustCompile(`^(?:[^@/:]+@)?([^/:]+):(.+)$`)

// repositoryAt reads which repository of a GitHub a remote is.
func repositoryAt(remote, web string) (forge.Repo, bool) {
	var host, path string
	if u, err := url.Parse(remote); err == nil && u.Host != "" {
		host, path = u.Hostname(), u.Path
	} else if m := scpLike.FindStringSubmatch(remote); m != nil {
		host, path = m[1], m[2]
	}
	at, err := url.Parse(web)
	if err != nil || !strings.EqualFold(strings.TrimPrefix(host, "ssh."), at.Hostname()) {
		return forge.Repo{}, false
	}
	owner, name, ok := strings.Cut(strings.TrimSuffix(strings.Trim(path, "/"), ".git"), "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return forge.Repo{}, false
	}
	return forge.Repo{Owner: owner, Name: name}, true
}

func (h *history) askPull(ctx context.Context, reader *github.Reader, repo forge.Repo, commit forge.Commit) error {
	with, err := reader.PullRequestsWith(ctx, repo, commit)
	if err != nil {
		return err
	}
	named := 0
	if h.e.Since.Pull != nil {
		named = h.e.Since.Pull.Number
	}
	slices.SortFunc(with, func(a, b forge.PullRequest) int { // the one that was named, then the merged, then the oldest
		return cmp.Or(order(b.Number == named, a.Number == named), order(b.Merged, a.Merged), cmp.Compare(a.Number, b.Number))
	})
	if len(with) == 0 {
		if named == 0 {
			h.note("GitHub knows of no pull request with this commit")
			return nil
		}
		pr, err := reader.PullRequest(ctx, repo, named)
		if err != nil {
			return err
		}
		with = append(with, pr)
	}
	pr := with[0]
	approvals, err := reader.Approvals(ctx, repo, pr.Number)
	if err != nil {
		return err
	}
	p := &render.PullOf{Number: pr.Number, Title: pr.Title, URL: pr.URL, Author: pr.Author.Login, Asked: true}
	for _, a := range approvals {
		name := a.By.Login
		if a.Of != pr.Head {
			name += " (an earlier commit)"
		}
		p.Approvers = append(p.Approvers, name)
	}
	h.e.Since.Pull = p
	return nil
}

// order compares false and true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// skew is how far clocks of commits may be ahead of GitHub's.
const skew = time.Hour

func (h *history) askProduction(ctx context.Context, reader *github.Reader, repo forge.Repo, commit forge.Commit, merged time.Time) error {
	holds := func(deployed forge.Commit) (bool, error) { return h.clone.Holds(ctx, deployed, commit) }
	first, whole, err := reader.FirstDelivery(ctx, repo, "production", merged.Add(-skew), holds)
	switch {
	case err != nil:
		return err
	case first == nil:
		h.note("no deployment to production that succeeded is known to hold it")
	case !whole:
		h.note("production may have held it earlier: there are too many deployments since to ask for all")
	}
	if first != nil {
		h.e.Since.Production = &render.InProduction{At: first.At, With: first.Commit}
	}
	return nil
}
