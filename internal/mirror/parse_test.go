package mirror

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

func TestParseHeadsOfOddRemotes(t *testing.T) {
	id := strings.Repeat("ab", 20)
	for name, c := range map[string]struct {
		out, branch string
		tips        int
		ok          bool
	}{
		"empty":             {"", "", 0, true},
		"unborn":            {"ref: refs/heads/main\tHEAD\n", "", 0, true},
		"detached":          {id + "\tHEAD\n" + id + "\trefs/heads/x\n", "", 1, true},
		"HEAD is no branch": {"ref: refs/tags/v1\tHEAD\n" + id + "\trefs/heads/x\n", "", 1, true},
		"other symref":      {"ref: refs/heads/x\trefs/heads/y\n" + id + "\trefs/heads/x\n", "", 1, true},
		"no tab":            {id + " refs/heads/x\n", "", 0, false},
		"abbreviated":       {"abab\trefs/heads/x\n", "", 0, false},
	} {
		got, err := parseHeads(c.out)
		if (err == nil) != c.ok || got.Default != c.branch || len(got.Tips) != c.tips {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestOnePerPath(t *testing.T) {
	got := onePerPath([]forge.Change{{Path: "b", Kind: forge.Removed}, {Path: "a", Kind: forge.Added}, {Path: "b", Kind: forge.Added}, {Path: "a", Kind: forge.Added}})
	want := []forge.Change{{Path: "a", Kind: forge.Added}, {Path: "b", Kind: forge.Modified}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func FuzzTree(f *testing.F) {
	id := strings.Repeat("\x01", 20)
	f.Add([]byte("100644 a\x00"+id+"40000 b c\x00"+id), 20)
	f.Add([]byte("40000 ..\x00"+id), 20)
	f.Add([]byte("120000 \xff\x00"+id+id[:12]), 32)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		if size != 20 && size != 32 {
			t.Skip()
		}
		d, err := parseTree(data, size)
		if err != nil {
			return
		}
		total := 0
		for i, e := range d.entries {
			if e.name == "" || path.Join("x", e.name) != "x/"+e.name {
				t.Errorf("name %q climbs", e.name)
			}
			if i > 0 && d.entries[i-1].name >= e.name {
				t.Errorf("%q before %q", d.entries[i-1].name, e.name)
			}
			if got, ok := d.find(e.name); !ok || got != e {
				t.Errorf("%q is not found", e.name)
			}
			total += len(e.name) + len(e.raw)
		}
		if total > len(data) {
			t.Errorf("%d bytes out of %d", total, len(data))
		}
	})
}

func FuzzRaw(f *testing.F) {
	ids := strings.Repeat("1", 40) + " " + strings.Repeat("2", 40)
	f.Add(":100644 100644 " + ids + " M\x00a b\x00:000000 100644 " + ids + " A\x00\n\x00")
	f.Add(":100644 120000 " + ids + " T\x00x\x00:1 2 3 4 D\x00")
	f.Add(":100644 100644 " + ids + " R100\x00x\x00y\x00")
	f.Fuzz(func(t *testing.T, out string) {
		changes, err := parseRaw(out)
		if err != nil {
			return
		}
		for i, c := range changes {
			if c.Path == "" || i > 0 && changes[i-1].Path >= c.Path {
				t.Errorf("changes out of order: %q", changes)
			}
			if !strings.Contains(out, "\x00"+c.Path+"\x00") {
				t.Errorf("path %q is not in %q", c.Path, out)
			}
		}
	})
}

func FuzzListing(f *testing.F) {
	id := strings.Repeat("1", 40)
	f.Add("100644 blob " + id + "\ta/b c\x00160000 commit " + id + "\td\x00")
	f.Add("100644 blob " + id + "\ta/../../b\x00")
	f.Fuzz(func(t *testing.T, out string) {
		_ = parseListing(out, func(name string, mode fs.FileMode, object string) bool {
			if path.Clean("/"+name) != "/"+name || len(object) != 40 && len(object) != 64 {
				t.Errorf("got %q %v %q", name, mode, object)
			}
			return true
		})
	})
}

func FuzzAnswer(f *testing.F) {
	id := strings.Repeat("1", 40)
	f.Add(id+" blob 12\n", id)
	f.Add(id+" missing\n", id)
	f.Add(id+" blob -1\n", id)
	f.Fuzz(func(t *testing.T, line, name string) {
		o, err := parseAnswer(line, name)
		if err == nil && (o.size < 0 || o.kind == "" && !strings.Contains(line, "  ") || len(o.id) < 40) {
			t.Errorf("%q gives %+v", line, o)
		}
	})
}
