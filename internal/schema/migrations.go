package schema

import (
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// A Migration is a value, or a property that is absent, of which the schema says what becomes of earlier configuration.
type Migration struct {
	Tokens   []string // where it stands, or would stand
	There    bool
	Value    any
	Required bool // absent, and asked for
	*Keywords
}

// maxAbsent bounds how deep in a document properties of mappings are looked for that are absent themselves.
const maxAbsent = 16

// Migrations visits the values of a document, and the absent properties of its mappings, to which keywords of migration or defaults
// apply, in no particular order. The findings are those of Walk.
func (s *Schema) Migrations(doc *document.Document, visit func(Migration)) []finding.Finding {
	wanted := WithMigration | WithWords
	if !s.Carries(wanted) {
		return nil
	}
	e, err := s.engines.take()
	if err != nil {
		return []finding.Finding{unjudged(doc, err)}
	}
	w := &migrator{walker: &walker{schema: s, engine: e, marks: e.marksOf(s, wanted), wanted: wanted}, moving: e.marksOf(s, WithMigration)}
	err = e.within(4, doc.Value, func() error {
		w.present(doc.Value, nil, []*jsonschema.Schema{e.plain})
		return nil
	})
	s.engines.put(e)
	if err != nil {
		return []finding.Finding{unjudged(doc, err)}
	}
	for _, m := range w.found {
		visit(m)
	}
	return nil
}

// A migrator goes through one document as a walker does, and further, to what is absent.
type migrator struct {
	*walker
	moving map[*jsonschema.Schema]*mark // what leads to keywords of migration: where there are none, nothing comes from elsewhere
	found  []Migration
}

// note adds what the schemas say of a value.
func (w *migrator) note(m Migration, applied []*jsonschema.Schema) {
	for _, s := range applied {
		if k := w.marks[s].own; k != nil {
			m.Keywords = k
			w.found = append(w.found, m)
		}
	}
}

func (w *migrator) present(v any, tokens []string, schemas []*jsonschema.Schema) {
	applied := w.applied(v, schemas, w.carries)
	w.note(Migration{Tokens: tokens, There: true, Value: v}, applied)
	switch v := v.(type) {
	case map[string]any:
		w.mapping(v, tokens, applied)
	case []any:
		for i, item := range v {
			if below := w.ofItem(i, applied); len(below) > 0 {
				w.present(item, under(tokens, itoa(i)), below)
			}
		}
	}
}

func under(tokens []string, token string) []string {
	return append(tokens[:len(tokens):len(tokens)], token)
}

func (w *migrator) mapping(m map[string]any, tokens []string, applied []*jsonschema.Schema) {
	for _, name := range w.names(m, applied) {
		if below := w.ofProperty(name, applied); len(below) > 0 {
			w.present(m[name], under(tokens, name), below)
		}
	}
	w.missing(m, tokens, applied, nil)
}

// missing visits the properties that a mapping lacks, and theirs, where something may be moved to. within are the schemas that led
// to a mapping which is absent itself.
func (w *migrator) missing(m map[string]any, tokens []string, applied, within []*jsonschema.Schema) {
	absent := map[string][]*jsonschema.Schema{}
	required := map[string]bool{}
	for _, s := range applied {
		w.spend(1 + len(s.Required))
		for _, name := range s.Required {
			required[name] = true
		}
		for _, name := range w.marks[s].names {
			if !has(m, name) {
				absent[name] = append(absent[name], w.schemasOf(s, name)...)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(absent)) {
		at := under(tokens, name)
		below := w.applied(map[string]any{}, absent[name], w.carries)
		w.note(Migration{Tokens: at, Required: required[name] && within == nil}, below)
		below = slices.DeleteFunc(below, func(s *jsonschema.Schema) bool { return w.moving[s] == nil || slices.Contains(within, s) })
		if len(below) > 0 && len(tokens) < maxAbsent {
			w.missing(nil, at, below, slices.Concat(within, below))
		}
	}
}
