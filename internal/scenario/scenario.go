// Package scenario holds tests as data: a txtar with the files before and after a change, and what tamer should say. The
// core, the command line and the path from webhook to check run are all held against the same scenarios.
package scenario

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/golden"
)

// A Tree is what one commit holds.
type Tree struct {
	Files map[string][]byte // by path
	Links map[string]string // symbolic links: what they point to, by path
}

// A Scenario is one change and what should be said about it. In its archive, files are named base/PATH and head/PATH; head
// holds only what differs. Lines of the comment at its top say what else there is:
//
//	removed: PATH          the change removes it
//	link: head/PATH -> TO  a symbolic link
type Scenario struct {
	Name       string
	Base, Head Tree
	path       string
	archive    *txtar.Archive
}

// Load gives the scenarios of a directory, sorted by name.
func Load(t testing.TB, dir string) []Scenario {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios in %s: %v", dir, err)
	}
	var all []Scenario
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, read(t, path, a))
	}
	return all
}

func read(t testing.TB, path string, a *txtar.Archive) Scenario {
	t.Helper()
	s := Scenario{Name: strings.TrimSuffix(filepath.Base(path), ".txtar"), path: path, archive: a}
	s.Base = Tree{Files: map[string][]byte{}, Links: map[string]string{}}
	over := Tree{Files: map[string][]byte{}, Links: map[string]string{}}
	for _, f := range a.Files {
		if name, ok := strings.CutPrefix(f.Name, "base/"); ok {
			s.Base.Files[name] = f.Data
		} else if name, ok := strings.CutPrefix(f.Name, "head/"); ok {
			over.Files[name] = f.Data
		}
	}
	s.Head = Tree{Files: maps.Clone(s.Base.Files), Links: map[string]string{}}
	for line := range strings.Lines(string(a.Comment)) {
		if name, ok := strings.CutPrefix(line, "removed: "); ok {
			delete(s.Head.Files, strings.TrimSpace(name))
		}
		if link, ok := strings.CutPrefix(line, "link: head/"); ok {
			name, to, ok := strings.Cut(strings.TrimSpace(link), " -> ")
			if !ok {
				t.Fatalf("%s: write link: head/PATH -> TO", path)
			}
			over.Links[name] = to
		}
	}
	maps.Copy(s.Head.Files, over.Files)
	maps.Copy(s.Head.Links, over.Links)
	return s
}

// Changes are the paths that differ, sorted.
func (s Scenario) Changes() []forge.Change {
	var all []forge.Change
	names := slices.Collect(maps.Keys(s.Base.Files))
	for name := range s.Head.Files {
		names = append(names, name)
	}
	for name := range s.Head.Links {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		before, had := s.Base.Files[name]
		after, has := s.Head.Files[name]
		_, link := s.Head.Links[name]
		switch {
		case !had:
			all = append(all, forge.Change{Path: name, Kind: forge.Added})
		case !has && !link:
			all = append(all, forge.Change{Path: name, Kind: forge.Removed})
		case link || string(before) != string(after):
			all = append(all, forge.Change{Path: name, Kind: forge.Modified})
		}
	}
	return all
}

// Only gives the tree with nothing but the file or link at path.
func (tree Tree) Only(path string) Tree {
	one := Tree{Files: map[string][]byte{}, Links: map[string]string{}}
	if to, ok := tree.Links[path]; ok {
		one.Links[path] = to
	} else if data, ok := tree.Files[path]; ok {
		one.Files[path] = data
	}
	return one
}

// Write puts the tree into a directory.
func (tree Tree) Write(t testing.TB, dir string) {
	t.Helper()
	for name, data := range tree.Files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range tree.Links {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
	}
}

// Want gives the section of that name.
func (s Scenario) Want(t testing.TB, section string) string {
	t.Helper()
	for _, f := range s.archive.Files {
		if f.Name == section {
			return string(f.Data)
		}
	}
	t.Fatalf("%s has no section -- %s --", s.path, section)
	return ""
}

// Check compares got with the section of that name; with -update it writes it there.
func (s Scenario) Check(t testing.TB, section, got string) {
	t.Helper()
	if golden.Update() {
		i := slices.IndexFunc(s.archive.Files, func(f txtar.File) bool { return f.Name == section })
		if i < 0 {
			s.archive.Files = append(s.archive.Files, txtar.File{Name: section})
			i = len(s.archive.Files) - 1
		}
		s.archive.Files[i].Data = []byte(got)
		if err := os.WriteFile(s.path, txtar.Format(s.archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := s.Want(t, section); got != want {
		t.Errorf("%s: %s\n%s", s.path, section, golden.Difference(got, want))
	}
}
