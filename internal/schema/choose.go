package schema

import (
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// A branch is one alternative of anyOf or oneOf that a value does not satisfy.
type branch struct {
	node   node
	faults []fault
	index  int // among the branches
}

// alternatives gives the faults of the branch that the author meant: the one that the telling property names, else the one with
// the least against it. Where none was meant it is one fault that holds them all.
func (s *Schema) alternatives(ve *jsonschema.ValidationError, root any) []fault {
	here := s.fault(ve, root)
	var all []branch
	for _, cause := range ve.Causes {
		all = append(all, branch{node: branchNode(here, ve, cause), faults: tidy(s.faults(cause, root))})
	}
	ofKind := slices.DeleteFunc(slices.Clone(all), func(b branch) bool { return wrongKind(b, here) })
	switch {
	case len(ofKind) == 0:
		here.choices = kindsOf(all, here)
		return []fault{here}
	case valuesOnly(all, here):
		here.choices = kindsOf(all, here)
		return []fault{here}
	case len(ofKind) == 1:
		only := ofKind[0].faults
		for i, f := range only {
			if len(f.at) == len(here.at) && kindOf(f.value) != "object" && kindOf(f.value) != "array" {
				only[i].also = typesOf(kindsOf(all, here))
			}
		}
		return only
	}
	if told, ok := s.told(ofKind, &here); ok {
		if len(told) == 0 {
			return []fault{here}
		}
		ofKind = told
	}
	if merged, ok := sameChoice(ofKind, here); ok {
		return []fault{merged}
	}
	if onlyMissing(ofKind, here) && s.tie(ofKind, here) {
		here.branches = ofKind
		return []fault{here}
	}
	return s.best(ofKind, here).faults
}

// best is the branch with the least against it.
func (s *Schema) best(all []branch, here fault) branch {
	return slices.MinFunc(all, func(a, b branch) int { return s.against(a, here) - s.against(b, here) })
}

// branchNode is the schema of the alternative that an error came from.
func branchNode(here fault, ve, cause *jsonschema.ValidationError) node {
	list := asList(here.limit)
	tokens, n := locationTokens(cause.KeywordLocation), len(locationTokens(ve.KeywordLocation))
	if len(tokens) <= n {
		return node{}
	}
	i := index(tokens[n], len(list))
	if i < 0 {
		return node{}
	}
	return node{here.base, asObject(list[i])}
}

// wrongKind tells that the value is of another type altogether than the branch asks for.
func wrongKind(b branch, here fault) bool {
	return slices.ContainsFunc(b.faults, func(f fault) bool {
		return len(f.at) == len(here.at) && (f.keyword == "type" || f.keyword == "false" || len(f.choices) > 0 && f.branches == nil && isAlternatives(f.keyword) ||
			(f.keyword == "const" || f.keyword == "enum") && !sameKind(f))
	})
}

func isAlternatives(keyword string) bool { return keyword == "oneOf" || keyword == "anyOf" }

// sameKind tells whether a value is of the type of one that an enum or const allows.
func sameKind(f fault) bool {
	return slices.ContainsFunc(allowed(f), func(v any) bool { return kindOf(v) == kindOf(f.value) })
}

// valuesOnly tells whether the branches only ask for types and values, and for both.
func valuesOnly(all []branch, here fault) bool {
	types, values := false, false
	for _, b := range all {
		for _, f := range b.faults {
			if len(f.at) != len(here.at) || f.keyword != "type" && allowed(f) == nil {
				return false
			}
			types, values = types || f.keyword == "type", values || allowed(f) != nil
		}
	}
	return types && values
}

func typesOf(kinds []any) []any {
	return slices.DeleteFunc(kinds, func(v any) bool { _, is := v.(string); return !is })
}

// kindsOf is what the branches allow at the place of the value: names of types, and values.
func kindsOf(all []branch, here fault) []any {
	var kinds []any
	for _, b := range all {
		for _, f := range b.faults {
			if len(f.at) != len(here.at) {
				continue
			}
			switch {
			case f.keyword == "type" && asList(f.limit) != nil:
				kinds = append(kinds, asList(f.limit)...)
			case f.keyword == "type":
				kinds = append(kinds, f.limit)
			case f.keyword == "const" || f.keyword == "enum":
				for _, v := range allowed(f) {
					kinds = append(kinds, literal{v})
				}
			default:
				kinds = append(kinds, f.choices...)
			}
		}
	}
	return kinds
}

// A literal is a value among names of types.
type literal struct{ value any }

func allowed(f fault) []any {
	switch f.keyword {
	case "const":
		return []any{f.limit}
	case "enum":
		return asList(f.limit)
	}
	return nil
}

// told keeps the branches that the value's telling property names: one whose values tell the branches apart. Where it names none of
// them, here becomes the fault of that property, and none is left.
func (s *Schema) told(all []branch, here *fault) ([]branch, bool) {
	m, ok := here.value.(map[string]any)
	if !ok {
		return nil, false
	}
	for _, name := range s.telling(all) {
		v, has := m[name]
		var kept []branch
		var choices []any
		for _, b := range all {
			values := s.valuesOf(b.node, name)
			choices = append(choices, values...)
			if values == nil || has && slices.ContainsFunc(values, func(c any) bool { return show(c) == show(v) }) {
				kept = append(kept, b)
			}
		}
		switch {
		case has && len(kept) > 0:
			return kept, true
		case has:
			*here = fault{keyword: "enum", at: append(slices.Clone(here.at), name), value: v, choices: choices, schema: here.schema, base: here.base, own: here.own, in: s}
			return nil, true
		case len(kept) == 0 && s.allMiss(all, name, len(here.at)):
			*here = fault{keyword: "required", limit: []any{name}, at: here.at, value: here.value, choices: choices, schema: here.schema, base: here.base, own: here.own, in: s}
			return nil, true
		}
	}
	return nil, false
}

// allMiss tells whether no branch finds a property, nor one that is likely meant for it.
func (s *Schema) allMiss(all []branch, name string, depth int) bool {
	for _, b := range all {
		if !slices.ContainsFunc(b.faults, func(f fault) bool {
			return f.keyword == "required" && len(f.at) == depth && slices.Contains(asList(f.limit), any(name)) && !f.misspelt(name, asObject(f.value))
		}) {
			return false
		}
	}
	return true
}

// telling gives the properties to which two branches or more allow fixed values, none of them the same in all.
func (s *Schema) telling(all []branch) []string {
	values := map[string][]string{}
	times := map[string]int{}
	for _, b := range all {
		for _, p := range s.parts(b.node, false) {
			for name := range asObject(p.schema["properties"]) {
				list := s.valuesOf(b.node, name)
				if list == nil {
					continue
				}
				times[name]++
				for _, v := range list {
					values[name] = append(values[name], show(v))
				}
			}
		}
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(times)) {
		distinct := slices.Compact(slices.Sorted(slices.Values(values[name])))
		if times[name] > 1 && len(distinct) == len(values[name]) {
			names = append(names, name)
		}
	}
	return names
}

// valuesOf gives the values that a branch allows to a property by const or enum; nil for any.
func (s *Schema) valuesOf(n node, name string) []any {
	p := s.property(n, name).schema
	if c, ok := p["const"]; ok {
		return []any{c}
	}
	return asList(p["enum"])
}

// sameChoice makes one fault of branches that each only allow other values at one and the same place.
func sameChoice(all []branch, here fault) (fault, bool) {
	var first fault
	var choices []any
	for i, b := range all {
		if len(b.faults) != 1 || allowed(b.faults[0]) == nil || i > 0 && !slices.Equal(b.faults[0].at, first.at) {
			return fault{}, false
		}
		if i == 0 {
			first = b.faults[0]
		}
		choices = append(choices, allowed(b.faults[0])...)
	}
	first.keyword, first.choices = "enum", choices
	return first, true
}

// against weighs what speaks against a branch.
func (s *Schema) against(b branch, here fault) int {
	weight := 0
	for _, f := range b.faults {
		switch below := len(f.at) - len(here.at); {
		case below == 1 && allowed(f) != nil:
			weight += 1000
		case below == 0 && f.keyword == "additionalProperties":
			weight += f.weightOfUnknown(here.value)
		case below == 1 && f.keyword == "unevaluatedProperties":
			weight += f.weightOfUnknown(here.value)
		case below == 0 && f.keyword == "required":
			weight += f.weightOfMissing()
		case below == 0:
			weight += 60
		default:
			weight += max(5, 40-5*below)
		}
	}
	return weight - 25*s.matching(b, here)
}

// weightOfUnknown is what the unknown properties of m weigh against a branch: one that is likely a misspelt one weighs less than
// what another branch misses.
func (f fault) weightOfUnknown(m any) int {
	names, free := f.unknownNames(), without(f.known(), m)
	weight := 0
	for _, name := range names {
		weight += 100
		if len(names)*len(free) <= 100*maxNear {
			if _, near := nearName(name, free); near {
				weight -= 60
			}
		}
	}
	return max(weight, 40)
}

// weightOfMissing is what a missing property weighs against a branch. One that is there under a misspelt name weighs as that.
func (f fault) weightOfMissing() int {
	weight := 0
	for _, name := range f.missingNames() {
		if f.keyword != "required" || !f.misspelt(name, asObject(f.value)) {
			weight += 90
		}
	}
	return weight
}

// matching counts the properties of the value that a branch knows, or the items of a list that are right.
func (s *Schema) matching(b branch, here fault) int {
	n := 0
	known := s.knownNames(b.node, true)
	for name := range asObject(here.value) {
		if slices.Contains(known, name) {
			n++
		}
	}
	return n
}

func (s *Schema) tie(all []branch, here fault) bool {
	first := s.matching(all[0], here)
	return !slices.ContainsFunc(all, func(b branch) bool { return s.matching(b, here) != first || s.against(b, here)/90 > 3 })
}

// onlyMissing tells whether every branch only misses properties of the value itself.
func onlyMissing(all []branch, here fault) bool {
	for _, b := range all {
		for _, f := range b.faults {
			if f.keyword != "required" || len(f.at) != len(here.at) {
				return false
			}
		}
	}
	return true
}

// knownNames are the properties that a schema names.
func (s *Schema) knownNames(n node, all bool) []string {
	var names []string
	for _, p := range s.parts(n, all) {
		for name, v := range asObject(p.schema["properties"]) {
			if v != false {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "number"
}
