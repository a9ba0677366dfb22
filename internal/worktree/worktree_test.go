package worktree_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tamerhq/tamer/internal/worktree"
)

// A memory is what a Tree learnt.
type memory map[[32]byte][]byte

func (m memory) Get(keys [][32]byte) map[[32]byte][]byte {
	found := map[[32]byte][]byte{}
	for _, k := range keys {
		if v, ok := m[k]; ok {
			found[k] = v
		}
	}
	return found
}

func (m memory) Put(entries map[[32]byte][]byte) {
	for k, v := range entries {
		m[k] = v
	}
}

// open gives the tree as a run sees it that comes an hour from now: no file is too young to be known again.
func open(dir string, m memory) *worktree.Tree {
	t := worktree.New(dir, m)
	t.At(time.Now().Add(time.Hour))
	return t
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// listed gives the known name of a content as the directory's list tells it, and as Lstat does.
func listed(t *testing.T, tree *worktree.Tree, name string) string {
	t.Helper()
	dir, base := filepath.Split(name)
	list, err := tree.ReadDir(filepath.Clean(dir))
	if err != nil {
		t.Fatal(err)
	}
	info, err := tree.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	alone := info.(interface{ Object() string }).Object()
	for _, e := range list {
		if e.Name() != base {
			continue
		}
		if object := e.(interface{ Object() string }).Object(); object != alone {
			t.Errorf("%s is %q in the list and %q alone", name, object, alone)
		}
		return alone
	}
	t.Fatalf("%s is not listed", name)
	return ""
}

func read(t *testing.T, tree *worktree.Tree, name string) {
	t.Helper()
	if _, err := tree.ReadFile(name); err != nil {
		t.Fatal(err)
	}
}

func newDir(t *testing.T) string {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("no file is known again on " + runtime.GOOS)
	}
	dir := t.TempDir()
	write(t, dir, "customers/acme/plan.yaml", "a: 1\n")
	return dir
}

// A file that was read is known in the next run, by the name that git gives it.
func TestKnownAgain(t *testing.T) {
	dir, m := newDir(t), memory{}
	const plan = "customers/acme/plan.yaml"
	first := open(dir, m)
	if got := listed(t, first, plan); got != "" {
		t.Errorf("a file that nobody has read is %q", got)
	}
	read(t, first, plan)
	first.Save()
	out, err := exec.CommandContext(t.Context(), "git", "hash-object", "--no-filters", filepath.Join(dir, plan)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := listed(t, open(dir, m), plan), strings.TrimSpace(string(out)); got != want {
		t.Errorf("in the next run it is %q, want %q", got, want)
	}
}

// What may have another content than the one that was read is not known.
func TestNotKnownAgain(t *testing.T) {
	const plan = "customers/acme/plan.yaml"
	for name, change := range map[string]func(t *testing.T, dir, path string, was fs.FileInfo) error{
		"other content of the same size and time": func(t *testing.T, dir, path string, was fs.FileInfo) error {
			return errors.Join(os.WriteFile(path, []byte("a: 2\n"), 0o644), os.Chtimes(path, was.ModTime(), was.ModTime()))
		},
		"another file in its place": func(t *testing.T, dir, path string, was fs.FileInfo) error {
			write(t, dir, "new", "a: 2\n")
			return errors.Join(os.Chtimes(filepath.Join(dir, "new"), was.ModTime(), was.ModTime()), os.Rename(filepath.Join(dir, "new"), path))
		},
		"a link in its place": func(t *testing.T, dir, path string, was fs.FileInfo) error {
			return errors.Join(os.Rename(path, filepath.Join(dir, "moved")), os.Symlink(filepath.Join(dir, "moved"), path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, m := newDir(t), memory{}
			path := filepath.Join(dir, plan)
			was, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			first := open(dir, m)
			read(t, first, plan)
			first.Save()
			time.Sleep(20 * time.Millisecond) // a tick of the file system's clock
			if err := change(t, dir, path, was); err != nil {
				t.Fatal(err)
			}
			if got := listed(t, open(dir, m), plan); got != "" {
				t.Errorf("it is known as %q", got)
			}
		})
	}
}

// Right after a change, the next change may fall into the same tick of the clock.
func TestYoungFilesAreReadAgain(t *testing.T) {
	dir, m := newDir(t), memory{}
	first := worktree.New(dir, m)
	first.At(time.Now())
	read(t, first, "customers/acme/plan.yaml")
	first.Save()
	if got := listed(t, open(dir, m), "customers/acme/plan.yaml"); got != "" {
		t.Errorf("it is known as %q", got)
	}
}

// A memory of another directory, a damaged one and one of files that are gone: none is of use.
func TestUselessMemory(t *testing.T) {
	dir, m := newDir(t), memory{}
	write(t, dir, "customers/acme/gone.yaml", "b: 1\n")
	first := open(dir, m)
	read(t, first, "customers/acme/plan.yaml")
	read(t, first, "customers/acme/gone.yaml")
	first.Save()
	size := len(m[only(t, m, dir)])

	if err := os.Remove(filepath.Join(dir, "customers/acme/gone.yaml")); err != nil {
		t.Fatal(err)
	}
	second := open(dir, m)
	if listed(t, second, "customers/acme/plan.yaml") == "" {
		t.Error("the file that is left is not known")
	}
	second.Save()
	if key := only(t, m, dir); len(m[key]) >= size {
		t.Error("the file that is gone is still remembered")
	}
	for key, b := range m {
		m[key] = b[:len(b)-1]
	}
	if got := listed(t, open(dir, m), "customers/acme/plan.yaml"); got != "" {
		t.Errorf("by a damaged memory it is known as %q", got)
	}
}

// only gives the key of what is known of customers/acme: all that holds plan.yaml.
func only(t *testing.T, m memory, dir string) [32]byte {
	t.Helper()
	for key, b := range m {
		if bytes.Contains(b, []byte("plan.yaml")) {
			return key
		}
	}
	t.Fatalf("nothing is remembered of %s", dir)
	return [32]byte{}
}

func TestObject(t *testing.T) {
	// Source: git hash-object of an empty file.
	if got := worktree.Object(nil); hex.EncodeToString(got[:]) != "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391" {
		t.Errorf("the empty file is %x", got)
	}
}

func TestIsAnFS(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a/b/c.yaml", "x: 1\n")
	write(t, dir, "large", strings.Repeat("0123456789", 10_000))
	if err := fstest.TestFS(open(dir, memory{}), "a/b/c.yaml", "large"); err != nil {
		t.Error(err)
	}
}

// Whatever a damaged cache gives back: it is read as nothing, or as something that is written the same.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x01a" + strings.Repeat("x", 52)))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		once := worktree.Reencode(b)
		if twice := worktree.Reencode(once); !bytes.Equal(once, twice) {
			t.Errorf("%x, then %x", once, twice)
		}
	})
}
