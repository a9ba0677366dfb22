package policy

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// What a path is, by one pattern for configs.
func TestRead(t *testing.T) {
	for _, c := range []struct{ pattern, path, customer, typ string }{
		{"customers/{customer}/{type}.yaml", "customers/acme/plan.yaml", "acme", "plan"},
		{"customers/{customer}/{type}.yaml", "customers/ACME/Plan.yaml", "ACME", "Plan"},
		{"customers/{customer}/{type}.yaml", "customers/acme/plan.v2.yaml", "acme", "plan.v2"},
		{"customers/{customer}/{type}.yaml", "customers/ä b/pl\nan.yaml", "ä b", "pl\nan"},
		{"customers/{customer}/{type}.yaml", "customers/{type}/{customer}.yaml", "{type}", "{customer}"},
		{"customers/{customer}/{type}.yaml", "customers/acme/sub/plan.yaml", "", ""},
		{"customers/{customer}/{type}.yaml", "customers/acme/.yaml", "", ""},
		{"customers/{customer}/{type}.yaml", "customers/acme/planxyaml", "", ""},
		{"customers/{customer}/{type}.yaml", "other/acme/plan.yaml", "", ""},
		{"pkgs/{customer...}/{type}.yaml", "pkgs/owner/repo/registry.yaml", "owner/repo", "registry"},
		{"pkgs/{customer...}/{type}.yaml", "pkgs/repo/registry.yaml", "repo", "registry"},
		{"pkgs/{customer...}/{type}.yaml", "pkgs/registry.yaml", "", ""},
		{"c/{customer}/{type...}.yaml", "c/acme/a/b.yaml", "acme", "a/b"},
		{"{customer}-{type}.yaml", "a-b-c.yaml", "a-b", "c"},
		{"x/c-{customer...}-z/{type}.json", "x/c-a/b-z/t.json", "a/b", "t"},
		{"{type}/{customer}", "plan/acme", "acme", "plan"},
		{"a+b/(c)/{customer}/[{type}].yaml", "a+b/(c)/acme/[plan].yaml", "acme", "plan"},
		{"a+b/(c)/{customer}/[{type}].yaml", "aab/c/acme/p.yaml", "", ""},
	} {
		p, err := compilePattern(Config, c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		got := Layout{patterns: []pattern{p}}.Read(c.path)
		if got.Customer != c.customer || got.Type != c.typ || (got.Kind == Config) != (c.typ != "") {
			t.Errorf("%s reads %q as customer %q and type %q, want %q and %q", c.pattern, c.path, got.Customer, got.Type, c.customer, c.typ)
		}
	}
}

// A path at which Read sees something else is no place for a schema.
func TestSchemaPaths(t *testing.T) {
	l := layoutOf(t, map[Kind][]string{Schema: {"schemas/{type}.json", "schemas/{type}.schema.json", "more/{type...}.json"}})
	for typ, want := range map[string][]string{
		"plan":        {"schemas/plan.json", "more/plan.json"},
		"plan.schema": {"schemas/plan.schema.json", "more/plan.schema.json"},
		"a/b":         {"more/a/b.json"},
	} {
		got := l.SchemaPaths(typ)
		got = slices.DeleteFunc(got, func(p string) bool { return p == "schemas/plan.schema.schema.json" })
		if !slices.Equal(got, want) {
			t.Errorf("the schema of %q may stand at %q, want %q", typ, got, want)
		}
	}
}

func layoutOf(t testing.TB, lines map[Kind][]string) Layout {
	t.Helper()
	var l Layout
	for _, kind := range []Kind{Schema, Shared, Config, Consumer} {
		for _, text := range lines[kind] {
			p, err := compilePattern(kind, text)
			if err != nil {
				t.Fatal(err)
			}
			l.patterns = append(l.patterns, p)
		}
	}
	return l
}

// Find gives exactly the files that Read takes for what is asked for: over random trees, layouts and questions.
func TestFindAgreesWithRead(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	layouts := []map[Kind][]string{
		{Config: {"customers/{customer}/{type}.yaml"}, Shared: {"shared/{type}.yaml"}, Schema: {"s/{type}.json", "s/{type}.x.json"}},
		{Config: {"a/{customer...}/{type}.yaml"}, Shared: {"a/{type}.yaml"}},
		{Config: {"{customer}/{type...}.yaml", "{customer}/x/{type}.json"}},
		{Config: {"a/{customer}-{type}.yaml", "{type}/{customer}.yaml"}},
		{Config: {"a-{customer...}-x/{type}.yaml"}},
		{Config: {"{customer...}/{type...}"}, Shared: {"x/{type...}.json"}},
	}
	for i := range 240 {
		l := layoutOf(t, layouts[i%len(layouts)])
		paths := randomPaths(rnd, 30)
		tree := fstest.MapFS{}
		for _, p := range paths {
			tree[p] = &fstest.MapFile{}
		}
		questions := []Query{{Kind: Config}, {Kind: Shared}, {Kind: Schema}}
		for _, p := range paths {
			f := l.Read(p)
			questions = append(questions, Query{Kind: f.Kind, Customer: f.Customer}, Query{Kind: f.Kind, Type: f.Type},
				Query{Kind: f.Kind, Customer: f.Customer, Type: f.Type})
		}
		for _, q := range questions {
			if q.Kind == Other {
				continue
			}
			var want []string
			for _, p := range paths {
				if f := l.Read(p); f.Kind == q.Kind && (q.Customer == "" || f.Customer == q.Customer) && (q.Type == "" || f.Type == q.Type) {
					want = append(want, p)
				}
			}
			if got := found(t, l, tree, q); !slices.Equal(got, want) {
				t.Fatalf("layout %v: %+v\ngives %q\nwant  %q", layouts[i%len(layouts)], q, got, want)
			}
		}
	}
}

func found(t testing.TB, l Layout, tree fs.FS, q Query) []string {
	t.Helper()
	names := map[string]bool{}
	if err := l.Find(tree, q, func(f File) bool { names[f.Path] = true; return true }); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(names))
}

// What looks as if it were meant for a pattern is found beside what the patterns cover, wherever Near says that it does.
func TestFindGivesWhatLiesBeside(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	layouts := []map[Kind][]string{
		{Config: {"customers/{customer}/{type}.yaml"}, Shared: {"shared/{type}.yaml"}, Schema: {"s/{type}.json", "s/{type}.x.json"}},
		{Config: {"customers/a/{customer...}/{type}.yaml"}, Shared: {"a/{type}.yaml"}},
		{Config: {"customers/{customer}/x/{type}.json", "customers/{customer}/{type}.p.json"}},
		{Config: {"shared/{customer}-{type}.yaml", "{type}/{customer}.yaml"}},
		{Config: {"a-{customer}/{type}.yaml"}, Consumer: {"shared/customers/{consumer}.yaml"}},
	}
	missed := 0
	for i := range 300 {
		l := layoutOf(t, layouts[i%len(layouts)])
		tree := fstest.MapFS{}
		paths := randomPaths(rnd, 30)
		for _, p := range paths {
			tree[p] = &fstest.MapFile{}
		}
		beside := map[string]bool{}
		for _, kind := range []Kind{Config, Shared, Schema, Consumer} {
			for _, p := range found(t, l, tree, Query{Kind: kind, Beside: true}) {
				switch f := l.Read(p); {
				case f.Kind == Other:
					beside[p] = true
				case f.Kind != kind:
					t.Fatalf("layout %v: %s is no file of the kind %d", layouts[i%len(layouts)], p, kind)
				}
			}
		}
		for _, p := range paths {
			if _, pattern := l.Near(p); l.Read(p).Kind != Other || pattern == "" {
				continue
			}
			if missed++; !beside[p] {
				t.Fatalf("layout %v: %s is not found beside", layouts[i%len(layouts)], p)
			}
		}
	}
	if missed < 300 {
		t.Errorf("only %d of the paths look like others", missed)
	}
}

// randomPaths gives paths none of which is a directory of another, sorted.
func randomPaths(rnd *rand.Rand, n int) []string {
	names := []string{"customers", "Customers", "shared", "share", "s", "a", "x", "plan.yaml", "plan.json", "plan.YML", "a-b.yaml", "a-x", "b-x", "{type}", "{customer}.yaml", "a\x01b", "n\nl.yaml", "p.x.json", ".yaml", "é ü.yaml"}
	files, dirs := map[string]bool{}, map[string]bool{}
	for range n {
		parts := make([]string, 1+rnd.IntN(4))
		for i := range parts {
			parts[i] = names[rnd.IntN(len(names))]
		}
		p := strings.Join(parts, "/")
		below := false
		for i := 1; i < len(parts); i++ {
			below = below || files[strings.Join(parts[:i], "/")]
		}
		if below || dirs[p] {
			continue
		}
		files[p] = true
		for i := 1; i < len(parts); i++ {
			dirs[strings.Join(parts[:i], "/")] = true
		}
	}
	return slices.Sorted(maps.Keys(files))
}

// Find looks at names only: a file where a directory is expected holds nothing, and a link on the way is not followed.
func TestFindGoesThroughDirectoriesOnly(t *testing.T) {
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(dir, "real", "acme"), 0o755))
	must(os.WriteFile(filepath.Join(dir, "real", "acme", "plan.yaml"), nil, 0o644))
	must(os.WriteFile(filepath.Join(dir, "shared"), nil, 0o644))
	must(os.Symlink("real", filepath.Join(dir, "customers")))
	l := layoutOf(t, map[Kind][]string{Config: {"customers/{customer}/{type}.yaml"}, Shared: {"shared/{type}.yaml"}})
	for _, q := range []Query{{Kind: Config}, {Kind: Config, Customer: "acme"}, {Kind: Config, Customer: "acme", Type: "plan"}, {Kind: Shared}, {Kind: Shared, Type: "x"}} {
		if got := found(t, l, os.DirFS(dir), q); len(got) > 0 {
			t.Errorf("%+v gives %q", q, got)
		}
	}
}

// A directory that cannot be opened, because no path in Go is other than UTF-8, is given itself.
func TestFindGivesDirectoriesThatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "customers", "a\xff"), 0o755); err != nil {
		t.Skip("no such names here:", err)
	}
	l := layoutOf(t, map[Kind][]string{Config: {"customers/{customer}/{type}.yaml"}})
	for _, q := range []Query{{Kind: Config}, {Kind: Config, Customer: "a\xff"}} {
		if got := found(t, l, os.DirFS(dir), q); !slices.Equal(got, []string{"customers/a\xff"}) {
			t.Errorf("%+v gives %q", q, got)
		}
	}
}

// A pattern that is taken compiles once and for all: it never panics, and reads back what is put into its placeholders.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{"customers/{customer}/{type}.yaml", "{customer...}/{type}", "a/{type}{customer}", "{", "}{", "{type...}", "/{type}", "(?P<x>{type})/{customer}"} {
		f.Add(s, "acme", "plan")
	}
	f.Fuzz(func(t *testing.T, text, customer, typ string) {
		for _, kind := range []Kind{Config, Shared, Schema} {
			p, err := compilePattern(kind, text)
			if err != nil {
				if len(err.Error()) == 0 || strings.Contains(err.Error(), "regexp") {
					t.Errorf("%q: %v", text, err)
				}
				continue
			}
			l := Layout{patterns: []pattern{p}}
			name := strings.NewReplacer("{customer}", customer, "{customer...}", customer, "{type}", typ, "{type...}", typ).Replace(text)
			got := l.Read(name)
			if !fs.ValidPath(name) || len(name) > 200 || got.Kind == Other {
				continue
			}
			if names := found(t, l, fstest.MapFS{name: {}}, Query{Kind: kind, Customer: got.Customer, Type: got.Type}); !slices.Contains(names, name) {
				t.Errorf("%q: %s is read as %+v and not found", text, fmt.Sprintf("%q", name), got)
			}
		}
	})
}
