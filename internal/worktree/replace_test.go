package worktree_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/worktree"
)

// fill makes files below a directory.
func fill(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o640)); err != nil {
			t.Fatal(err)
		}
	}
}

// holds checks what files hold, and that nothing is left behind.
func holds(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s holds %q (%v), want %q", name, got, err, want)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, ".tamer-edit")); err == nil {
		t.Error("the staging directory is left behind")
	}
}

func edits() []worktree.NewFile {
	return []worktree.NewFile{
		{Path: "a/x", Was: []byte("1"), Now: []byte("2"), Mode: 0o640},
		{Path: "b/x", Was: []byte("1"), Now: []byte("3"), Mode: 0o755},
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, map[string]string{"a/x": "1", "b/x": "1", "c/x": "1"})
	done := 0
	if err := worktree.Replace(t.Context(), dir, edits(), func(n, _ int) { done = n }); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, map[string]string{"a/x": "2", "b/x": "3", "c/x": "1"})
	if info, err := os.Stat(filepath.Join(dir, "b/x")); err != nil || info.Mode().Perm() != 0o755 || done != 2 {
		t.Errorf("mode %v (%v) after %d files", info.Mode(), err, done)
	}
}

// Whatever keeps it from all files keeps it from each.
func TestReplaceNothing(t *testing.T) {
	for name, c := range map[string]struct {
		arrange func(dir string) error
		says    string
	}{
		"changed meanwhile":     {func(dir string) error { return os.WriteFile(filepath.Join(dir, "b/x"), []byte("9"), 0o640) }, "b/x was changed meanwhile"},
		"gone meanwhile":        {func(dir string) error { return os.Remove(filepath.Join(dir, "b/x")) }, "read b/x"},
		"a link meanwhile":      {func(dir string) error { return link(dir, "b/x", "../a/x") }, "b/x was changed meanwhile"},
		"a directory is a link": {func(dir string) error { return link(dir, "b", os.TempDir()) }, "read b/x"},
		"at work already":       {func(dir string) error { return os.Mkdir(filepath.Join(dir, ".tamer-edit"), 0o700) }, "if no other tamer is at work"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fill(t, dir, map[string]string{"a/x": "1", "b/x": "1"})
			if err := c.arrange(dir); err != nil {
				t.Fatal(err)
			}
			if err := worktree.Replace(t.Context(), dir, edits(), nil); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want one that says %q", err, c.says)
			}
			if _, err := worktree.Recover(dir); err != nil {
				t.Error(err)
			}
			holds(t, dir, map[string]string{"a/x": "1"})
		})
	}
}

func link(dir, name, to string) error {
	path := filepath.Join(dir, name)
	return errors.Join(os.RemoveAll(path), os.Symlink(to, path))
}

// Who interrupts it while it prepares finds everything as it was.
func TestReplaceInterrupted(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, map[string]string{"a/x": "1", "b/x": "1"})
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	err := worktree.Replace(ctx, dir, edits(), func(done, total int) {
		if done == total {
			cancel(stopped)
		}
	})
	if !errors.Is(err, stopped) {
		t.Errorf("%v, want %v", err, stopped)
	}
	holds(t, dir, map[string]string{"a/x": "1", "b/x": "1"})
}

// What was cut off after it had begun is finished, at whichever file.
func TestRecover(t *testing.T) {
	for replaced := range 3 {
		dir := t.TempDir()
		fill(t, dir, map[string]string{"a/x": "1", "b/x": "1", ".tamer-edit/0": "2", ".tamer-edit/1": "3", ".tamer-edit/journal": `["a/x","b/x"]`})
		if err := os.Chmod(filepath.Join(dir, ".tamer-edit/journal"), 0o400); err != nil {
			t.Fatal(err)
		}
		for i, path := range []string{"a/x", "b/x"}[:replaced] {
			if err := os.Rename(filepath.Join(dir, ".tamer-edit", string(rune('0'+i))), filepath.Join(dir, path)); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := worktree.Recover(dir); n != 2 || err != nil {
			t.Errorf("%d files, %v", n, err)
		}
		holds(t, dir, map[string]string{"a/x": "2", "b/x": "3"})
		if n, err := worktree.Recover(dir); n != 0 || err != nil {
			t.Errorf("a second time: %d files, %v", n, err)
		}
	}
}

// A journal that somebody has committed replaces nothing: it could name any file here, such as a hook, which git would run.
func TestRecoverForeign(t *testing.T) {
	for name, arrange := range map[string]func(dir string) error{
		"as git writes it":      func(string) error { return nil },
		"in a narrow directory": func(dir string) error { return os.Chmod(filepath.Join(dir, ".tamer-edit/journal"), 0o600) },
		"a link": func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, "paths"), []byte(`[".git/hooks/post-checkout"]`), 0o400), link(dir, ".tamer-edit/journal", "../paths"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fill(t, dir, map[string]string{".git/hooks/x.sample": "", ".tamer-edit/0": "#!/bin/sh", ".tamer-edit/journal": `[".git/hooks/post-checkout"]`})
			if err := arrange(dir); err != nil {
				t.Fatal(err)
			}
			if n, err := worktree.Recover(dir); n != 0 || err == nil || !strings.Contains(err.Error(), "ask who has committed it") {
				t.Errorf("%d files, %v", n, err)
			}
			if _, err := os.Lstat(filepath.Join(dir, ".git/hooks/post-checkout")); err == nil {
				t.Error("a hook was put there")
			}
		})
	}
}
