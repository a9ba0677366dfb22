package validate_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/validate"
)

// wide writes a repository of many customers, each of which refers to one of ten shared markets. In head one market is less.
func wide(tb testing.TB, customers int) (base, head fs.FS, changes []forge.Change) {
	tb.Helper()
	write := func(dir, name, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	dir := tb.TempDir()
	write(dir, "schemas/branding.schema.json", `{"properties":{"market":{"x-tamer-ref":{"type":"markets","path":"/markets/*/code","scope":"shared"}}}}`)
	write(dir, "schemas/markets.schema.json", `{"properties":{"markets":{"items":{"properties":{"code":{"type":"string"}}}}}}`)
	was, is := "markets:\n", "markets:\n"
	for m := range 10 {
		line := fmt.Sprintf("  - code: m%d\n", m)
		if was += line; m != 7 {
			is += line
		}
	}
	write(dir, "shared/markets.yaml", is)
	write(dir, "before/shared/markets.yaml", was)
	for c := range customers {
		write(dir, fmt.Sprintf("customers/c%05d/branding.yaml", c), fmt.Sprintf("name: Customer %d\nmarket: m%d\n", c, c%10))
	}
	head = os.DirFS(dir)
	base = instead{head, map[string]string{"shared/markets.yaml": "before/shared/markets.yaml"}}
	return base, head, []forge.Change{{Path: "shared/markets.yaml", Kind: forge.Modified}}
}

// An instead is a tree in which some files have the content of others.
type instead struct {
	fs.FS
	of map[string]string
}

func (t instead) Open(name string) (fs.File, error) {
	if other, ok := t.of[name]; ok {
		name = other
	}
	return t.FS.Open(name)
}

// Whoever refers to a shared value that is removed is named: at the place of each, and at the place where the value was.
func TestRemovedSharedValue(t *testing.T) {
	base, head, changes := wide(t, 1000)
	r, err := validate.Tree(head, validate.Options{Base: base, Changes: changes})
	if err != nil {
		t.Fatal(err)
	}
	var at, cause []finding.Finding
	for _, f := range r.Findings {
		switch f.Rule {
		case "reference":
			at = append(at, f)
		case "reference-removed":
			cause = append(cause, f)
		default:
			t.Errorf("%+v", f)
		}
	}
	if len(at) != 100 || len(cause) != 1 || len(cause[0].Related) != 100 || len(r.Customers) != 100 {
		t.Fatalf("%d places, %d causes, %d customers", len(at), len(cause), len(r.Customers))
	}
	if f := at[42]; f.File != "customers/c00427/branding.yaml" || f.At.Start.Line != 2 || len(f.Related) != 1 || f.Related[0].File != "shared/markets.yaml" {
		t.Errorf("%+v", f)
	}
}

// From 30,000 customers, 3,000 of whom refer to what is removed, to the verdict: without a cache, so every file is read and judged.
func BenchmarkRemovedSharedValue(b *testing.B) {
	base, head, changes := wide(b, 30_000)
	for b.Loop() {
		r, err := validate.Tree(head, validate.Options{Base: base, Changes: changes})
		if err != nil || len(r.Findings) != 3001 {
			b.Fatal(len(r.Findings), err)
		}
	}
}
