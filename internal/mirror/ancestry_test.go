package mirror_test

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

func TestMergeBases(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	root := a.commit("main", files{"a": "1"})
	a.branch("change", root)
	main := a.commit("main", files{"a": "2"})
	change := a.commit("change", files{"a": "1", "b": "1"})
	stranger := a.commit("stranger", files{"c": "1"})
	both := func(one, other forge.Commit) forge.Commit {
		return forge.Commit(a.git("", "commit-tree", "-m", "merge", "-p", string(one), "-p", string(other), string(one)+"^{tree}"))
	}
	here, there := both(main, change), both(change, main)
	a.branch("here", here)
	a.branch("there", there)
	m := open(t, r.config(t))
	fetch(t, m, main, change, stranger, here, there)
	for name, c := range map[string]struct {
		one, other forge.Commit
		want       []forge.Commit
	}{
		"two branches":          {main, change, []forge.Commit{root}},
		"one holds the other":   {main, root, []forge.Commit{root}},
		"the same":              {main, main, []forge.Commit{main}},
		"each holds two others": {here, there, []forge.Commit{main, change}},
	} {
		got, err := m.MergeBases(t.Context(), shop, c.one, c.other)
		slices.Sort(got)
		if slices.Sort(c.want); !slices.Equal(got, c.want) || err != nil {
			t.Errorf("%s: %s, %v; want %s", name, got, err, c.want)
		}
	}
	if got, err := m.MergeBases(t.Context(), shop, main, stranger); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no common history: %s, %v", got, err)
	}
	if got, err := m.MergeBases(t.Context(), shop, main, "--all"); err == nil {
		t.Errorf("an option for a commit: %s", got)
	}
}

// A merge is compared with what it was merged into, and odd names come as they are.
func TestPaths(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	root := a.commit("main", oddNames)
	a.branch("change", root)
	a.commit("change", files{"only": "1"})
	change := a.commit("change", files{"only": "2", ":colon": "1"})
	main := a.commit("main", maps.Clone(oddNames))
	merge := forge.Commit(a.git("", "commit-tree", "-m", "merge", "-p", string(main), "-p", string(change), string(change)+"^{tree}"))
	a.branch("main", merge)
	m := open(t, r.config(t))
	fetch(t, m, merge)
	absent := forge.Commit("1234567890123456789012345678901234567890")
	got, err := m.Paths(t.Context(), shop, []forge.Commit{merge, absent, change, main, root})
	if err != nil {
		t.Fatal(err)
	}
	odd := slices.Sorted(maps.Keys(oddNames))
	want := map[forge.Commit][]string{root: odd, main: nil, change: {":colon", "only"}, merge: slices.Sorted(slices.Values(append(slices.Clone(odd), ":colon", "only")))}
	for c, paths := range got {
		slices.Sort(paths)
		if !slices.Equal(paths, want[c]) {
			t.Errorf("%s: %q, want %q", c.Short(), paths, want[c])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d commits, want %d", len(got), len(want))
	}
}
