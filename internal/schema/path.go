package schema

import (
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Describes tells whether the schema says anything about values at a path, whose tokens are those of a JSON Pointer with * for every
// item or property. Where a part of the schema names no properties at all, everything may be there; where it names some, the
// others are taken for mistakes, even if the schema lets them pass.
func (s *Schema) Describes(path []string) bool {
	e, err := s.engines.take()
	if err != nil {
		return true // nobody can tell
	}
	defer s.engines.put(e)
	here := sameValue([]*jsonschema.Schema{e.plain})
	for _, token := range path {
		var below []*jsonschema.Schema
		names := false
		for _, one := range here {
			next, some := stepInto(one, token)
			below = append(below, next...)
			names = names || some
		}
		if len(below) == 0 {
			return !names
		}
		here = sameValue(below)
	}
	return true
}

// sameValue gives the schemas with all that judge the same value as they do.
func sameValue(start []*jsonschema.Schema) []*jsonschema.Schema {
	seen := map[*jsonschema.Schema]bool{}
	var all []*jsonschema.Schema
	for todo := start; len(todo) > 0; {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if s == nil || seen[s] {
			continue
		}
		seen[s] = true
		all = append(all, s)
		todo = append(todo, s.Ref, s.RecursiveRef, s.DynamicRef, s.If, s.Then, s.Else)
		todo = append(append(append(todo, s.AllOf...), s.AnyOf...), s.OneOf...)
		for _, d := range s.DependentSchemas {
			todo = append(todo, d)
		}
		for _, d := range s.Dependencies {
			if d, ok := d.(*jsonschema.Schema); ok {
				todo = append(todo, d)
			}
		}
	}
	return all
}

// stepInto gives what one schema says about the property or item of a name; and whether it describes any.
func stepInto(s *jsonschema.Schema, token string) (below []*jsonschema.Schema, names bool) {
	names = len(s.Properties)+len(s.PatternProperties)+len(s.PrefixItems) > 0 || s.AdditionalProperties == false || s.Items != nil || s.Items2020 != nil
	if token == "*" {
		for _, p := range s.Properties {
			below = append(below, p)
		}
	} else if p, ok := s.Properties[token]; ok {
		return []*jsonschema.Schema{p}, true
	}
	for _, p := range s.PatternProperties {
		below = append(below, p)
	}
	more := []any{s.AdditionalProperties}
	if _, err := strconv.Atoi(token); err == nil || token == "*" {
		more = append(more, s.Items, s.AdditionalItems)
		below = append(append(below, s.PrefixItems...), s.Items2020, s.UnevaluatedItems)
	}
	below = append(below, s.UnevaluatedProperties)
	for _, x := range s.Extensions {
		if x, ok := x.(*extended); ok {
			more = append(more, x.additional)
		}
	}
	for _, m := range more {
		switch m := m.(type) {
		case *jsonschema.Schema:
			below = append(below, m)
		case []*jsonschema.Schema:
			below = append(below, m...)
		}
	}
	kept := below[:0]
	for _, b := range below {
		if b != nil && (b.Always == nil || *b.Always) {
			kept = append(kept, b)
		}
	}
	return kept, names || len(kept) > 0
}
