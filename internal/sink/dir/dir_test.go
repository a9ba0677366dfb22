package dir_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/dir"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

func TestDir(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sink.Sink { return open(t, t.TempDir()) })
}

func open(t *testing.T, root string) *dir.Sink {
	t.Helper()
	s, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func put(t *testing.T, s sink.Sink, key, body string) {
	t.Helper()
	if _, err := s.Put(t.Context(), key, []byte(body), sink.Always); err != nil {
		t.Fatal(err)
	}
}

// tree gives every file and empty directory below root, without the lock.
func tree(t *testing.T, root string) []string {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, p)
		if d.IsDir() {
			found[rel+"/"] = true
		} else {
			found[rel] = true
		}
		delete(found, filepath.Dir(rel)+"/")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	delete(found, ".tamer/tmp/lock")
	return slices.Sorted(maps.Keys(found))
}

func TestFilesAreTheObjects(t *testing.T) {
	root := filepath.Join(t.TempDir(), "made", "by", "open")
	s := open(t, root)
	put(t, s, "acme/segments.yaml", "a: 1\n")
	put(t, s, ".tamer/channels/production.json", "{}")
	put(t, s, "a/b/c/d", "deep")
	want := []string{".tamer/channels/production.json", "a/b/c/d", "acme/segments.yaml"}
	if got := tree(t, root); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if body, err := os.ReadFile(filepath.Join(root, "acme/segments.yaml")); err != nil || string(body) != "a: 1\n" {
		t.Errorf("file holds %q, %v", body, err)
	}
	for _, key := range want {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if got := tree(t, root); len(got) != 0 {
		t.Errorf("files and empty directories left: %q", got)
	}
}

func TestReopen(t *testing.T) {
	root := t.TempDir()
	first := open(t, root)
	put(t, first, "k", "one")
	second := open(t, root)
	body, v, err := second.Get(t.Context(), "k")
	if err != nil || string(body) != "one" {
		t.Fatalf("Get = %q, %v", body, err)
	}
	put(t, first, "k", "two")
	if _, err := second.Put(t.Context(), "k", []byte("three"), sink.IfVersion(v)); !errors.Is(err, sink.ErrConflict) {
		t.Errorf("Put with the version before another sink's Put: %v, want %v", err, sink.ErrConflict)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct{ there, key, want string }{
		"a file where a directory is needed": {"a", "a/b", `an object lies where the directory "a" is needed; delete it first`},
		"a file further up":                  {"a", "a/b/c/d", "delete it first"},
		"a directory where the file goes":    {"a/b", "a", `objects lie below "a"; delete them first`},
		"the sink's own directory":           {"a", ".tamer/tmp/x", "which the directory sink keeps for itself"},
		"the sink's own directory as a key":  {"a", ".tamer/tmp", "which the directory sink keeps for itself"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			s := open(t, root)
			put(t, s, c.there, "body")
			_, err := s.Put(t.Context(), c.key, []byte("x"), sink.Always)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Put %q = %v, want an error with %q", c.key, err, c.want)
			}
			if got, want := tree(t, root), []string{c.there}; !slices.Equal(got, want) {
				t.Errorf("files %q, want %q", got, want)
			}
		})
	}
}

func TestLinksLeadNowhere(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	s := open(t, root)
	victim := filepath.Join(outside, "secret")
	for _, err := range []error{
		os.WriteFile(victim, []byte("outside"), 0o644),
		os.Symlink(outside, filepath.Join(root, "link")),
		os.Symlink(victim, filepath.Join(root, "file")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"link/secret", "file"} {
		if body, _, err := s.Get(t.Context(), key); err == nil {
			t.Errorf("Get %q reads %q from outside", key, body)
		}
	}
	if _, err := s.Put(t.Context(), "link/secret", []byte("x"), sink.Always); err == nil {
		t.Error("Put through a link that leads outside is allowed")
	}
	if err := s.Delete(t.Context(), "link/secret"); err == nil {
		t.Error("Delete through a link that leads outside is allowed")
	}
	put(t, s, "file", "replaces the link")
	if body, err := os.ReadFile(victim); err != nil || string(body) != "outside" {
		t.Errorf("the file outside holds %q, %v", body, err)
	}
}

func TestOpenRemovesOldLeftovers(t *testing.T) {
	root := t.TempDir()
	open(t, root)
	private := filepath.Join(root, ".tamer", "tmp")
	now := time.Now()
	for name, at := range map[string]time.Time{"put-OLD": now.Add(-2 * time.Hour), "put-NEW": now.Add(-time.Minute), "lock": now.Add(-2 * time.Hour)} {
		p := filepath.Join(private, name)
		if err := errors.Join(os.WriteFile(p, nil, 0o644), os.Chtimes(p, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	open(t, root)
	if got, want := tree(t, root), []string{".tamer/tmp/put-NEW"}; !slices.Equal(got, want) {
		t.Errorf("left: %q, want %q", got, want)
	}
	if _, err := os.Stat(filepath.Join(private, "lock")); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{file, filepath.Join(file, "below")} {
		if s, err := dir.Open(root); err == nil {
			s.Close()
			t.Errorf("Open takes %q", root)
		}
	}
}
