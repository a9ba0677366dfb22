package ship_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

// Customers and types of 2,000 hostile names, deployed in two halves: what is served stands under a key of its own, below no other one and in no
// place of tamer's, with its own bytes; whoever is not served is named with the reason.
func TestHostileNamesOfCustomersAndTypes(t *testing.T) {
	all := sinktest.HostileNames(2000)
	for name, c := range map[string]struct {
		layout string
		names  []string
	}{
		"default":        {"", all},
		"many segments":  {"layout: {configs: ['customers/{customer...}/{type}.yaml', 'customers/{customer...}/{type}.json'], shared: ['shared/{type}.yaml'], schemas: ['schemas/{type}.schema.json']}\n", all[:450]},
		"types in types": {"layout: {configs: ['customers/{customer}/{type...}.yaml', 'customers/{customer}/{type...}.json'], shared: ['shared/{type...}.yaml'], schemas: ['schemas/{type}.schema.json']}\n", all[450:900]},
		"all over":       {"layout: {configs: ['{customer}.d/{type...}.yaml', 'more/{customer...}.{type}.json'], shared: ['shared/{type}.yaml'], schemas: ['schemas/{type}.schema.json']}\n", all[900:1350]},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			half, whole := index(hostileTree(c.layout, c.names, 2)), index(hostileTree(c.layout, c.names, 1))
			w.must(t, hostileCommit(1, half, half))
			w.holdsOwn(t, half)
			w.must(t, hostileCommit(2, whole, half))
			w.holdsOwn(t, whole)
		})
	}
}

// hostileTree has configs of each second name, or of each one, wherever a layout may look for them.
func hostileTree(layout string, names []string, each int) fstest.MapFS {
	tree, dirs := fstest.MapFS{"schemas/x.schema.json": {Data: []byte("{}")}}, map[string]bool{}
	if layout != "" {
		tree[policy.Path] = &fstest.MapFile{Data: []byte(layout)}
	}
	add := func(path string) {
		if fs.ValidPath(path) && !dirs[path] && !slices.ContainsFunc(above(path), func(dir string) bool { return tree[dir] != nil }) { // as in git, a name is a file or a directory
			tree[path] = &fstest.MapFile{Data: fmt.Appendf(nil, "%q\n", path)}
			for _, dir := range above(path) {
				dirs[dir] = true
			}
		}
	}
	for i, name := range names {
		if i%each != 0 {
			continue
		}
		if i%10 == 0 {
			add("customers/" + name + "/z.json")
		}
		if i%20 == 0 && each == 1 { // whose key lies below that of the file before, which was served already
			add("customers/" + name + "/z.yaml/y.json")
		}
		for _, path := range []string{"customers/" + name + "/x.yaml", "customers/" + name + "/" + name + ".json", "customers/acme/" + name + ".yaml", "shared/" + name + ".yaml",
			name + ".d/" + name + ".yaml", "more/" + name + ".x.json", "customers/acme/" + name + ".json"} {
			add(path)
		}
	}
	return tree
}

// above gives the directories above a path.
func above(name string) (dirs []string) {
	for i, c := range name {
		if c == '/' {
			dirs = append(dirs, name[:i])
		}
	}
	return dirs
}

// hostileCommit is a commit whose changes are all of its files, and all that the one before has.
func hostileCommit(n int, tree, old indexed) ship.Commit {
	return ship.Commit{Provenance: release.Provenance{Repository: "acme/config", Commit: name(n)}, Tree: tree,
		Since: func(context.Context, forge.Commit) (fs.FS, []forge.Change, error) {
			var changes []forge.Change
			for path := range tree.MapFS {
				if old.MapFS[path] == nil {
					changes = append(changes, forge.Change{Path: path, Kind: forge.Added})
				}
			}
			for path := range old.MapFS {
				if tree.MapFS[path] == nil {
					changes = append(changes, forge.Change{Path: path, Kind: forge.Removed})
				}
			}
			return old, changes, nil
		},
		Judge: func(fs.FS, fs.FS, []forge.Change) ([]finding.Finding, error) { return nil, nil }}
}

// holdsOwn fails the test unless the store holds each file of the tree under a key of its own, or says why not.
func (w *world) holdsOwn(t *testing.T, tree indexed) {
	t.Helper()
	st, err := w.open(t, nil).Read(t.Context(), release.Production)
	if err != nil {
		t.Fatal(err)
	}
	objects, served, want := w.Objects(), map[string]bool{}, map[string]string{}
	for _, unit := range st.Release.Units() {
		e, _ := st.Release.Entry(unit)
		if e.Held != nil && e.Held.Reason == "" {
			t.Errorf("%q is held, and nobody says why", unit)
		}
		if e.Bundle == nil {
			continue
		}
		served[unit] = e.Held == nil
		var b release.Bundle
		if err := json.Unmarshal([]byte(objects[release.BundleKey(*e.Bundle)]), &b); err != nil {
			t.Fatal(err)
		}
		for key, f := range b.Plain() {
			if other, taken := want[key]; taken {
				t.Errorf("%q is the key of two files: %s and %s", key, other, f.Body)
			}
			want[key] = string(f.Body)
		}
	}
	diff(t, "hostile names", w.plain(), want)
	for key := range want {
		if err := sink.CheckKey(key); err != nil || key[0] == '.' && !strings.HasPrefix(key, ".shared/") {
			t.Errorf("the key %q: %v", key, err)
		}
		for _, dir := range above(key) {
			if _, taken := want[dir]; taken {
				t.Errorf("the key %q lies below %q", key, dir)
			}
		}
	}
	p, _, err := policy.Read(tree)
	if err != nil {
		t.Fatal(err)
	}
	configs := 0
	for path, file := range tree.MapFS {
		f := p.Layout.Read(path)
		unit, ok := release.Unit(f)
		if !ok {
			continue
		}
		if _, known := st.Release.Entry(unit); !known {
			t.Errorf("%s is nobody's", path)
		}
		if served[unit] {
			if configs++; want[release.Key(f)] != string(file.Data) {
				t.Errorf("%s is served as %q", path, want[release.Key(f)])
			}
		}
	}
	if configs < 150 {
		t.Errorf("only %d configs are served", configs)
	}
}

// An indexed tree knows what its directories hold. A MapFS looks through all of its files each time that it is asked.
type indexed struct {
	fstest.MapFS
	entries map[string]fs.DirEntry
	dirs    map[string][]fs.DirEntry
}

func index(tree fstest.MapFS) indexed {
	x := indexed{tree, map[string]fs.DirEntry{}, map[string][]fs.DirEntry{}}
	for file := range tree {
		for _, name := range append(above(file), file) {
			if x.entries[name] == nil {
				x.entries[name] = named{path.Base(name), name != file}
				x.dirs[path.Dir(name)] = append(x.dirs[path.Dir(name)], x.entries[name])
			}
		}
	}
	return x
}

// Entry gives what ReadDir lists for one name, as the trees of git do.
func (x indexed) Entry(name string) (fs.DirEntry, error) {
	if e := x.entries[name]; e != nil {
		return e, nil
	}
	return nil, fs.ErrNotExist
}

func (x indexed) ReadDir(name string) ([]fs.DirEntry, error) {
	if x.dirs[name] == nil {
		return nil, fs.ErrNotExist
	}
	return x.dirs[name], nil
}

// named is a directory's entry.
type named struct {
	name string
	dir  bool
}

func (e named) Name() string               { return e.name }
func (e named) IsDir() bool                { return e.dir }
func (e named) Info() (fs.FileInfo, error) { return nil, fs.ErrInvalid }
func (e named) Type() fs.FileMode {
	if e.dir {
		return fs.ModeDir
	}
	return 0
}
