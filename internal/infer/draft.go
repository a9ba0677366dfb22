package infer

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/policy"
)

// A Draft is a schema for a type that has none.
type Draft struct {
	Type   string
	Path   string // where it is to be written
	Text   []byte // JSON
	Files  int    // it was made of
	Unread []string
	Keys   []string // lists whose items are identified, as "PATH by PROPERTY"
	Refs   []Reference
}

// Schemas drafts a schema for each type of the tree that has none, in the order of their names. Files that cannot be read are left
// out, and named. The error is that of reading the tree.
func Schemas(c *catalog.Catalog, limits document.Limits) ([]Draft, error) {
	configs, err := c.Configs()
	if err != nil {
		return nil, err
	}
	byType := map[string][]policy.File{}
	for _, f := range configs {
		byType[f.Type] = append(byType[f.Type], f)
	}
	d := drafting{catalog: c, limits: limits}
	for _, typ := range sortedKeys(byType) {
		if err := d.study(typ, byType[typ]); err != nil {
			return nil, err
		}
	}
	return d.drafts(), nil
}

// A drafting goes through the types one by one; of their values it keeps only what may refer, or be referred to.
type drafting struct {
	catalog *catalog.Catalog
	limits  document.Limits
	types   []*studied
	lists   []*identity
	places  []*place
}

// A studied is what was found out about one type.
type studied struct {
	draft Draft
	shape *shape
	known bool // it has a schema
}

func (d *drafting) study(typ string, files []policy.File) error {
	s := &studied{draft: Draft{Type: typ}, known: d.catalog.SchemaPath(typ) != ""}
	values := map[string][]any{} // by customer
	var all []any
	for _, f := range files {
		src, err := fs.ReadFile(d.catalog.Tree, f.Path)
		if err != nil {
			return fmt.Errorf("read %s: %w", f.Path, err)
		}
		docs, found := document.Parse(src, d.limits)
		if len(found) > 0 {
			s.draft.Unread = append(s.draft.Unread, f.Path)
			continue
		}
		s.draft.Files++
		for _, doc := range docs {
			values[f.Customer] = append(values[f.Customer], doc.Value)
			all = append(all, doc.Value)
		}
	}
	shared := len(files) > 0 && files[0].Kind == policy.Shared
	s.shape = shapeOf(all)
	d.types = append(d.types, s)
	d.collect(typ, shared, s, values)
	return nil
}

// shapeOf looks at values twice: first for what tells kinds of mappings apart, then by kind.
func shapeOf(values []any) *shape {
	first := newShape("", nil)
	for _, v := range values {
		first.add(v)
	}
	plan := map[string]*shape{}
	first.decisions(plan)
	if len(plan) == 0 {
		return first
	}
	second := newShape("", plan)
	for _, v := range values {
		second.add(v)
	}
	return second
}

// collect keeps the texts of a type that identify something, and those that may refer.
func (d *drafting) collect(typ string, shared bool, s *studied, values map[string][]any) {
	lists, places := map[string]bool{}, map[string]bool{}
	s.shape.identities(lists)
	s.shape.mayRefer(places)
	identities, referring := map[string]*identity{}, map[string]*place{}
	for _, path := range sortedKeys(lists) {
		identities[path] = &identity{typ: typ, path: path, list: listOf(path), shared: shared, of: map[string]map[string]bool{}}
		d.lists = append(d.lists, identities[path])
	}
	for _, path := range sortedKeys(places) {
		if lists[path] || s.known {
			continue
		}
		referring[path] = &place{typ: typ, path: path, few: places[path], of: map[string]map[string]bool{}}
		d.places = append(d.places, referring[path])
	}
	for customer, docs := range values {
		for _, v := range docs {
			texts(v, "", identities, func(path, text string) { note(identities[path].of, customer, text, &identities[path].total) })
			texts(v, "", referring, func(path, text string) { note(referring[path].of, customer, text, &referring[path].total) })
		}
	}
}

func note(of map[string]map[string]bool, customer, text string, total *int) {
	if of[customer] == nil {
		of[customer] = map[string]bool{}
	}
	if !of[customer][text] {
		of[customer][text] = true
		*total++
	}
}

func (d *drafting) drafts() []Draft {
	refs := map[string]map[string]Reference{}
	for _, p := range d.places {
		if r := p.referTo(d.lists); r != nil {
			if refs[p.typ] == nil {
				refs[p.typ] = map[string]Reference{}
			}
			refs[p.typ][p.path] = *r
		}
	}
	var all []Draft
	for _, s := range d.types {
		if s.known || s.shape.n == 0 {
			continue
		}
		draft := s.draft
		paths := d.catalog.Policy.Layout.SchemaPaths(draft.Type)
		if len(paths) == 0 {
			continue
		}
		draft.Path = paths[0]
		o := object{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title(draft.Type)},
			{"description", fmt.Sprintf("A draft, made from %d files by tamer init: all of them fit. Say here what this is, and widen what is too narrow.", draft.Files)}}
		draft.Text = []byte(text(append(o, s.shape.schema(refs[draft.Type])...), "") + "\n")
		draft.Keys = s.shape.keyed(nil)
		for _, path := range sortedKeys(refs[draft.Type]) {
			draft.Refs = append(draft.Refs, refs[draft.Type][path])
		}
		all = append(all, draft)
	}
	return all
}

// keyed names the lists whose items are identified.
func (s *shape) keyed(all []string) []string {
	if key := s.key(); key != "" {
		all = append(all, s.path+" by "+key)
	}
	s.below(func(below *shape) { all = below.keyed(all) })
	slices.Sort(all)
	return slices.Compact(all)
}

func title(typ string) string {
	words := strings.FieldsFunc(typ, func(r rune) bool { return r == '-' || r == '_' || r == '/' || r == '.' })
	text := strings.Join(words, " ")
	if text == "" {
		return typ
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
