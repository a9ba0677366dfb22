// Package manual writes the handbook of a configuration repository: each type with its properties, examples and who uses it, as its
// schema says.
package manual

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/evolution"
	"github.com/tamerhq/tamer/internal/policy"
)

// A Type is what people need to know of one.
type Type struct {
	Name        string     `json:"type"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Schema      string     `json:"schema"` // path of its file
	Owners      []string   `json:"owners"`
	Deprecated  string     `json:"deprecated"` // "" where it is not
	Customers   []string   `json:"customers"`  // who have a config of it
	Shared      bool       `json:"shared"`
	Consumers   []string   `json:"consumers"` // services that read it, as consumers/ says
	Referrers   []string   `json:"referrers"` // "TYPE PATH" of what refers to it
	Properties  []Property `json:"properties"`
	Examples    []string   `json:"examples"` // of a whole config, as YAML or JSON in the schema
	refs        []reference
}

// A Property is one place in a config.
type Property struct {
	Path       string   `json:"path"` // * stands for every item or property
	What       string   `json:"what"` // the values that are allowed, in words
	Title      string   `json:"title"`
	Required   bool     `json:"required"`
	Default    string   `json:"default"`
	Examples   []string `json:"examples"`
	RefersTo   string   `json:"refers_to"` // "TYPE PATH"
	Deprecated string   `json:"deprecated"`
}

type reference struct{ from, to, path string }

// Types reads all types of a tree that have a schema, in the order of their names. A schema that cannot be read is left out, and its
// path is in unread. The error is that of reading the tree.
func Types(c *catalog.Catalog) (types []Type, unread []string, err error) {
	schemas, err := c.Find(policy.Query{Kind: policy.Schema})
	if err != nil {
		return nil, nil, err
	}
	configs, err := c.Configs()
	if err != nil {
		return nil, nil, err
	}
	readers, err := consumers(c)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range schemas {
		if c.SchemaPath(f.Type) != f.Path {
			continue
		}
		t, ok, err := typeOf(c, f)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			unread = append(unread, f.Path)
			continue
		}
		t.Consumers = append(t.Consumers, readers[f.Type]...)
		for _, config := range configs {
			switch {
			case config.Type != f.Type:
			case config.Kind == policy.Shared:
				t.Shared = true
			default:
				t.Customers = append(t.Customers, config.Customer)
			}
		}
		t.Customers = slices.Compact(slices.Sorted(slices.Values(t.Customers)))
		types = append(types, t)
	}
	slices.SortFunc(types, func(a, b Type) int { return cmp.Compare(a.Name, b.Name) })
	referrers(types)
	return types, unread, nil
}

func referrers(types []Type) {
	for _, from := range types {
		for _, r := range from.refs {
			for i := range types {
				if types[i].Name == r.to {
					types[i].Referrers = append(types[i].Referrers, from.Name+" "+r.from)
				}
			}
		}
	}
}

// consumers gives the services by the types that they read. What is wrong with one is told by tamer check.
func consumers(c *catalog.Catalog) (map[string][]string, error) {
	all, _, err := evolution.Consumers(c)
	if err != nil {
		return nil, err
	}
	by := map[string][]string{}
	for _, s := range all {
		name := s.Name
		if s.Owner != "" {
			name += " (" + s.Owner + ")"
		}
		for _, one := range s.Reads {
			if !slices.Contains(by[one.Type], name) {
				by[one.Type] = append(by[one.Type], name)
			}
		}
	}
	return by, nil
}

func typeOf(c *catalog.Catalog, f policy.File) (Type, bool, error) {
	src, err := fs.ReadFile(c.Tree, f.Path)
	if err != nil {
		return Type{}, false, fmt.Errorf("read %s: %w", f.Path, err)
	}
	docs, found := document.Parse(src, document.Limits{})
	if len(found) > 0 || len(docs) != 1 {
		return Type{}, false, nil
	}
	root := object(docs[0].Value)
	t := Type{Name: f.Type, Title: cmp.Or(words(root["title"]), f.Type), Description: words(root["description"]), Schema: f.Path, Deprecated: deprecated(root),
		Owners: []string{}, Customers: []string{}, Consumers: []string{}, Referrers: []string{}, Properties: []Property{}, Examples: []string{}}
	for _, owner := range list(root["x-tamer-owners"]) {
		t.Owners = append(t.Owners, words(owner))
	}
	r := reader{doc: docs[0], out: &t, open: map[string]bool{}, within: secret(root)}
	r.veil = r.veilOf(c.SchemaOf(f.Type))
	for _, example := range list(root["examples"]) {
		if text, may := r.veil.shown(example); may && !r.within {
			t.Examples = append(t.Examples, text)
		}
	}
	r.read(nil, "", 0)
	return t, true, nil
}

func object(v any) map[string]any { m, _ := v.(map[string]any); return m }
func list(v any) []any            { l, _ := v.([]any); return l }
func words(v any) string          { s, _ := v.(string); return strings.TrimSpace(s) }

func deprecated(m map[string]any) string {
	if d := object(m["x-tamer-deprecated"]); d != nil {
		text := "since " + words(d["since"])
		if use := words(d["use"]); use != "" {
			text += ", use " + use
		}
		return text
	}
	if m["deprecated"] == true {
		return "yes"
	}
	return ""
}
