package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/infer"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/scaffold"
	"github.com/tamerhq/tamer/internal/schema"
)

// A resembling is a type that is like a new one.
type resembling struct {
	Type string `json:"type"`
	Why  string `json:"why"`
}

// resembles is how alike two schemas are, from 0 to 1, of which people are told; see schema.Likeness.
const resembles = 0.3

// newType begins a type: with a draft from its configs, where there are some, else with a schema to fill in.
func newType(c *catalog.Catalog, typ string, done *created) ([]scaffold.File, error) {
	if at := c.SchemaPath(typ); at != "" {
		return nil, fmt.Errorf("the type %q has a schema already: %s", typ, at)
	}
	paths := c.Policy.Layout.SchemaPaths(typ)
	if len(paths) == 0 {
		return nil, fmt.Errorf("the layout has no place for the schema of a type %q: choose another name, or change layout in %s", typ, policy.Path)
	}
	drafts, err := infer.Schemas(c, document.Limits{})
	if err != nil {
		return nil, err
	}
	file, drafted := scaffold.File{Path: paths[0], Text: skeleton(typ)}, false
	for _, d := range drafts {
		if d.Type == typ {
			file, drafted = scaffold.File{Path: d.Path, Text: d.Text}, true
		}
	}
	files, err := c.Find(policy.Query{Kind: policy.Schema})
	if err != nil {
		return nil, err
	}
	own, _ := schema.NewSet(fstest.MapFS{file.Path: {Data: file.Text}}).Compile(file.Path)
	for _, f := range files {
		if why := likeIt(c, typ, f.Type, own, drafted); why != "" {
			done.Resemble = append(done.Resemble, resembling{f.Type, why})
		}
	}
	return []scaffold.File{file}, nil
}

// likeIt tells why a type that is there is like a new one; "" where it is not.
func likeIt(c *catalog.Catalog, typ, other string, own *schema.Schema, drafted bool) string {
	if drafted && own != nil {
		if known := c.SchemaOf(other); known != nil {
			if share, shared := schema.Likeness(own, known); share >= resembles {
				return fmt.Sprintf("both have %s", strings.Join(shared[:min(len(shared), 5)], ", "))
			}
		}
	}
	if _, ok := near.Name(typ, []string{other}); ok {
		return "it has nearly the same name"
	}
	a, b := wordsOf(typ), wordsOf(other)
	if slices.ContainsFunc(a, func(word string) bool { return slices.Contains(b, word) }) {
		return "their names share a word"
	}
	return ""
}

func wordsOf(typ string) []string {
	var all []string
	for _, word := range strings.FieldsFunc(strings.ToLower(typ), func(r rune) bool { return strings.ContainsRune("-_./ ", r) }) {
		if word = strings.TrimSuffix(word, "s"); len(word) > 2 {
			all = append(all, word)
		}
	}
	return all
}

func skeleton(typ string) []byte {
	return fmt.Appendf(nil, `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": %q,
  "description": "Say here what this is, and which service reads it.",
  "x-tamer-owners": [],
  "type": "object",
  "additionalProperties": false,
  "required": [],
  "properties": {}
}
`, typ)
}

// unknownCustomer says that there is no such customer, and who may be meant.
func unknownCustomer(c *catalog.Catalog, name string) error {
	files, err := c.Find(policy.Query{Kind: policy.Config})
	if err != nil {
		return err
	}
	var known []string
	for _, f := range files {
		known = append(known, f.Customer)
	}
	slices.Sort(known)
	meant, _ := near.Name(name, slices.Compact(known))
	return fmt.Errorf("there is no customer %q%s", name, guessed(meant))
}
