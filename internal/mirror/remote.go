package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// Heads asks the remote for its branches; those who ask at one time share the answer. The error wraps fs.ErrNotExist where the remote has
// no such repository.
func (m *Mirrors) Heads(ctx context.Context, repo forge.Repo) (forge.Heads, error) {
	heads, err := m.heads.do(ctx, asked{repo, work.ClassIn(ctx)}, func(ctx context.Context) (forge.Heads, error) { return m.askHeads(ctx, repo) })
	if err != nil {
		return forge.Heads{}, fmt.Errorf("branches of %s: %w", repo, err)
	}
	heads.Tips = maps.Clone(heads.Tips)
	return heads, nil
}

// asked is about what a remote is asked: how long it is left alone while it does not answer differs by class.
type asked struct {
	repo  forge.Repo
	class work.Class
}

func (m *Mirrors) askHeads(ctx context.Context, repo forge.Repo) (forge.Heads, error) {
	var out []byte
	err := m.remotes.call(ctx, line{repo.Installation, "ls-remote"}, func() error {
		g, url, err := m.remote(ctx, m.git, repo)
		if err != nil {
			return err
		}
		out, err = g.run(ctx, "", "ls-remote", "--quiet", "--symref", "--end-of-options", url, "HEAD", "refs/heads/*")
		return err
	})
	if err != nil {
		return forge.Heads{}, explain(err)
	}
	return parseHeads(string(out))
}

// parseHeads reads lines "<commit>\t<ref>" and "ref: <ref>\tHEAD".
func parseHeads(out string) (forge.Heads, error) {
	heads := forge.Heads{Tips: map[string]forge.Commit{}}
	for line := range strings.Lines(out) {
		value, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			return forge.Heads{}, fmt.Errorf("git ls-remote wrote %q: expected a commit, a tab and a name", line)
		}
		if target, ok := strings.CutPrefix(value, "ref: "); ok {
			if branch, ok := strings.CutPrefix(target, "refs/heads/"); ok && name == "HEAD" {
				heads.Default = branch
			}
			continue
		}
		branch, ok := strings.CutPrefix(name, "refs/heads/")
		if !ok {
			continue
		}
		tip, err := forge.ParseCommit(value)
		if err != nil {
			return forge.Heads{}, fmt.Errorf("tip of %q: %w", branch, err)
		}
		heads.Tips[branch] = tip
	}
	if len(heads.Tips) == 0 {
		heads.Default = "" // of an empty repository: the name of a branch that is not there
	}
	return heads, nil
}

// Fetch makes the commits and their history readable. What is there already costs no question to the remote. One fetch
// runs at a time for each mirror; reads go on meanwhile. The error wraps fs.ErrNotExist where the remote does not have
// a commit, or no such repository. A damaged mirror is made anew.
func (m *Mirrors) Fetch(ctx context.Context, repo forge.Repo, commits ...forge.Commit) error {
	b, err := m.mirror(repo)
	if err != nil {
		return err
	}
	wanted, err := distinct(commits)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", repo, err)
	}
	if len(wanted) == 0 || b.has(wanted) {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, m.cfg.FetchTimeout, errors.New("the fetch took too long"))
	defer cancel()
	unlock, err := b.lock(ctx)
	if err != nil {
		return fmt.Errorf("wait for another fetch of %s: %w", repo, err)
	}
	defer unlock()
	if b.has(wanted) {
		return nil
	}
	ask := func(specs string) error {
		return m.remotes.call(ctx, line{repo.Installation, "fetch"}, func() error {
			g, url, err := m.remote(ctx, b.git, repo)
			if err != nil {
				return err
			}
			_, err = g.run(ctx, specs, "fetch", "--quiet", "--stdin", "--no-tags", "--no-write-fetch-head",
				"--no-auto-maintenance", "--no-recurse-submodules", "--end-of-options", url)
			return err
		})
	}
	if err := b.bring(ctx, ask, wanted); err != nil {
		return fmt.Errorf("fetch %s: %w", repo, explain(err))
	}
	return b.tidy(ctx, m.cfg.Keep)
}

// remote is g that may speak to the repository's remote, and where that is.
func (m *Mirrors) remote(ctx context.Context, g git, repo forge.Repo) (git, string, error) {
	url := m.cfg.URL(repo)
	if url == "" || strings.ContainsAny(url, "\x00\n") {
		return git{}, "", fmt.Errorf("remote of %s: %q is no URL", repo, url)
	}
	token, err := m.cfg.Token(ctx, repo)
	if err != nil {
		return git{}, "", fmt.Errorf("token for %s: %w", repo, err)
	}
	return g.showing(token, url), url, nil
}

// explain adds what git's words mean for the caller.
func explain(err error) error {
	switch {
	case says(err, "not our ref", "couldn't find remote ref"):
		return fmt.Errorf("the remote does not have a wanted commit: %w", missing{err})
	case says(err, "fatal: repository '", "returned error: 404", "does not appear to be a git repository"):
		return fmt.Errorf("the remote has no such repository, or the app may not see it: %w", missing{err})
	case says(err, "could not read Username", "could not read Password", "Authentication failed", "returned error: 401"):
		return fmt.Errorf("the remote refuses the token (401): %w", err)
	case says(err, "returned error: 403"):
		return fmt.Errorf("the remote forbids the app to read (403): %w", err)
	}
	return err
}

// A missing is an error that also is fs.ErrNotExist.
type missing struct{ error }

func (m missing) Unwrap() []error { return []error{m.error, fs.ErrNotExist} }

// distinct checks the names of the commits and drops those named before.
func distinct(commits []forge.Commit) ([]forge.Commit, error) {
	wanted := slices.Compact(slices.Sorted(slices.Values(commits)))
	for _, c := range wanted {
		if err := valid(string(c)); err != nil {
			return nil, err
		}
		if len(c) != len(wanted[0]) {
			return nil, fmt.Errorf("commits %s and %s are of two kinds of repository", wanted[0], c)
		}
	}
	return wanted, nil
}

// valid is the one check of object names before they reach git.
func valid(name string) error {
	c, err := forge.ParseCommit(name)
	if err != nil {
		return err
	}
	if c.IsZero() {
		return fmt.Errorf("%s stands for no commit", name)
	}
	return nil
}
