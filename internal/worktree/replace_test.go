package worktree_test

import (
	"archive/tar"
	"bytes"
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
		{Path: "a/x", Was: []byte("1"), Now: []byte("2")},
		{Path: "b/x", Was: []byte("the longer one"), Now: []byte("3")},
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, map[string]string{"a/x": "1", "b/x": "the longer one", "c/x": "1"})
	if err := os.Chmod(filepath.Join(dir, "b/x"), 0o755); err != nil {
		t.Fatal(err)
	}
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
		"changed meanwhile": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "b/x"), []byte("the longer eno"), 0o640)
		}, "b/x was changed meanwhile"},
		"longer meanwhile": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "b/x"), []byte("the longer one!"), 0o640)
		}, "b/x was changed meanwhile"},
		"shorter meanwhile":     {func(dir string) error { return os.WriteFile(filepath.Join(dir, "b/x"), []byte("9"), 0o640) }, "b/x was changed meanwhile"},
		"gone meanwhile":        {func(dir string) error { return os.Remove(filepath.Join(dir, "b/x")) }, "read b/x"},
		"a link meanwhile":      {func(dir string) error { return link(dir, "b/x", "../a/x") }, "b/x was changed meanwhile"},
		"a directory is a link": {func(dir string) error { return link(dir, "b", os.TempDir()) }, "read b/x"},
		"at work already":       {func(dir string) error { return os.Mkdir(filepath.Join(dir, ".tamer-edit"), 0o700) }, "if no other tamer is at work"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fill(t, dir, map[string]string{"a/x": "1", "b/x": "the longer one"})
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
	fill(t, dir, map[string]string{"a/x": "1", "b/x": "the longer one"})
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
	holds(t, dir, map[string]string{"a/x": "1", "b/x": "the longer one"})
}

// leave makes the journal of an edit that was cut off.
func leave(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, ".tamer-edit/journal")
	if err := errors.Join(w.Close(), os.Mkdir(filepath.Dir(path), 0o700), os.WriteFile(path, out.Bytes(), 0o400)); err != nil {
		t.Fatal(err)
	}
}

// What was cut off after it had begun is finished, wherever that was: in a file, too.
func TestRecover(t *testing.T) {
	for name, there := range map[string]map[string]string{
		"before the first":  {"a/x": "1", "b/x": "the longer one"},
		"behind the first":  {"a/x": "2", "b/x": "the longer one"},
		"within the second": {"a/x": "2", "b/x": "3he longer one"},
		"behind the last":   {"a/x": "2", "b/x": "3"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fill(t, dir, there)
			leave(t, dir, map[string]string{"a/x": "2", "b/x": "3", "removed/since": "4"})
			if n, err := worktree.Recover(dir); n != 3 || err != nil {
				t.Errorf("%d files, %v", n, err)
			}
			holds(t, dir, map[string]string{"a/x": "2", "b/x": "3"})
			if n, err := worktree.Recover(dir); n != 0 || err != nil {
				t.Errorf("a second time: %d files, %v", n, err)
			}
		})
	}
}

// A journal that somebody has committed replaces nothing: it could name any file here, such as a hook, which git would run.
func TestRecoverForeign(t *testing.T) {
	for name, arrange := range map[string]func(dir string) error{
		"as git writes it":      func(dir string) error { return os.Chmod(filepath.Join(dir, ".tamer-edit/journal"), 0o644) },
		"in a narrow directory": func(dir string) error { return os.Chmod(filepath.Join(dir, ".tamer-edit/journal"), 0o600) },
		"a link": func(dir string) error {
			return errors.Join(os.Rename(filepath.Join(dir, ".tamer-edit/journal"), filepath.Join(dir, "archive")), link(dir, ".tamer-edit/journal", "../archive"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fill(t, dir, map[string]string{".git/hooks/post-checkout": "harmless"})
			leave(t, dir, map[string]string{".git/hooks/post-checkout": "#!/bin/sh"})
			if err := arrange(dir); err != nil {
				t.Fatal(err)
			}
			if n, err := worktree.Recover(dir); n != 0 || err == nil || !strings.Contains(err.Error(), "ask who has committed it") {
				t.Errorf("%d files, %v", n, err)
			}
			if text, err := os.ReadFile(filepath.Join(dir, ".git/hooks/post-checkout")); string(text) != "harmless" {
				t.Errorf("the hook is now %q (%v)", text, err)
			}
		})
	}
}
