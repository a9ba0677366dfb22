package mirror

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// A store reads one repository: a mirror, or a person's clone. It is safe for concurrent use.
type store struct {
	git     git
	mirror  string // the directory of the mirror; empty for a clone
	pool    *pool
	blobs   *atomic.Int64
	large   largeDirs
	damaged atomic.Bool // set once, and then the mirror waits to be made anew
}

func newStore(g git, mirror string, blobs *atomic.Int64) *store {
	return &store{git: g, mirror: mirror, blobs: blobs, pool: newPool(func() (*batch, error) { return startBatch(g) })}
}

func (s *store) close() { s.pool.close() }

// An object is what git holds under one name. Data is nil where only its type and size were asked for.
type object struct {
	id   string
	kind string // commit, tree, blob or tag
	size int64
	data []byte
}

// ask has git tell about an object: verb is info or contents. The error is an absent where git does not have it.
func (s *store) ask(ctx context.Context, verb, name string) (object, error) {
	var o object
	err := s.pool.do(ctx, func(b *batch) (err error) {
		o, err = b.ask(verb, name)
		return err
	})
	if err == nil && verb == "contents" && o.kind == "blob" {
		s.blobs.Add(1)
	}
	return o, err
}

// damage is what git says when what it once had is not there or not whole any more.
var damage = []string{
	"not a git repository",
	"error: Could not read ",
	"Failed to traverse parents",
	"bad object refs/",
	"bad tree object",
	"did not send all necessary objects",
	"inflate: ",
	"is corrupt",
	"not a tree object",
	"object file ",
	"packfile ",
	"unable to find ",
	"unable to read ",
}

// isDamage tells whether err shows that the repository here is damaged. What the remote says of itself does not count.
func isDamage(err error) bool {
	var e *gitError
	if !errors.As(err, &e) {
		return false
	}
	for line := range strings.Lines(e.text) {
		here := !strings.HasPrefix(line, "remote: ")
		if here && slices.ContainsFunc(damage, func(d string) bool { return strings.Contains(line, d) }) {
			return true
		}
	}
	return false
}

// judge marks the mirror when err shows that it is damaged. The ids are those that the command named.
func (s *store) judge(err error, ids ...string) error {
	if err == nil || s.mirror == "" {
		return err
	}
	lost := isDamage(err)
	for _, id := range ids {
		lost = lost || (says(err, id) || isAbsent(err)) && s.fetched(id)
	}
	switch {
	case lost:
		s.damaged.Store(true)
		return fmt.Errorf("the mirror is damaged, the next fetch makes it anew: %w", err)
	case isAbsent(err):
		return fmt.Errorf("%w: fetch it first, or merge again", err)
	}
	return err
}

// fetched tells whether the commit has a ref, and so was there in full.
func (s *store) fetched(id string) bool {
	_, err := os.Stat(filepath.Join(s.mirror, filepath.FromSlash(refPrefix), id))
	return err == nil
}

// merge gives what merging head into base would give.
func (s *store) merge(ctx context.Context, base, head forge.Commit) (forge.Merge, error) {
	if err := errors.Join(valid(string(base)), valid(string(head))); err != nil {
		return forge.Merge{}, err
	}
	if _, err := s.differ(ctx, base.Tree(), head.Tree()); err != nil { // of a million files more or less, merging takes half a minute and a gigabyte
		return forge.Merge{}, err
	}
	out, said, err := s.git.runAndListen(ctx, "", "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages",
		"--end-of-options", string(base), string(head))
	if says(err, "refusing to merge unrelated histories") {
		return forge.Merge{}, work.Permanent(fmt.Errorf("%s and %s have no common history: start the branch again from the base branch",
			head.Short(), base.Short()))
	}
	// Exit code 1 means conflicts. Git 2.39 also takes a tree that it cannot read for an empty one, and goes on.
	if (err == nil || exitCode(err) == 1) && complains(said) {
		err = &gitError{verb: "merge-tree", text: said}
	}
	if err != nil && exitCode(err) != 1 {
		return forge.Merge{}, s.judge(err, string(base), string(head))
	}
	return parseMerge(string(out), err != nil)
}

// complains tells whether git said more than warnings.
func complains(said string) bool {
	for line := range strings.Lines(said) {
		if !strings.HasPrefix(line, "warning: ") && !strings.HasPrefix(line, "hint: ") {
			return true
		}
	}
	return false
}

// isAncestor tells whether old is to, or an ancestor of it.
func (s *store) isAncestor(ctx context.Context, old, to forge.Commit) (bool, error) {
	if err := errors.Join(valid(string(old)), valid(string(to))); err != nil {
		return false, err
	}
	_, err := s.git.run(ctx, "", "merge-base", "--is-ancestor", "--end-of-options", string(old), string(to))
	if exitCode(err) == 1 {
		return false, nil
	}
	return err == nil, s.judge(err, string(old), string(to))
}

// changes gives the paths that differ between two trees.
func (s *store) changes(ctx context.Context, from, to forge.Tree) ([]forge.Change, error) {
	if err := errors.Join(valid(string(from)), valid(string(to))); err != nil {
		return nil, err
	}
	out, err := s.differ(ctx, from, to)
	if err != nil {
		return nil, err
	}
	return parseRaw(string(out))
}

// differ gives what git says of the paths that differ. The error is permanent where these are too many.
func (s *store) differ(ctx context.Context, from, to forge.Tree) ([]byte, error) {
	out, err := s.git.run(ctx, "", "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--end-of-options",
		string(from), string(to), "--")
	return out, s.judge(err, string(from), string(to))
}

// snapshot gives the files of the commit or tree.
func (s *store) snapshot(ctx context.Context, at forge.Tree) (*Snapshot, error) {
	if err := valid(string(at)); err != nil {
		return nil, err
	}
	o, err := s.ask(ctx, "contents", string(at)+"^{tree}")
	if err != nil {
		return nil, s.judge(err, string(at))
	}
	root, err := parseTree(o.data, len(o.id)/2)
	if err != nil {
		return nil, fmt.Errorf("tree of %s: %w", at, err)
	}
	return &Snapshot{ctx: ctx, store: s, root: o.id, dirs: map[string]*dir{o.id: root}}, nil
}

// An absent is an object that git does not have.
type absent string

func (a absent) Error() string {
	return fmt.Sprintf("git does not have %s", strings.TrimSuffix(string(a), "^{tree}"))
}

func isAbsent(err error) bool {
	var a absent
	return errors.As(err, &a)
}
