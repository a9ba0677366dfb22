package schema

import (
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// A mark tells that a schema has wanted keywords, or leads to some.
type mark struct {
	own      *Keywords
	names    []string          // properties that lead to some, sorted
	patterns []patternedSchema // patternProperties that lead to some, sorted
	anyName  bool              // more than the properties may lead to some
}

type patternedSchema struct {
	matches func(string) bool
	schema  *jsonschema.Schema
}

// marksOf gives the marks of an engine's schemas, which are made once for each set of kinds.
func (e *engine) marksOf(s *Schema, wanted Kind) map[*jsonschema.Schema]*mark {
	if known, ok := e.marks[wanted]; ok {
		return known
	}
	above := map[*jsonschema.Schema][]*jsonschema.Schema{}
	marks := map[*jsonschema.Schema]*mark{}
	var todo []*jsonschema.Schema
	for _, node := range e.nodes() {
		for below := range subschemas(node) {
			above[below] = append(above[below], node)
		}
		if node.RecursiveRef != nil || node.DynamicRef != nil {
			above[e.plain] = append(above[e.plain], node)
		}
		if k := s.keywords[node.Location]; k != nil && k.Kind&wanted != 0 {
			marks[node] = &mark{own: k}
			todo = append(todo, node)
		}
	}
	for len(todo) > 0 {
		node := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, up := range above[node] {
			if marks[up] == nil {
				marks[up] = &mark{}
				todo = append(todo, up)
			}
		}
	}
	for node, m := range marks {
		m.properties(node, marks)
	}
	if e.marks == nil {
		e.marks = map[Kind]map[*jsonschema.Schema]*mark{}
	}
	e.marks[wanted] = marks
	return marks
}

// properties notes by which names a schema leads to marked ones.
func (m *mark) properties(s *jsonschema.Schema, marks map[*jsonschema.Schema]*mark) {
	for name, below := range s.Properties {
		if marks[below] != nil {
			m.names = append(m.names, name)
		}
	}
	slices.Sort(m.names)
	byPattern := map[string]patternedSchema{}
	for re, below := range s.PatternProperties {
		byPattern[re.String()] = patternedSchema{re.MatchString, below}
	}
	x := extendedOf(s)
	if x != nil {
		for _, p := range x.properties {
			byPattern[p.name] = patternedSchema{func(name string) bool { return x.match(p.pattern, name) }, p.schema}
		}
		m.anyName = marks[x.additional] != nil
	}
	for _, pattern := range slices.Sorted(maps.Keys(byPattern)) {
		if p := byPattern[pattern]; marks[p.schema] != nil {
			m.patterns = append(m.patterns, p)
		}
	}
	additional, _ := s.AdditionalProperties.(*jsonschema.Schema)
	m.anyName = m.anyName || len(m.patterns) > 0 || marks[additional] != nil || marks[s.UnevaluatedProperties] != nil || marks[s.PropertyNames] != nil
}

func extendedOf(s *jsonschema.Schema) *extended {
	x, _ := s.Extensions["tamer"].(*extended)
	return x
}
