package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/tamerhq/tamer/internal/forge"
)

// A Clone is a person's own clone, for the command line: with that person's git settings, but without running what
// these may start (hooks, file watchers, other programs for differences). It is only read. Safe for concurrent use.
type Clone struct {
	top   string
	store *store
}

// localSettings keep git from starting programs.
var localSettings = []string{"core.fsmonitor=false", "core.hooksPath=" + os.DevNull}

// Local opens the clone that the directory lies in. The error wraps fs.ErrNotExist where there is none.
func Local(ctx context.Context, dir string) (*Clone, error) {
	bin, err := findGit("git", os.Environ())
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("open clone: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("open clone: %s is not a directory", dir)
	}
	g := git{bin: bin, dir: dir, env: os.Environ()}.in("LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0").with(localSettings...)
	out, err := g.run(ctx, "", "rev-parse", "--show-toplevel")
	switch {
	case says(err, "not a git repository"):
		return nil, fmt.Errorf("open clone: %s is not in a git repository: %w", dir, missing{err})
	case says(err, "must be run in a work tree"):
		return nil, fmt.Errorf("open clone: %s is a repository without files: name a directory of a working tree", dir)
	case err != nil:
		return nil, fmt.Errorf("open clone: %w", err)
	}
	g.dir = filepath.FromSlash(strings.TrimSuffix(string(out), "\n"))
	return &Clone{top: g.dir, store: newStore(g, "", new(atomic.Int64))}, nil
}

// Close ends the git processes of the clone. It may be called again.
func (c *Clone) Close() error {
	c.store.close()
	return nil
}

// Top is the absolute path of the working tree.
func (c *Clone) Top() string { return c.top }

// DefaultBranch is the full name of the ref that holds the default branch: that of origin where it is known, else main
// or master, at origin or here. The error wraps fs.ErrNotExist where there is none of these.
func (c *Clone) DefaultBranch(ctx context.Context) (string, error) {
	refs := []string{"refs/remotes/origin/main", "refs/remotes/origin/master", "refs/heads/main", "refs/heads/master"}
	if out, err := c.store.git.run(ctx, "", "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"); err == nil {
		refs = append([]string{strings.TrimSpace(string(out))}, refs...)
	}
	if out, err := c.store.git.run(ctx, "", "config", "--get", "init.defaultBranch"); err == nil {
		name := strings.TrimSpace(string(out))
		refs = append(refs, "refs/remotes/origin/"+name, "refs/heads/"+name)
	}
	for _, ref := range refs {
		if _, err := c.Resolve(ctx, ref); err == nil {
			return ref, nil
		}
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
	}
	return "", missing{errors.New("find the default branch: neither origin/HEAD nor a branch main or master is here")}
}

// Resolve gives the commit that a person means by rev: a branch, tag, commit or anything else that git understands.
func (c *Clone) Resolve(ctx context.Context, rev string) (forge.Commit, error) {
	unknown := missing{fmt.Errorf("%q is no commit in this clone: write a branch, tag or commit that git log shows, such as origin/main or HEAD~1", rev)}
	if rev == "" || strings.ContainsAny(rev, "\x00\n") {
		return "", unknown
	}
	out, err := c.store.git.run(ctx, "", "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if ctx.Err() != nil {
		return "", err
	}
	if exitCode(err) == 1 {
		return "", unknown
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", unknown, err)
	}
	commit, err := forge.ParseCommit(strings.TrimSpace(string(out)))
	if err != nil {
		return "", unknown
	}
	return commit, nil
}

// MergeBase gives the commit where the present branch left rev: what HEAD is compared with to see only its own changes.
func (c *Clone) MergeBase(ctx context.Context, rev string) (forge.Commit, error) {
	other, err := c.Resolve(ctx, rev)
	if err != nil {
		return "", err
	}
	head, err := c.Resolve(ctx, "HEAD")
	if err != nil {
		return "", err
	}
	out, err := c.store.git.run(ctx, "", "merge-base", "--end-of-options", string(other), string(head))
	if exitCode(err) == 1 {
		return "", fmt.Errorf("HEAD and %s have no common history%s", rev, c.shallow(ctx))
	}
	if err != nil {
		return "", fmt.Errorf("merge base of HEAD and %s: %w", rev, err)
	}
	return forge.ParseCommit(strings.TrimSpace(string(out)))
}

// shallow is what to do about a clone without its whole history.
func (c *Clone) shallow(ctx context.Context) string {
	out, err := c.store.git.run(ctx, "", "rev-parse", "--is-shallow-repository")
	if err == nil && strings.TrimSpace(string(out)) == "true" {
		return " in this shallow clone: run git fetch --unshallow"
	}
	return ": name another commit to compare with"
}

// Snapshot gives the committed files of the commit. The fs.FS is a *Snapshot; it lives until ctx ends.
func (c *Clone) Snapshot(ctx context.Context, at forge.Commit) (fs.FS, error) {
	s, err := c.store.snapshot(ctx, at.Tree())
	if err != nil {
		return nil, fmt.Errorf("snapshot of %s: %w", at.Short(), err)
	}
	return s, nil
}

// Changes gives the paths that differ between the commit and the working tree, sorted: committed since, staged, not
// staged, and new files that are not ignored.
func (c *Clone) Changes(ctx context.Context, from forge.Commit) ([]forge.Change, error) {
	if err := valid(string(from)); err != nil {
		return nil, err
	}
	out, err := c.store.git.run(ctx, "", "diff", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv",
		"--no-relative", "--ignore-submodules=dirty", "--end-of-options", string(from), "--")
	if err != nil {
		return nil, fmt.Errorf("changes since %s: %w", from.Short(), err)
	}
	changes, err := parseRaw(string(out))
	if err != nil {
		return nil, fmt.Errorf("changes since %s: %w", from.Short(), err)
	}
	out, err = c.store.git.run(ctx, "", "ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return nil, fmt.Errorf("new files: %w", err)
	}
	for path := range strings.SplitSeq(string(out), "\x00") {
		if path != "" && !strings.HasSuffix(path, "/") { // a slash: another repository within this one
			changes = append(changes, forge.Change{Path: path, Kind: forge.Added})
		}
	}
	return onePerPath(changes), nil // removed by git but still on disk: modified
}
