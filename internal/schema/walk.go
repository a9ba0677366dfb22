package schema

import (
	"maps"
	"slices"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// Walk visits every value of a document to which keywords of one of the wanted kinds apply: by $ref, by the schemas of properties
// and items, and of alternatives by those that the value satisfies; where it satisfies none, by the one that its author meant, or
// where the only kind is WithSecret by all of them.
// A value is visited once for each object of the schema that has such keywords, and values come in the order of their
// pointers. ofKey tells that the keywords are about the key that is the last token, whose name is the value.
//
// tokens may be kept, and must not be changed. A document for which this would take too much work is not visited at all: the
// findings, which have no File, say so. A schema without such keywords costs nothing.
func (s *Schema) Walk(doc *document.Document, wanted Kind, visit func(tokens []string, ofKey bool, value any, k *Keywords)) []finding.Finding {
	return s.WalkIn(doc, nil, wanted, visit)
}

// A Part is a part of a value: of a mapping what is below some of its keys, each as far as its own Part goes. Nil is all of it.
type Part map[string]Part

// WalkIn is Walk that leaves alone what does not lie in a part of the document.
func (s *Schema) WalkIn(doc *document.Document, part Part, wanted Kind, visit func(tokens []string, ofKey bool, value any, k *Keywords)) []finding.Finding {
	if !s.Carries(wanted) {
		return nil
	}
	e, err := s.engines.take()
	if err != nil {
		return []finding.Finding{unjudged(doc, err)}
	}
	w := &walker{schema: s, engine: e, marks: e.marksOf(s, wanted), wanted: wanted}
	err = e.within(4, doc.Value, func() error { w.value(doc.Value, nil, false, part, []*jsonschema.Schema{e.plain}); return nil })
	s.engines.put(e)
	if err != nil {
		return []finding.Finding{unjudged(doc, err)}
	}
	for _, v := range w.visits {
		visit(v.tokens, v.ofKey, v.value, v.keywords)
	}
	return nil
}

// A walker goes through one document, value by value: for each it knows all the schemas that apply to it. So its work is bounded by
// the number of values times that of schemas, whatever the schemas' alternatives are.
type walker struct {
	schema *Schema
	engine *engine
	marks  map[*jsonschema.Schema]*mark
	wanted Kind
	visits []visited
}

type visited struct {
	tokens   []string
	ofKey    bool
	value    any
	keywords *Keywords
}

// carries tells whether a schema leads to wanted keywords.
func (w *walker) carries(s *jsonschema.Schema) bool { return w.marks[s] != nil }

// spend counts work, and gives up when there is too much.
func (w *walker) spend(n int) {
	work := w.engine.work
	before := work.left
	work.left -= n
	if work.left < 0 || before/64 != work.left/64 && time.Now().After(work.until) {
		panic(tooMuchWork{})
	}
}

// value visits a value to which schemas apply, and what it holds.
func (w *walker) value(v any, tokens []string, ofKey bool, part Part, schemas []*jsonschema.Schema) {
	applied := w.applied(v, schemas, w.carries)
	var own []*Keywords
	for _, s := range applied {
		if k := w.marks[s].own; k != nil && !slices.Contains(own, k) {
			own = append(own, k)
			w.visits = append(w.visits, visited{tokens, ofKey, v, k})
		}
	}
	switch v := v.(type) {
	case map[string]any:
		w.properties(v, tokens, part, applied)
	case []any:
		w.items(v, tokens, applied)
	}
}

// properties visits the keys and values of a mapping, as far as they lie in a part of it.
func (w *walker) properties(m map[string]any, tokens []string, part Part, applied []*jsonschema.Schema) {
	evaluated := map[*jsonschema.Schema]evaluation{}
	for _, name := range w.names(m, applied) {
		within, inside := part[name]
		if part != nil && !inside {
			continue
		}
		below := append(tokens[:len(tokens):len(tokens)], name)
		var keys, values []*jsonschema.Schema
		for _, s := range applied {
			w.spend(1)
			if w.carries(s.PropertyNames) {
				keys = append(keys, s.PropertyNames)
			}
			values = append(values, w.schemasOf(s, name)...)
			if w.carries(s.UnevaluatedProperties) {
				if _, known := evaluated[s]; !known {
					evaluated[s] = w.evaluate(s, m)
				}
				if e := evaluated[s]; !e.all && !e.names[name] {
					values = append(values, s.UnevaluatedProperties)
				}
			}
		}
		if len(keys) > 0 {
			w.value(name, below, true, nil, keys)
		}
		if len(values) > 0 {
			w.value(m[name], below, false, within, values)
		}
	}
}

// names are the sorted keys of a mapping by which the schemas lead to wanted keywords.
func (w *walker) names(m map[string]any, applied []*jsonschema.Schema) []string {
	if slices.ContainsFunc(applied, func(s *jsonschema.Schema) bool { return w.marks[s].anyName }) {
		w.spend(len(m))
		return slices.Sorted(maps.Keys(m))
	}
	var names []string
	for _, s := range applied {
		w.spend(1 + len(w.marks[s].names)/16)
		for _, name := range w.marks[s].names {
			if _, has := m[name]; has {
				names = append(names, name)
			}
		}
	}
	if len(applied) > 1 {
		slices.Sort(names)
		names = slices.Compact(names)
	}
	return names
}

// schemasOf gives the marked schemas that s applies to the property by its name.
func (w *walker) schemasOf(s *jsonschema.Schema, name string) []*jsonschema.Schema {
	var list []*jsonschema.Schema
	m := w.marks[s]
	if p := s.Properties[name]; w.carries(p) {
		list = append(list, p)
	}
	for _, p := range m.patterns {
		if p.matches(name) {
			list = append(list, p.schema)
		}
	}
	if x := extendedOf(s); x != nil && w.carries(x.additional) && !knownByName(s, name) {
		list = append(list, x.additional)
	}
	if additional, ok := s.AdditionalProperties.(*jsonschema.Schema); ok && w.carries(additional) && !knownByName(s, name) {
		list = append(list, additional)
	}
	return list
}

// knownByName tells whether properties or patternProperties of a schema cover a name.
func knownByName(s *jsonschema.Schema, name string) bool {
	if s.Properties[name] != nil {
		return true
	}
	for re := range s.PatternProperties {
		if re.MatchString(name) {
			return true
		}
	}
	x := extendedOf(s)
	return x != nil && slices.ContainsFunc(x.properties, func(p extendedProperty) bool { return x.match(p.pattern, name) })
}

// items visits the items of a list.
func (w *walker) items(list []any, tokens []string, applied []*jsonschema.Schema) {
	evaluated := map[*jsonschema.Schema]evaluation{}
	var schemas []*jsonschema.Schema
	for i, item := range list {
		schemas = schemas[:0]
		for _, s := range applied {
			w.spend(1)
			for _, below := range itemSchemas(s, i) {
				if w.carries(below) {
					schemas = append(schemas, below)
				}
			}
			if w.carries(s.Contains) && w.valid(s.Contains, item) {
				schemas = append(schemas, s.Contains)
			}
			if w.carries(s.UnevaluatedItems) {
				if _, known := evaluated[s]; !known {
					evaluated[s] = w.evaluate(s, list)
				}
				if e := evaluated[s]; !e.all && i >= e.first && !e.items[i] {
					schemas = append(schemas, s.UnevaluatedItems)
				}
			}
		}
		if len(schemas) > 0 {
			w.value(item, append(tokens[:len(tokens):len(tokens)], itoa(i)), false, nil, schemas)
		}
	}
}

// itemSchemas gives the schemas of the i-th item, which may be nil.
func itemSchemas(s *jsonschema.Schema, i int) []*jsonschema.Schema {
	var old *jsonschema.Schema
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		old = items
	case []*jsonschema.Schema:
		if i < len(items) {
			old = items[i]
		} else {
			old, _ = s.AdditionalItems.(*jsonschema.Schema)
		}
	}
	if i < len(s.PrefixItems) {
		return []*jsonschema.Schema{old, s.PrefixItems[i]}
	}
	return []*jsonschema.Schema{old, s.Items2020}
}
