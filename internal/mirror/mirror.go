// Package mirror keeps bare git mirrors of remote repositories, and reads commits out of them: files as fs.FS, changed
// paths, merges, history. It also reads a person's own clone, for the command line.
//
// Nothing is ever checked out, so that no hook, filter, attribute or submodule of a repository can run, and no path in
// a tree can name a file of the machine. Only the git command writes and reads the mirrors.
//
// Objects are not checked with fsck on arrival: an oddity of long ago would make a whole repository unusable. Instead
// whatever git says is parsed here with suspicion.
package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// A Config says where mirrors are kept, and how their remotes are reached.
type Config struct {
	// Dir holds the mirrors. It is made when absent, and belongs to one process at a time. Required.
	Dir string
	// URL is where git finds a repository, without credentials in it. Required.
	URL func(forge.Repo) string
	// Token gives what to show the remote of a repository; an empty one for none. Nil: never any.
	Token func(context.Context, forge.Repo) (string, error)
	// Git is the git command. Default "git"; at least version 2.38.
	Git string
	// Protocols are those that git may speak. Default http and https; tests may add file.
	Protocols []string
	// FetchTimeout bounds one fetch, the first of a repository included. Default 15m.
	FetchTimeout time.Duration
	// Now is the clock by which an outage of the remotes goes. Default time.Now.
	Now func() time.Time
	// Keep is how many fetched commits stay reachable in a mirror, those longest unused going first. Default 2000.
	Keep int
}

func (c Config) withDefaults() Config {
	if c.Git == "" {
		c.Git = "git"
	}
	if len(c.Protocols) == 0 {
		c.Protocols = []string{"http", "https"}
	}
	if c.FetchTimeout == 0 {
		c.FetchTimeout = 15 * time.Minute
	}
	if c.Keep == 0 {
		c.Keep = 2000
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Token == nil {
		c.Token = func(context.Context, forge.Repo) (string, error) { return "", nil }
	}
	return c
}

// validate reports every bad field at once.
func (c Config) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Dir == "" {
		bad("Dir is empty: name a directory for the mirrors")
	}
	if c.URL == nil {
		bad("URL is nil")
	}
	if c.FetchTimeout < 0 {
		bad("FetchTimeout is %v: it must be positive", c.FetchTimeout)
	}
	if c.Keep < 1 {
		bad("Keep is %d: it must be at least 1", c.Keep)
	}
	for _, p := range c.Protocols {
		if !slices.Contains([]string{"http", "https", "file"}, p) {
			bad("protocol %q: only http, https and file are known", p)
		}
	}
	return errors.Join(errs...)
}

// Mirrors holds one bare mirror for each repository of each installation. It is safe for concurrent use.
type Mirrors struct {
	cfg     Config
	git     git // runs in Dir, in no repository
	blobs   atomic.Int64
	remotes remotes
	heads   together[asked, forge.Heads]

	mu     sync.Mutex
	open   map[string]*bare // by directory
	closed bool
}

// New makes the directory when absent, removes what a killed process left half done, and looks whether git is new enough.
func New(cfg Config) (*Mirrors, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("mirrors: %w", err)
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("mirrors: %w", err)
	}
	cfg.Dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mirrors: %w", err)
	}
	env := append(cleanEnvironment(dir), "GIT_ALLOW_PROTOCOL="+strings.Join(cfg.Protocols, ":"))
	bin, err := findGit(cfg.Git, env)
	if err != nil {
		return nil, err
	}
	if err := removeLeftovers(dir); err != nil {
		return nil, fmt.Errorf("mirrors: %w", err)
	}
	g := git{bin: bin, dir: dir, env: env}
	return &Mirrors{cfg: cfg, git: g.with(mirrorSettings...), remotes: remotes{now: cfg.Now, lines: map[line]*work.Outage{}}, open: map[string]*bare{}}, nil
}

// Close ends all git processes that wait for questions. Reads fail from then on, and so do new fetches; one that runs
// ends with its context. It may be called again.
func (m *Mirrors) Close() error {
	m.mu.Lock()
	m.closed = true
	open := m.open
	m.open = nil
	m.mu.Unlock()
	for _, b := range open {
		b.close()
	}
	return nil
}

// BlobsRead counts the files whose contents were read since New, in all mirrors.
func (m *Mirrors) BlobsRead() int64 { return m.blobs.Load() }

// Snapshot gives the files of a commit or tree that has been fetched or merged here. The fs.FS is a *Snapshot; it
// lives until ctx ends and is safe for concurrent use.
func (m *Mirrors) Snapshot(ctx context.Context, repo forge.Repo, at forge.Tree) (fs.FS, error) {
	b, err := m.mirror(repo)
	if err != nil {
		return nil, err
	}
	s, err := b.current().snapshot(ctx, at)
	if err != nil {
		return nil, fmt.Errorf("snapshot of %s: %w", repo, err)
	}
	return s, nil
}

// Changes gives the paths that differ between two trees, sorted. A rename is a removal and an addition.
func (m *Mirrors) Changes(ctx context.Context, repo forge.Repo, from, to forge.Tree) ([]forge.Change, error) {
	b, err := m.mirror(repo)
	if err != nil {
		return nil, err
	}
	changes, err := b.current().changes(ctx, from, to)
	if err != nil {
		return nil, fmt.Errorf("changes in %s: %w", repo, err)
	}
	return changes, nil
}

// Merge gives what merging head into base would give. Commits without common history are a permanent error.
func (m *Mirrors) Merge(ctx context.Context, repo forge.Repo, base, head forge.Commit) (forge.Merge, error) {
	b, err := m.mirror(repo)
	if err != nil {
		return forge.Merge{}, err
	}
	merge, err := b.current().merge(ctx, base, head)
	if err != nil {
		return forge.Merge{}, fmt.Errorf("merge in %s: %w", repo, err)
	}
	return merge, nil
}

// IsAncestor tells whether old is to, or an ancestor of it.
func (m *Mirrors) IsAncestor(ctx context.Context, repo forge.Repo, old, to forge.Commit) (bool, error) {
	b, err := m.mirror(repo)
	if err != nil {
		return false, err
	}
	yes, err := b.current().isAncestor(ctx, old, to)
	if err != nil {
		return false, fmt.Errorf("history of %s: %w", repo, err)
	}
	return yes, nil
}

// Holds tells whether a commit is old, or comes after it. What the mirror does not have is held by nothing.
func (m *Mirrors) Holds(ctx context.Context, repo forge.Repo, commit, old forge.Commit) (bool, error) {
	b, err := m.mirror(repo)
	if err != nil {
		return false, err
	}
	s := b.current()
	if _, err := s.ask(ctx, "info", string(old)); isAbsent(err) {
		return false, nil
	}
	return s.isAncestor(ctx, old, commit)
}

// mirror is the mirror of the repository, whether it exists on disk or not.
func (m *Mirrors) mirror(repo forge.Repo) (*bare, error) {
	if repo.Installation <= 0 || repo.ID <= 0 {
		return nil, fmt.Errorf("mirror of %s: installation %d and repository %d must both be positive", repo, repo.Installation, repo.ID)
	}
	dir := filepath.Join(m.cfg.Dir, strconv.FormatInt(repo.Installation, 10), strconv.FormatInt(repo.ID, 10)+".git")
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, fmt.Errorf("mirror of %s: %w", repo, errClosed)
	}
	b := m.open[dir]
	if b == nil {
		b = newBare(dir, m.git, &m.blobs)
		m.open[dir] = b
	}
	return b, nil
}
