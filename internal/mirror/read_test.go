package mirror_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/work"
)

// snapshot gives the files or ends the test.
func snapshot(t testing.TB, m *mirror.Mirrors, at forge.Tree) fs.FS {
	t.Helper()
	tree, err := m.Snapshot(t.Context(), shop, at)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func read(t testing.TB, m *mirror.Mirrors, at forge.Tree, path string) string {
	t.Helper()
	data, err := fs.ReadFile(snapshot(t, m, at), path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var oddNames = files{
	"customers/acme/segments.yaml":  "a: 1",
	"customers/acme.yaml":           "sorts before acme/ in git, after it in fs",
	"customers/été/ß.yaml":          "é",
	"customers/two words/new\nline": "x",
	`back\slash "quoted".yaml`:      "y",
	"CON":                           "z",
	"-rf":                           "option",
}

func TestSnapshotIsAFileSystem(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			r := newRemote(t)
			main := r.repository(t, "shop", "--object-format="+format).commit("main", oddNames)
			m := open(t, r.config(t))
			fetch(t, m, main)
			tree := snapshot(t, m, main.Tree())
			var names []string
			for name, text := range oddNames {
				if below, ok := strings.CutPrefix(name, "customers/"); ok {
					names = append(names, below)
				}
				if got, err := fs.ReadFile(tree, name); err != nil || string(got) != text+"\n" {
					t.Errorf("%q: %q, %v", name, got, err)
				}
			}
			sub, err := fs.Sub(tree, "customers") // TestFS dislikes the backslash in the root
			if err != nil {
				t.Fatal(err)
			}
			if err := fstest.TestFS(sub, names...); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	r := newRemote(t)
	main := r.repository(t, "shop").commit("main", oddNames)
	m := open(t, r.config(t))
	fetch(t, m, main)
	tree := snapshot(t, m, main.Tree()).(*mirror.Snapshot)

	list := func(under string) (paths []string) {
		t.Helper()
		err := tree.Files(under, func(path string, mode fs.FileMode, object string) bool {
			info, err := tree.Stat(path)
			if err != nil || info.Mode() != mode || info.Sys() != object {
				t.Errorf("%q: listed as %v %s, but Stat says %v, %v", path, mode, object, info, err)
			}
			entry, err := tree.Entry(path)
			if err != nil || entry.Type() != mode.Type() || entry.(interface{ Object() string }).Object() != object {
				t.Errorf("%q: listed as %v %s, but Entry says %v, %v", path, mode, object, entry, err)
			}
			paths = append(paths, path)
			return true
		})
		if err != nil {
			t.Error(err)
		}
		return paths
	}
	var all []string
	for path := range oddNames {
		all = append(all, path)
	}
	slices.Sort(all)
	if got := list("."); !slices.Equal(got, all) {
		t.Errorf("all files: %q, want %q", got, all)
	}
	if got, want := list("customers/acme"), []string{"customers/acme/segments.yaml"}; !slices.Equal(got, want) {
		t.Errorf("under customers/acme: %q, want %q", got, want)
	}
	if err := tree.Files("nowhere", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("under nowhere: %v", err)
	}
	if err := tree.Files("CON", nil); err == nil {
		t.Error("listed a file")
	}
	if n := m.BlobsRead(); n != 0 {
		t.Errorf("%d contents read", n)
	}
}

func TestOnlyReadingReads(t *testing.T) {
	r := newRemote(t)
	main := r.repository(t, "shop").commit("main", files{"big": strings.Repeat("x", 4<<20), "small": "s"})
	m := open(t, r.config(t))
	fetch(t, m, main)
	tree := snapshot(t, m, main.Tree())

	info, err := fs.Stat(tree, "big")
	if err != nil || info.Size() != 4<<20+1 || len(info.Sys().(string)) != 40 {
		t.Errorf("big: %v, %v", info, err)
	}
	entries, err := fs.ReadDir(tree, ".")
	if err != nil || len(entries) != 2 {
		t.Fatalf("%v, %v", entries, err)
	}
	if info, err := entries[1].Info(); err != nil || info.Size() != 2 {
		t.Errorf("small: %v, %v", info, err)
	}
	f, err := tree.Open("small")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n := m.BlobsRead(); n != 0 {
		t.Errorf("%d contents read by looking", n)
	}
	if data, err := io.ReadAll(f); string(data) != "s\n" || err != nil || m.BlobsRead() != 1 {
		t.Errorf("%q, %v, %d contents read, want 1", data, err, m.BlobsRead())
	}
}

func TestLinksAndSubmodules(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	target := a.blob("/etc/passwd")
	main := a.tree(
		[3]string{"100755", "bin", target},
		[3]string{"120000", "link", target},
		[3]string{"160000", "sub", strings.Repeat("cd", 20)},
	)
	a.branch("main", main)
	m := open(t, r.config(t))
	fetch(t, m, main)
	tree := snapshot(t, m, main.Tree())
	for name, want := range map[string]struct {
		kind fs.FileMode
		says string
	}{
		"link": {fs.ModeSymlink, "symbolic link"},
		"sub":  {fs.ModeIrregular, "submodule"},
	} {
		if info, err := fs.Stat(tree, name); err != nil || info.Mode().Type() != want.kind {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		if _, err := fs.ReadFile(tree, name); err == nil || !strings.Contains(err.Error(), want.says) {
			t.Errorf("reading %s: %v", name, err)
		}
		if _, err := fs.ReadFile(tree, name+"/x"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("reading below %s: %v", name, err)
		}
	}
	if n := m.BlobsRead(); n != 0 {
		t.Errorf("%d contents read", n)
	}
}

// Trees that no honest git writes are refused as a whole, and for good; a name that is only not UTF-8 is not.
func TestHostileTrees(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	blob := a.blob("x")
	inner := a.git("", "rev-parse", string(a.tree([3]string{"100644", "f", blob}))+"^{tree}")
	for name, entries := range map[string][][3]string{
		"parent":    {{"40000", "..", inner}},
		"self":      {{"40000", ".", inner}},
		"slash":     {{"100644", "../../x", blob}},
		"no name":   {{"100644", "", blob}},
		"twice":     {{"100644", "a", blob}, {"40000", "a", inner}},
		"deep twin": {{"100644", "a", blob}, {"100644", "a", blob}},
	} {
		t.Run(name, func(t *testing.T) {
			hostile := a.tree(entries...)
			m := open(t, r.config(t))
			err := m.Fetch(t.Context(), shop, hostile)
			if err == nil {
				_, err = m.Snapshot(t.Context(), shop, hostile.Tree())
				if !work.IsPermanent(err) {
					t.Errorf("snapshot: %v, want a permanent error", err)
				}
			}
			if err == nil {
				t.Error("hostile tree was read")
			}
		})
	}

	odd := a.tree([3]string{"100644", "\xff.yaml", blob}, [3]string{"100644", "z", blob})
	m := open(t, r.config(t))
	fetch(t, m, odd)
	tree := snapshot(t, m, odd.Tree())
	entries, err := fs.ReadDir(tree, ".")
	if err != nil || len(entries) != 2 || entries[1].Name() != "\xff.yaml" {
		t.Errorf("entries %v, %v", entries, err)
	}
	if _, err := fs.ReadFile(tree, "\xff.yaml"); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("name that is not UTF-8: %v", err)
	}
}

func TestChanges(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	from := a.commit("main", files{"a": "same", "b": "old", "c": "gone", "d/e": "moved", "link": "l"})
	link := a.git("", "rev-parse", string(from)+":link")
	a.commit("main", files{"a": "same", "b": "new", "f": "moved", "d/new\nline é": "n", "link": "l"})
	index := a.git("100644 blob "+a.blob("same\n")+"\ta\n100644 blob "+a.blob("new\n")+"\tb\n100644 blob "+a.blob("moved\n")+"\tf\n120000 blob "+link+"\tlink\n", "mktree")
	to := forge.Commit(a.git("", "commit-tree", "-m", "x", index))
	m := open(t, r.config(t))
	fetch(t, m, from, to)
	got, err := m.Changes(t.Context(), shop, from.Tree(), forge.Tree(index))
	want := []forge.Change{{Path: "b", Kind: forge.Modified}, {Path: "c", Kind: forge.Removed}, {Path: "d/e", Kind: forge.Removed},
		{Path: "f", Kind: forge.Added}, {Path: "link", Kind: forge.Modified}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v\nwant %v", got, err, want)
	}
	if got, err := m.Changes(t.Context(), shop, to.Tree(), forge.Tree(index)); err != nil || len(got) != 0 {
		t.Errorf("a commit and its tree differ: %v, %v", got, err)
	}
}

func TestMerge(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	root := a.commit("main", files{"a": "1", "b": "1", "c d": "1"})
	a.branch("head", root)
	a.branch("clash", root)
	base := a.commit("main", files{"a": "1", "b": "base", "c d": "base"})
	head := a.commit("head", files{"a": "head", "b": "1", "c d": "1"})
	clash := a.commit("clash", files{"a": "1", "b": "clash", "c d": "clash"})
	other := a.commit("other", files{"z": "1"})
	m := open(t, r.config(t))
	fetch(t, m, base, head, clash, other)

	merged, err := m.Merge(t.Context(), shop, base, head)
	if err != nil || merged.Conflicts != nil {
		t.Fatalf("merge: %v, %v", merged, err)
	}
	if a, b := read(t, m, merged.Tree, "a"), read(t, m, merged.Tree, "b"); a != "head\n" || b != "base\n" {
		t.Errorf("merged to a %q and b %q", a, b)
	}
	forward, err := m.Merge(t.Context(), shop, root, head)
	if err != nil || read(t, m, forward.Tree, "a") != "head\n" {
		t.Errorf("fast forward: %v, %v", forward, err)
	}
	conflict, err := m.Merge(t.Context(), shop, base, clash)
	if err != nil || conflict.Tree != "" || !slices.Equal(conflict.Conflicts, []string{"b", "c d"}) {
		t.Errorf("conflict: %+v, %v", conflict, err)
	}
	if _, err := m.Merge(t.Context(), shop, base, other); !work.IsPermanent(err) || !strings.Contains(err.Error(), "no common history") {
		t.Errorf("unrelated histories: %v", err)
	}
}

func TestSnapshotLivesAsLongAsItsContext(t *testing.T) {
	r := newRemote(t)
	main := r.repository(t, "shop").commit("main", files{"a": "1"})
	m := open(t, r.config(t))
	fetch(t, m, main)
	because := errors.New("the job is over")
	ctx, cancel := context.WithCancelCause(t.Context())
	tree, err := m.Snapshot(ctx, shop, main.Tree())
	if err != nil {
		t.Fatal(err)
	}
	cancel(because)
	if _, err := fs.ReadFile(tree, "a"); !errors.Is(err, because) {
		t.Errorf("read after the end: %v", err)
	}
	if got := read(t, m, main.Tree(), "a"); got != "1\n" {
		t.Errorf("another snapshot reads %q", got)
	}
	m.Close()
	m.Close()
	if _, err := m.Snapshot(t.Context(), shop, main.Tree()); err == nil {
		t.Error("read after Close")
	}
}

// Some kilobytes that stand for very many files are refused, before they fill the memory.
func TestVeryManyFiles(t *testing.T) {
	r := newRemote(t)
	a := r.repository(t, "shop")
	main := a.commit("main", files{"a.yaml": "1"})
	below, mode := a.blob("x"), "100644"
	for range 6 { // 1,000,000 files
		var entries [][3]string
		for n := range 10 {
			entries = append(entries, [3]string{mode, "d" + strconv.Itoa(n), below})
		}
		below, mode = a.git("", "rev-parse", string(a.tree(entries...))+"^{tree}"), "40000"
	}
	bomb := forge.Commit(a.git("", "commit-tree", "-p", string(main), "-m", "bomb", below))
	m := open(t, r.config(t))
	fetch(t, m, main, bomb)
	if changes, err := m.Changes(t.Context(), shop, main.Tree(), bomb.Tree()); !work.IsPermanent(err) {
		t.Errorf("%d changes, %v", len(changes), err)
	}
	if _, err := m.Merge(t.Context(), shop, main, bomb); !work.IsPermanent(err) {
		t.Errorf("merged: %v", err)
	}
	files := 0
	err := snapshot(t, m, bomb.Tree()).(*mirror.Snapshot).Files(".", func(string, fs.FileMode, string) bool { files++; return true })
	if !work.IsPermanent(err) || files > 0 {
		t.Errorf("%d files, %v", files, err)
	}
	if got := read(t, m, main.Tree(), "a.yaml"); got != "1\n" {
		t.Errorf("the mirror is of no use afterwards: %q", got)
	}
}
