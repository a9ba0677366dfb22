package mirror_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
)

// A person has a clone with a working tree.
type person struct{ *author }

func newPerson(t *testing.T) person {
	t.Helper()
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(t.TempDir(), "config"))
	a := &author{t: t, dir: t.TempDir()}
	a.git("", "init", "--quiet", "--initial-branch=main")
	p := person{a}
	p.write("customers/acme/a.yaml", "a: 1")
	p.write(".gitignore", "*.log")
	p.save("first")
	return p
}

func (p person) write(path, text string) {
	p.t.Helper()
	path = filepath.Join(p.dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p person) save(message string) forge.Commit {
	p.t.Helper()
	p.git("", "add", "--all")
	p.git("", "commit", "--quiet", "-m", message)
	return forge.Commit(p.git("", "rev-parse", "HEAD"))
}

func (p person) open(t *testing.T) *mirror.Clone {
	t.Helper()
	c, err := mirror.Local(t.Context(), filepath.Join(p.dir, "customers", "acme"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestLocalOpensTheCloneAround(t *testing.T) {
	p := newPerson(t)
	c := p.open(t)
	want, err := filepath.EvalSymlinks(p.dir)
	if err != nil || c.Top() != want {
		t.Errorf("top %q, want %q, %v", c.Top(), want, err)
	}
	if _, err := mirror.Local(t.Context(), t.TempDir()); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "not in a git repository") {
		t.Errorf("no clone: %v", err)
	}
	if _, err := mirror.Local(t.Context(), filepath.Join(p.dir, ".git")); err == nil || !strings.Contains(err.Error(), "working tree") {
		t.Errorf("inside .git: %v", err)
	}
}

func TestLocalChanges(t *testing.T) {
	p := newPerson(t)
	for _, name := range []string{"staged", "edited", "mode", "gone", "unstaged", "same", "typed"} {
		p.write(name, "old")
	}
	base := p.save("base")
	p.write("committed", "new")
	p.save("more")
	p.write("staged", "new")
	p.git("", "add", "staged")
	p.write("edited", "new")
	p.git("", "rm", "--quiet", "--cached", "unstaged") // but still there
	p.git("", "rm", "--quiet", "gone")
	p.write("two words é/new\nline", "untracked")
	p.write("noise.log", "ignored")
	p.write("same", "old") // touched only
	if err := errors.Join(os.Chmod(filepath.Join(p.dir, "mode"), 0o755), os.Remove(filepath.Join(p.dir, "typed")),
		os.Symlink("same", filepath.Join(p.dir, "typed"))); err != nil {
		t.Fatal(err)
	}
	// Neither may run, and the settings must not change what is read.
	for key, value := range map[string]string{"diff.external": "false", "core.fsmonitor": "touch ../ran; false", "diff.noprefix": "true",
		"diff.relative": "true", "diff.renames": "copies", "status.showUntrackedFiles": "no", "core.quotePath": "true"} {
		p.git("", "config", key, value)
	}

	got, err := p.open(t).Changes(t.Context(), base)
	want := []forge.Change{
		{Path: "committed", Kind: forge.Added}, {Path: "edited", Kind: forge.Modified}, {Path: "gone", Kind: forge.Removed},
		{Path: "mode", Kind: forge.Modified}, {Path: "staged", Kind: forge.Modified}, {Path: "two words é/new\nline", Kind: forge.Added},
		{Path: "typed", Kind: forge.Modified}, {Path: "unstaged", Kind: forge.Modified},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v\nwant %q", got, err, want)
	}
	if _, err := os.Stat(filepath.Join(p.dir, "..", "ran")); err == nil {
		t.Error("the file watcher ran")
	}
}

func TestLocalChangesWhileMerging(t *testing.T) {
	p := newPerson(t)
	base := forge.Commit(p.git("", "rev-parse", "HEAD"))
	p.git("", "checkout", "--quiet", "-b", "other")
	p.write("customers/acme/a.yaml", "a: 2")
	p.save("theirs")
	p.git("", "checkout", "--quiet", "main")
	p.write("customers/acme/a.yaml", "a: 3")
	p.save("ours")
	p.git("", "read-tree", "-m", string(base), "main", "other") // leaves the file unmerged
	got, err := p.open(t).Changes(t.Context(), base)
	if want := []forge.Change{{Path: "customers/acme/a.yaml", Kind: forge.Modified}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestLocalRevisions(t *testing.T) {
	p := newPerson(t)
	first := forge.Commit(p.git("", "rev-parse", "HEAD"))
	p.git("", "checkout", "--quiet", "-b", "work")
	p.write("customers/acme/a.yaml", "a: 2")
	second := p.save("second")
	p.git("", "tag", "-m", "annotated", "v1", string(first))
	p.git("", "update-ref", "refs/heads/--output=x", string(first))
	c := p.open(t)
	for rev, want := range map[string]forge.Commit{
		"HEAD": second, "work": second, "main": first, "v1": first, "HEAD~1": first, string(first[:8]): first, "refs/heads/--output=x": first,
	} {
		if got, err := c.Resolve(t.Context(), rev); got != want || err != nil {
			t.Errorf("%s is %s, %v, want %s", rev, got, err, want)
		}
	}
	for _, rev := range []string{"", "nothing", "--all", "--output=y", "main..work", "^main", "main^{tree}", "a\nb", "HEAD:.gitignore"} {
		if got, err := c.Resolve(t.Context(), rev); err == nil || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "write a branch") {
			t.Errorf("%q is %s, %v", rev, got, err)
		}
	}
	if got, err := c.MergeBase(t.Context(), "main"); got != first || err != nil {
		t.Errorf("merge base %s, %v, want %s", got, err, first)
	}
	tree, err := c.Snapshot(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := fs.ReadFile(tree, "customers/acme/a.yaml"); err != nil || string(data) != "a: 1" {
		t.Errorf("at first: %q, %v", data, err)
	}
	p.git("", "checkout", "--quiet", "--orphan", "alone")
	p.save("alone")
	if _, err := c.MergeBase(t.Context(), "main"); err == nil || !strings.Contains(err.Error(), "no common history") {
		t.Errorf("merge base of unrelated histories: %v", err)
	}
}

func TestLocalDefaultBranch(t *testing.T) {
	p := newPerson(t)
	c := p.open(t)
	is := func(want string) {
		t.Helper()
		if got, err := c.DefaultBranch(t.Context()); got != want || err != nil {
			t.Errorf("default branch %q, %v, want %q", got, err, want)
		}
	}
	is("refs/heads/main")
	p.git("", "update-ref", "refs/remotes/origin/trunk", "HEAD")
	p.git("", "update-ref", "refs/remotes/origin/master", "HEAD")
	is("refs/remotes/origin/master")
	p.git("", "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
	is("refs/remotes/origin/trunk")

	for _, ref := range []string{"refs/remotes/origin/HEAD", "refs/remotes/origin/trunk", "refs/remotes/origin/master"} {
		p.git("", "update-ref", "--no-deref", "-d", ref)
	}
	p.git("", "branch", "--move", "main", "stable")
	if _, err := c.DefaultBranch(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no default branch: %v", err)
	}
	p.git("", "config", "init.defaultBranch", "stable")
	is("refs/heads/stable")
}
