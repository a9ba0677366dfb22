package schema

import (
	"maps"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// Effective gives the value of a document as a reader sees it who takes the schema's defaults for what is absent: properties of
// mappings that are there, and what defaults themselves leave out. The document's value is not changed, and comes back
// as it is where nothing is filled in. The findings are those of Walk.
func (s *Schema) Effective(doc *document.Document) (any, []finding.Finding) {
	if !s.Carries(WithWords) {
		return doc.Value, nil
	}
	e, err := s.engines.take()
	if err != nil {
		return doc.Value, []finding.Finding{unjudged(doc, err)}
	}
	w := &walker{schema: s, engine: e, marks: e.marksOf(s, WithWords), wanted: WithWords}
	full := doc.Value
	err = e.within(4, doc.Value, func() error { full = w.filled(doc.Value, []*jsonschema.Schema{e.plain}); return nil })
	s.engines.put(e)
	if err != nil {
		return doc.Value, []finding.Finding{unjudged(doc, err)}
	}
	return full, nil
}

// filled gives a value to which schemas apply, with the defaults of what is absent in it.
func (w *walker) filled(v any, schemas []*jsonschema.Schema) any {
	applied := w.applied(v, schemas, w.carries)
	switch v := v.(type) {
	case map[string]any:
		return w.filledMapping(v, applied)
	case []any:
		full := make([]any, len(v))
		for i, item := range v {
			below := w.ofItem(i, applied)
			if full[i] = item; len(below) > 0 {
				full[i] = w.filled(item, below)
			}
		}
		return full
	}
	return v
}

func (w *walker) filledMapping(m map[string]any, applied []*jsonschema.Schema) any {
	full := maps.Clone(m)
	if full == nil {
		full = map[string]any{}
	}
	for _, name := range w.names(m, applied) {
		if below := w.ofProperty(name, applied); len(below) > 0 {
			full[name] = w.filled(m[name], below)
		}
	}
	for _, s := range applied {
		for _, name := range w.marks[s].names {
			w.spend(1)
			if _, has := full[name]; has {
				continue
			}
			if def, ok := w.defaultOf(s.Properties[name]); ok {
				full[name] = w.filled(def, []*jsonschema.Schema{s.Properties[name]})
			}
		}
	}
	return full
}

// defaultOf is the default of a property: its own, or that of what it refers to.
func (w *walker) defaultOf(s *jsonschema.Schema) (any, bool) {
	for s != nil && w.carries(s) {
		w.spend(1)
		if k := w.marks[s].own; k != nil && k.HasDefault {
			return k.Default, true
		}
		s = s.Ref
	}
	return nil, false
}

// ofProperty gives the marked schemas that apply to the property of a name.
func (w *walker) ofProperty(name string, applied []*jsonschema.Schema) []*jsonschema.Schema {
	var below []*jsonschema.Schema
	for _, s := range applied {
		w.spend(1)
		below = append(below, w.schemasOf(s, name)...)
	}
	return below
}

// ofItem gives the marked schemas that apply to the i-th item by its place.
func (w *walker) ofItem(i int, applied []*jsonschema.Schema) []*jsonschema.Schema {
	var below []*jsonschema.Schema
	for _, s := range applied {
		w.spend(1)
		for _, item := range itemSchemas(s, i) {
			if w.carries(item) {
				below = append(below, item)
			}
		}
	}
	return below
}
