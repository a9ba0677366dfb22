package examples_test

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/examples"
	"github.com/tamerhq/tamer/internal/validate"
)

// shop gives the files of Shop with the changes applied.
func shop(t *testing.T, changes ...string) fstest.MapFS {
	t.Helper()
	tree := fstest.MapFS{}
	err := fs.WalkDir(examples.Shop(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(examples.Shop(), name)
		tree[name] = &fstest.MapFile{Data: data, Mode: 0o644}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		files, removed, err := examples.Change(change)
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range files {
			tree[name] = &fstest.MapFile{Data: data, Mode: 0o644}
		}
		for _, name := range removed {
			delete(tree, name)
		}
	}
	return tree
}

func TestShopIsADefaultLayout(t *testing.T) {
	tree := shop(t)
	for pattern, want := range map[string]int{".tamer.yaml": 1, "README.md": 1, "shared/*.yaml": 1, "schemas/*.schema.json": 6, "customers/*/*.yaml": 25} {
		files, err := fs.Glob(tree, pattern)
		if err != nil || len(files) != want {
			t.Errorf("%d files match %s, %v; want %d", len(files), pattern, err, want)
		}
	}
	if len(tree) != 34 {
		t.Errorf("%d files, want 34", len(tree))
	}
}

func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		changes []string
		want    map[string]int // failures by file
	}{
		"the shop":     {nil, nil},
		"good":         {[]string{"good"}, nil},
		"broken":       {[]string{"broken"}, map[string]int{"customers/globex/campaigns.yaml": 3, "customers/initech/retention.yaml": 3}},
		"broken-fixed": {[]string{"broken", "broken-fixed"}, nil},
		"new-type":     {[]string{"new-type"}, nil},
		"all":          {[]string{"new-type", "broken-fixed", "good"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := validate.Tree(shop(t, c.changes...), validate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			for _, f := range r.Findings {
				got[f.File]++
			}
			if !maps.Equal(got, c.want) {
				t.Errorf("findings by file %v, want %v", got, c.want)
				for _, f := range r.Findings {
					t.Logf("%s:%d %s %s", f.File, f.At.Start.Line, f.Pointer, f.Message)
				}
			}
			if len(r.Files) < 26 {
				t.Errorf("%d files were judged, want every config", len(r.Files))
			}
		})
	}
}

func TestChangesChangeTheShop(t *testing.T) {
	base := shop(t)
	touched := map[string]string{}
	for name, want := range map[string][]string{
		"good":         {"customers/acme/campaigns.yaml", "customers/acme/segments.yaml"},
		"broken":       {"customers/globex/campaigns.yaml", "customers/initech/retention.yaml"},
		"broken-fixed": {"customers/globex/campaigns.yaml", "customers/initech/retention.yaml"},
		"new-type":     {"customers/hooli/loyalty.yaml", "schemas/loyalty.schema.json"},
	} {
		files, removed, err := examples.Change(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) || len(removed) > 0 {
			t.Errorf("%s touches %q and removes %q; want %q", name, got, removed, want)
		}
		for file, data := range files {
			if old, there := base[file]; there && bytes.Equal(old.Data, data) {
				t.Errorf("%s does not change %s", name, file)
			}
			mended := strings.TrimSuffix(name, "-fixed")
			if other := touched[file]; other != "" && other != mended {
				t.Errorf("%s and %s both touch %s", name, other, file)
			}
			touched[file] = mended
		}
	}
	if _, _, err := examples.Change("nonesuch"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Change of an unknown name: %v", err)
	}
}
