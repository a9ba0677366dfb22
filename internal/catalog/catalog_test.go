package catalog

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

// What a change makes worth judging.
func TestScope(t *testing.T) {
	base := map[string]string{
		"schemas/plan.schema.json":    `{"$ref":"parts/money.json"}`,
		"schemas/invoice.schema.json": `{"$ref":"../shared/plan.yaml"}`,
		"schemas/lone.schema.json":    `{}`,
		"schemas/broken.schema.json":  `{"$ref":"parts/later.json"}`,
		"schemas/parts/money.json":    `{"type":"object"}`,
		"shared/plan.yaml":            "{}",
		"customers/acme/plan.yaml":    "{}",
	}
	for name, c := range map[string]struct {
		change map[string]string // "" removes
		want   Scope
	}{
		"a config":                   {map[string]string{"customers/acme/plan.yaml": "a: 1"}, Scope{Customers: []string{"acme"}}},
		"a config that is removed":   {map[string]string{"customers/acme/plan.yaml": ""}, Scope{Customers: []string{"acme"}}},
		"two configs of one":         {map[string]string{"customers/acme/a.yaml": "x", "customers/acme/b.yaml": "x"}, Scope{Customers: []string{"acme"}}},
		"a shared config":            {map[string]string{"shared/lone.yaml": "x"}, Scope{Shared: true}},
		"a schema":                   {map[string]string{"schemas/lone.schema.json": "true"}, Scope{Types: []string{"lone"}, Schemas: []string{"schemas/lone.schema.json"}}},
		"a schema that is removed":   {map[string]string{"schemas/lone.schema.json": ""}, Scope{Types: []string{"lone"}, Schemas: []string{"schemas/lone.schema.json"}}},
		"a part of a schema":         {map[string]string{"schemas/parts/money.json": "true"}, Scope{Types: []string{"plan"}, Schemas: []string{"schemas/plan.schema.json"}}},
		"a part that is removed":     {map[string]string{"schemas/parts/money.json": ""}, Scope{Types: []string{"plan"}, Schemas: []string{"schemas/plan.schema.json"}}},
		"a part that was missing":    {map[string]string{"schemas/parts/later.json": "true"}, Scope{Types: []string{"broken"}, Schemas: []string{"schemas/broken.schema.json"}}},
		"a shared config, as a part": {map[string]string{"shared/plan.yaml": "true"}, Scope{Types: []string{"invoice"}, Shared: true, Schemas: []string{"schemas/invoice.schema.json"}}},
		"something else":             {map[string]string{"README.md": "x", "customers/acme/sub/plan.yaml": "x"}, Scope{}},
	} {
		t.Run(name, func(t *testing.T) {
			head := maps.Clone(base)
			var changes []forge.Change
			for path, text := range c.change {
				head[path] = text
				kind := forge.Modified
				if text == "" {
					delete(head, path)
					kind = forge.Removed
				}
				changes = append(changes, forge.Change{Path: path, Kind: kind})
			}
			got, err := New(tree(head), policy.Default()).Scope(New(tree(base), policy.Default()), changes)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func tree(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

// Of several files for the schema of a type the first pattern counts, and a directory is none.
func TestSchemaPath(t *testing.T) {
	c := New(tree(map[string]string{
		"schemas/plan.schema.json": "{}", "schemas/plan.schema.yaml": "{}", "schemas/invoice.schema.yaml": "{}", "schemas/odd.schema.json/x": "{}",
	}), policy.Default())
	for typ, want := range map[string]string{"plan": "schemas/plan.schema.json", "invoice": "schemas/invoice.schema.yaml", "odd": "", "none": ""} {
		if got := c.SchemaPath(typ); got != want {
			t.Errorf("the schema of %s is at %q, want %q", typ, got, want)
		}
	}
}

// Files are given once each, by path, also where two patterns cover them.
func TestFind(t *testing.T) {
	p, found := policy.Parse([]byte(`layout: {configs: ["c/{customer}/{type}.yaml", "c/{customer...}/{type}.yaml"]}`))
	if p == nil {
		t.Fatal(found)
	}
	files, err := New(tree(map[string]string{"c/b/x.yaml": "", "c/a/x.yaml": "", "c/a/b/x.yaml": "", "c/x.yaml": ""}), p).Find(policy.Query{Kind: policy.Config})
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	if want := []string{"c/a/b/x.yaml", "c/a/x.yaml", "c/b/x.yaml"}; !slices.Equal(paths, want) {
		t.Errorf("got %q, want %q", paths, want)
	}
}
