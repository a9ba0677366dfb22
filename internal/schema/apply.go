package schema

import (
	"errors"
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// applied gives the schemas that apply to a value, of those that schemas lead to without leaving the value. Only such that keep
// tells of are followed.
func (w *walker) applied(v any, schemas []*jsonschema.Schema, keep func(*jsonschema.Schema) bool) []*jsonschema.Schema {
	var all []*jsonschema.Schema
	add := func(list ...*jsonschema.Schema) {
		for _, s := range list {
			w.spend(1 + len(all)/16)
			if s != nil && keep(s) && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	add(schemas...)
	for i := 0; i < len(all); i++ {
		s := all[i]
		add(s.Ref, w.recursive(s), w.dynamic(s))
		add(s.AllOf...)
		add(w.alternatives(v, s.AnyOf, "anyOf", s, keep)...)
		add(w.alternatives(v, s.OneOf, "oneOf", s, keep)...)
		if s.If != nil && slices.ContainsFunc([]*jsonschema.Schema{s.If, s.Then, s.Else}, keep) {
			if w.valid(s.If, v) {
				add(s.If, s.Then)
			} else {
				add(s.Else)
			}
		}
		add(dependent(s, v)...)
	}
	return all
}

// recursive is where $recursiveRef leads: to the schema that was asked for, where both declare a $recursiveAnchor.
func (w *walker) recursive(s *jsonschema.Schema) *jsonschema.Schema {
	if to := s.RecursiveRef; to == nil || !to.RecursiveAnchor || !w.engine.plain.RecursiveAnchor {
		return to
	}
	return w.engine.plain
}

// dynamic is where $dynamicRef leads: to the schema that was asked for, where that declares the same $dynamicAnchor.
func (w *walker) dynamic(s *jsonschema.Schema) *jsonschema.Schema {
	to := s.DynamicRef
	if to == nil || to.DynamicAnchor == "" || to.DynamicAnchor != w.engine.plain.DynamicAnchor {
		return to
	}
	return w.engine.plain
}

// dependent gives the schemas that apply because a mapping has a property.
func dependent(s *jsonschema.Schema, v any) []*jsonschema.Schema {
	m, ok := v.(map[string]any)
	if !ok || len(s.Dependencies)+len(s.DependentSchemas) == 0 {
		return nil
	}
	var list []*jsonschema.Schema
	for _, name := range slices.Sorted(maps.Keys(s.Dependencies)) {
		if below, ok := s.Dependencies[name].(*jsonschema.Schema); ok && has(m, name) {
			list = append(list, below)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.DependentSchemas)) {
		if has(m, name) {
			list = append(list, s.DependentSchemas[name])
		}
	}
	return list
}

func has(m map[string]any, name string) bool { _, ok := m[name]; return ok }

// valid tells whether a schema accepts a value.
func (w *walker) valid(s *jsonschema.Schema, v any) bool {
	w.spend(1)
	return s.Validate(v) == nil
}

// alternatives gives the branches of an anyOf or oneOf that accept a value; where none does, the one that its author meant,
// and where only secrets are asked for, all of them.
func (w *walker) alternatives(v any, branches []*jsonschema.Schema, keyword string, s *jsonschema.Schema, keep func(*jsonschema.Schema) bool) []*jsonschema.Schema {
	if !slices.ContainsFunc(branches, keep) {
		return nil
	}
	var fit []*jsonschema.Schema
	for _, b := range branches {
		if keep(b) && w.valid(b, v) {
			fit = append(fit, b)
		}
	}
	if len(fit) > 0 || slices.ContainsFunc(branches, func(b *jsonschema.Schema) bool { return !keep(b) && w.valid(b, v) }) {
		return fit
	}
	if w.wanted == WithSecret { // what is not understood is hidden rather than shown
		return branches
	}
	if i := w.schema.meant(v, branches, keyword, s); i >= 0 {
		return branches[i : i+1]
	}
	return nil
}

// meant gives the index of the branch that the author of a value meant, which fits none; -1 where that cannot be told.
func (s *Schema) meant(v any, branches []*jsonschema.Schema, keyword string, in *jsonschema.Schema) int {
	base, where := s.location(in.Location)
	here := fault{keyword: keyword, value: v, base: base, schema: asObject(lookup(s.raw[base], where)), in: s}
	list := asList(here.schema[keyword])
	var all []branch
	for i, b := range branches {
		var ve *jsonschema.ValidationError
		if !errors.As(b.Validate(v), &ve) || i >= len(list) {
			return -1
		}
		all = append(all, branch{node{base, asObject(list[i])}, tidy(s.faults(ve, v)), i})
	}
	all = slices.DeleteFunc(all, func(b branch) bool { return wrongKind(b, here) })
	if told, ok := s.told(all, &here); ok {
		all = told
	}
	if len(all) == 0 {
		return -1
	}
	return s.best(all, here).index
}

// An evaluation tells which parts of a mapping or list schemas have dealt with, so that unevaluatedProperties and unevaluatedItems
// are about the others.
type evaluation struct {
	all   bool
	names map[string]bool
	first int // items before this one
	items map[int]bool
}

// evaluate follows the notes on unevaluatedProperties and unevaluatedItems in JSON Schema 2020-12, core, section 11.
func (w *walker) evaluate(s *jsonschema.Schema, v any) evaluation {
	e := evaluation{names: map[string]bool{}, items: map[int]bool{}}
	every := func(*jsonschema.Schema) bool { return true }
	for _, a := range w.applied(v, []*jsonschema.Schema{s}, every) {
		switch v := v.(type) {
		case map[string]any:
			e.all = e.all || a.AdditionalProperties != nil || a != s && a.UnevaluatedProperties != nil
			if x := extendedOf(a); x != nil {
				e.all = e.all || x.closed || x.open || x.additional != nil
			}
			for name := range v {
				if w.spend(1); knownByName(a, name) {
					e.names[name] = true
				}
			}
		case []any:
			w.evaluateItems(&e, a, v)
			e.all = e.all || a != s && a.UnevaluatedItems != nil
		}
	}
	return e
}

func (w *walker) evaluateItems(e *evaluation, s *jsonschema.Schema, list []any) {
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		e.all = true
	case []*jsonschema.Schema:
		e.first = max(e.first, len(items))
		e.all = e.all || s.AdditionalItems != nil
	}
	e.first = max(e.first, len(s.PrefixItems))
	e.all = e.all || s.Items2020 != nil
	if s.Contains == nil || !s.ContainsEval {
		return
	}
	for i, item := range list {
		if w.valid(s.Contains, item) {
			e.items[i] = true
		}
	}
}
