package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
)

const (
	// maxListed is how many commits of a pull request GitHub lists. Source: docs.github.com, "List commits on a pull request".
	maxListed = 250

	// webFlow is the account that commits what is done on GitHub's pages: GitHub itself, and nobody's hand. On
	// github.com its id is webFlowID.
	webFlow   = "web-flow"
	webFlowID = 19864447
)

// Authorships tells whose the commits of the pull request are, the oldest first. People are known by the id that GitHub gives to a
// commit's author and committer; co-authors by the address that GitHub gave them, or by that of an author in the same pull
// request. It takes a call for 100 commits, and one for each co-author with an address of before 2017.
//
// Ids that GitHub finds for a commit rest on its e-mail, which can be forged: whoever commits in the name of somebody else makes that
// person's approval void, but nobody's count.
func (c *Client) Authorships(ctx context.Context, repo forge.Repo, number int) ([]forge.Authorship, error) {
	v, err := c.voice(repo, forREST)
	if err != nil {
		return nil, err
	}
	return v.authorships(ctx, repo, number)
}

// Authorships is as that of Client.
func (r *Reader) Authorships(ctx context.Context, repo forge.Repo, number int) ([]forge.Authorship, error) {
	v, err := r.voice(repo)
	if err != nil {
		return nil, err
	}
	return v.authorships(ctx, repo, number)
}

// CommitAuthor gives the account of a commit's author, in one call; without an id where GitHub knows none, or names itself.
func (c *Client) CommitAuthor(ctx context.Context, repo forge.Repo, at forge.Commit) (forge.User, error) {
	v, err := c.voice(repo, forGit)
	if err != nil {
		return forge.User{}, err
	}
	return v.commitAuthor(ctx, repo, at)
}

// CommitAuthor is as that of Client.
func (r *Reader) CommitAuthor(ctx context.Context, repo forge.Repo, at forge.Commit) (forge.User, error) {
	v, err := r.voice(repo)
	if err != nil {
		return forge.User{}, err
	}
	return v.commitAuthor(ctx, repo, at)
}

func (v voice) commitAuthor(ctx context.Context, repo forge.Repo, at forge.Commit) (forge.User, error) {
	got, _, err := v.rest.Repositories.GetCommit(ctx, repo.Owner, repo.Name, string(at), &github.ListOptions{PerPage: 1}) // of its files
	if err != nil {
		return forge.User{}, fmt.Errorf("look whose commit %s of %s is: %w", at.Short(), repo, v.explain(err))
	}
	if isGitHub(got.GetAuthor()) {
		return forge.User{}, nil
	}
	return user(got.GetAuthor()), nil
}

func (v voice) authorships(ctx context.Context, repo forge.Repo, number int) ([]forge.Authorship, error) {
	var listed []*github.RepositoryCommit
	err := pages(func(page github.ListOptions) (*github.Response, error) {
		got, resp, err := v.rest.PullRequests.ListCommits(ctx, repo.Owner, repo.Name, number, &page)
		if err != nil {
			return nil, v.explain(err)
		}
		listed = append(listed, got...)
		return resp, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list commits of %s#%d: %w", repo, number, err)
	}
	r := resolver{voice: v, known: map[string]forge.User{}}
	for _, c := range listed {
		r.learn(c.GetCommit().GetAuthor(), c.GetAuthor())
		r.learn(c.GetCommit().GetCommitter(), c.GetCommitter())
	}
	all := make([]forge.Authorship, len(listed))
	for i, c := range listed {
		if all[i], err = r.authorship(ctx, c); err != nil {
			return nil, fmt.Errorf("look whose the commits of %s#%d are: %w", repo, number, err)
		}
	}
	if n := len(all); n >= maxListed {
		all[n-1].Unknown = cmp.Or(all[n-1].Unknown, fmt.Sprintf("GitHub lists the first %d commits of a pull request only, so it cannot be told who made the others; "+
			"squash them into fewer, or split the pull request", maxListed))
	}
	return all, nil
}

// A resolver finds the accounts of the people that commits name.
type resolver struct {
	voice
	known map[string]forge.User // by e-mail in lower case; without an id: nobody's
}

// learn notes whose an address is.
func (r *resolver) learn(says *github.CommitAuthor, account *github.User) {
	if account.GetID() != 0 && !isGitHub(account) {
		r.known[strings.ToLower(says.GetEmail())] = user(account)
	}
}

func isGitHub(account *github.User) bool {
	return account.GetID() == webFlowID || account.GetLogin() == webFlow
}

func (r *resolver) authorship(ctx context.Context, c *github.RepositoryCommit) (forge.Authorship, error) {
	sha, err := forge.ParseCommit(c.GetSHA())
	if err != nil {
		return forge.Authorship{}, err
	}
	out := forge.Authorship{Commit: sha}
	for _, p := range c.Parents {
		out.Parents = append(out.Parents, forge.Commit(p.GetSHA()))
	}
	add := func(role string, account *github.User, says signature) error {
		who := user(account)
		if who.ID == 0 {
			if who, err = r.find(ctx, says.email); err != nil {
				return err
			}
		}
		switch {
		case who.ID == 0:
			out.Unknown = cmp.Or(out.Unknown, unknown(role, says))
		case !slices.ContainsFunc(out.People, func(p forge.User) bool { return p.ID == who.ID }):
			out.People = append(out.People, who)
		}
		return nil
	}
	commit := c.GetCommit()
	if err := add("author", c.Author, signed(commit.GetAuthor())); err != nil {
		return out, err
	}
	if !isGitHub(c.Committer) && !r.isServer(c.Committer, commit.GetCommitter()) {
		if err := add("committer", c.Committer, signed(commit.GetCommitter())); err != nil {
			return out, err
		}
	}
	for _, s := range coauthors(commit.GetMessage()) {
		if err := add("co-author", nil, s); err != nil {
			return out, err
		}
	}
	return out, nil
}

// isServer tells whether a server of one's own has committed, which has no account there: its address is noreply@HOST.
func (r *resolver) isServer(account *github.User, says *github.CommitAuthor) bool {
	return account.GetID() == 0 && strings.EqualFold(says.GetEmail(), "noreply@"+strings.TrimPrefix(r.noreply, "users.noreply."))
}

func signed(a *github.CommitAuthor) signature { return signature{a.GetName(), a.GetEmail()} }

// find gives the account that an address belongs to; without an id where that cannot be told.
func (r *resolver) find(ctx context.Context, email string) (forge.User, error) {
	key := strings.ToLower(email)
	if who, ok := r.known[key]; ok {
		return who, nil
	}
	who, ok := noreply(email, r.noreply)
	if ok && who.ID == 0 {
		var err error
		if who, err = r.account(ctx, who.Login); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return forge.User{}, err
		}
	}
	r.known[key] = who
	return who, nil
}

// unknown says of whom there is no account, and what to do.
func unknown(role string, s signature) string {
	if s.email == "" {
		return fmt.Sprintf("%s %q has no e-mail address; write the commit's message anew, with `Co-authored-by: NAME <E-MAIL>`", role, s.name)
	}
	return fmt.Sprintf("the e-mail of %s \"%s <%s>\" belongs to no account; add it to the account that it belongs to, or make the commit anew with one that does", role, s.name, s.email)
}
