package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// unsure warns of each yes, no, on or off without quotes where the schema takes a text as well as true and false: it is a text here,
// and a program that reads YAML 1.1 takes it for a boolean. Where found tells of the value already, it does not.
func (s *Schema) unsure(doc *document.Document, found []finding.Finding) []finding.Finding {
	written := doc.YesNo()
	if len(written) == 0 {
		return nil
	}
	e, err := s.engines.take()
	if err != nil {
		return []finding.Finding{unjudged(doc, err)}
	}
	defer s.engines.put(e)
	w := &walker{schema: s, engine: e}
	var warned []finding.Finding
	// Where this takes too long the verdict stands: nothing but a warning is missing.
	_ = e.within(4, doc.Value, func() error {
		for _, tokens := range written {
			pointer, value := document.Pointer(tokens), textOf(lookup(doc.Value, tokens))
			if slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Pointer == pointer }) || !w.takesBoth(value, w.schemasAt(doc.Value, tokens)) {
				continue
			}
			warned = append(warned, finding.Finding{
				Rule: "yes-no", Level: finding.Warning, At: doc.Find(tokens).Value, Pointer: pointer,
				Message: fmt.Sprintf("%s is a text here, and some programs read it as %s", value, truthOf(value)),
				Fix:     fmt.Sprintf("write %s, or %q if the text is meant", truthOf(value), value),
			})
		}
		return nil
	})
	return warned
}

// schemasAt gives the schemas that apply to the value that tokens lead to because of what holds it.
func (w *walker) schemasAt(v any, tokens []string) []*jsonschema.Schema {
	schemas := []*jsonschema.Schema{w.engine.plain}
	for _, token := range tokens {
		applied := w.applied(v, schemas, func(*jsonschema.Schema) bool { return true })
		schemas = nil
		switch c := v.(type) {
		case map[string]any:
			v = c[token]
			for _, s := range applied {
				schemas = append(schemas, namedSchemas(s, token)...)
			}
		case []any:
			i := index(token, len(c))
			if i < 0 {
				return nil
			}
			v = c[i]
			for _, s := range applied {
				schemas = append(schemas, itemSchemas(s, i)...)
			}
		}
	}
	return slices.DeleteFunc(schemas, func(s *jsonschema.Schema) bool { return s == nil })
}

// namedSchemas gives the schemas that s applies to the property of a name.
func namedSchemas(s *jsonschema.Schema, name string) []*jsonschema.Schema {
	list := []*jsonschema.Schema{s.Properties[name]}
	for re, below := range s.PatternProperties {
		if re.MatchString(name) {
			list = append(list, below)
		}
	}
	if additional, ok := s.AdditionalProperties.(*jsonschema.Schema); ok && !knownByName(s, name) {
		list = append(list, additional)
	}
	if x := extendedOf(s); x != nil {
		for _, p := range x.properties {
			if p.pattern.linear == nil && x.match(p.pattern, name) {
				list = append(list, p.schema)
			}
		}
		if !knownByName(s, name) {
			list = append(list, x.additional)
		}
	}
	return list
}

// takesBoth tells whether schemas accept a text as well as a boolean, one of them names the boolean, and none names the text.
func (w *walker) takesBoth(text string, schemas []*jsonschema.Schema) bool {
	names := false
	for _, s := range schemas {
		if !w.valid(s, text) || !w.valid(s, true) || !w.valid(s, false) {
			return false
		}
		for _, in := range atOnePlace([]*jsonschema.Schema{s}) {
			w.spend(1)
			if slices.Contains(in.Enum, any(text)) || slices.Contains(in.Constant, any(text)) {
				return false
			}
			names = names || slices.Contains(in.Types, "boolean") || slices.Contains(in.Enum, any(true))
		}
	}
	return names
}

func truthOf(text string) string { return truth[strings.ToLower(text)] }
