package mirror_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

// However a mirror is damaged: the reads say so, or still work, and the next round of fetch and read is right.
func TestDamagedMirror(t *testing.T) {
	each := func(t *testing.T, dir, pattern string, do func(path string) error) {
		t.Helper()
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		for _, path := range paths {
			if err := os.Chmod(path, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := do(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, damage := range map[string]func(t *testing.T, dir string){
		"everything gone": func(t *testing.T, dir string) { each(t, dir, "", os.RemoveAll) },
		"objects gone":    func(t *testing.T, dir string) { each(t, dir, "objects", os.RemoveAll) },
		"packs gone":      func(t *testing.T, dir string) { each(t, dir, "objects/pack/*.pack", os.Remove) },
		"index gone":      func(t *testing.T, dir string) { each(t, dir, "objects/pack/*.idx", os.Remove) },
		"HEAD garbled": func(t *testing.T, dir string) {
			each(t, dir, "HEAD", func(path string) error { return os.WriteFile(path, []byte("x"), 0o600) })
		},
		"pack cut": func(t *testing.T, dir string) {
			each(t, dir, "objects/pack/*.pack", func(path string) error { return os.Truncate(path, 40) })
		},
		"pack garbled": func(t *testing.T, dir string) {
			each(t, dir, "objects/pack/*.pack", func(path string) error {
				data, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				copy(data[12:], bytes.Repeat([]byte{0x5a}, len(data)-12-20))
				return os.WriteFile(path, data, 0o600)
			})
		},
		"fetch killed": func(t *testing.T, dir string) {
			for _, left := range []string{"objects/pack/tmp_pack_x", "packed-refs.lock", "refs/tamer/" + strings.Repeat("a", 40) + ".lock"} {
				if err := os.WriteFile(filepath.Join(dir, left), []byte("half"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRemote(t)
			a := r.repository(t, "shop")
			base := a.commit("main", files{"a.yaml": "1", "b.yaml": "1"})
			a.branch("head", base)
			main := a.commit("main", files{"a.yaml": "2", "b.yaml": "1"})
			head := a.commit("head", files{"a.yaml": "1", "b.yaml": "2"})
			cfg := r.config(t)
			m := open(t, cfg)
			fetch(t, m, main, head)
			m.Close() // as after a restart: no process has the files open

			damage(t, filepath.Join(cfg.Dir, "7", "42.git"))
			m = open(t, cfg)
			round := func() error {
				if err := m.Fetch(t.Context(), shop, main, head); err != nil {
					return err
				}
				merged, err := m.Merge(t.Context(), shop, main, head)
				if err != nil {
					return err
				}
				if _, err := m.IsAncestor(t.Context(), shop, base, main); err != nil {
					return err
				}
				if _, err := m.Changes(t.Context(), shop, main.Tree(), merged.Tree); err != nil {
					return err
				}
				tree, err := m.Snapshot(t.Context(), shop, merged.Tree)
				if err != nil {
					return err
				}
				data, err := fs.ReadFile(tree, "b.yaml")
				if err == nil && string(data) != "2\n" {
					t.Errorf("read %q from a damaged mirror", data)
				}
				return err
			}
			if err := round(); err != nil {
				t.Log("first round:", err)
				if err := round(); err != nil {
					t.Errorf("second round: %v", err)
				}
			}
			fetch(t, m, a.commit("main", files{"c.yaml": "3"}))
		})
	}
}

// Every way of reading notices by itself: none needs another to have failed before.
func TestEveryReadNoticesDamage(t *testing.T) {
	for name, c := range map[string]func(m mirrors, main, head forge.Commit) error{
		"snapshot": func(m mirrors, main, _ forge.Commit) error {
			tree, err := m.Snapshot(m.t.Context(), shop, main.Tree())
			if err == nil {
				_, err = fs.ReadFile(tree, "a.yaml")
			}
			return err
		},
		"changes": func(m mirrors, main, head forge.Commit) error {
			_, err := m.Changes(m.t.Context(), shop, main.Tree(), head.Tree())
			return err
		},
		"merge": func(m mirrors, main, head forge.Commit) error {
			_, err := m.Merge(m.t.Context(), shop, main, head)
			return err
		},
		"history": func(m mirrors, main, head forge.Commit) error {
			_, err := m.IsAncestor(m.t.Context(), shop, main, head)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRemote(t)
			a := r.repository(t, "shop")
			main := a.commit("main", files{"a.yaml": "1"})
			a.branch("head", main)
			head := a.commit("head", files{"a.yaml": "2"})
			cfg := r.config(t)
			m := mirrors{open(t, cfg), t}
			fetch(t, m.Mirrors, main, head)
			packs, _ := filepath.Glob(filepath.Join(cfg.Dir, "7", "42.git", "objects", "pack", "pack-*"))
			for _, p := range packs {
				if err := os.Remove(p); err != nil {
					t.Fatal(err)
				}
			}
			m.Close()
			m.Mirrors = open(t, cfg)
			if err := c(m, main, head); err == nil || !strings.Contains(err.Error(), "the mirror is damaged") {
				t.Errorf("read: %v", err)
			}
			fetch(t, m.Mirrors, main, head)
			if err := c(m, main, head); err != nil {
				t.Errorf("after the next fetch: %v", err)
			}
		})
	}
}

// A tree that is lost must not look like an empty one: git 2.39 merges it as if all files had been deleted.
func TestMergeWithALostTreeFails(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	base := a.commit("main", files{"d/a": "1", "e": "1"})
	a.branch("head", base)
	main := a.commit("main", files{"d/a": "2", "e": "1"})
	head := a.commit("head", files{"d/a": "1", "e": "2"})
	cfg := r.config(t)
	m := open(t, cfg)
	fetch(t, m, main, head)

	mirror := &author{t: t, dir: filepath.Join(cfg.Dir, "7", "42.git")}
	packs, _ := filepath.Glob(filepath.Join(mirror.dir, "objects", "pack", "*.pack"))
	for _, pack := range packs {
		data, err := os.ReadFile(pack)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(pack, pack+".away"); err != nil {
			t.Fatal(err)
		}
		mirror.git(string(data), "unpack-objects", "-q")
	}
	lost := mirror.git("", "rev-parse", string(head)+"^{tree}")
	if err := os.Remove(filepath.Join(mirror.dir, "objects", lost[:2], lost[2:])); err != nil {
		t.Fatal(err)
	}
	if got, err := m.Merge(t.Context(), shop, main, head); err == nil || !strings.Contains(err.Error(), "the mirror is damaged") {
		t.Errorf("merge: %+v, %v", got, err)
	}
}

func TestLeftoversAreRemoved(t *testing.T) {
	cfg := newRemote(t).config(t)
	left := []string{"7/42.git.new-123", "7/42.git.old-9/repository"}
	for _, dir := range left {
		if err := os.MkdirAll(filepath.Join(cfg.Dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	open(t, cfg)
	if entries, err := os.ReadDir(filepath.Join(cfg.Dir, "7")); err != nil || len(entries) != 0 {
		t.Errorf("left: %v, %v", entries, err)
	}
}
