package compat

import (
	"slices"

	"github.com/tamerhq/tamer/internal/schema"
)

// maxModes bounds in how many ways the schemas beside unevaluated… may hold; with more, the keyword is left out of the search.
const maxModes = 32

// A mode is one way in which the schemas beside an unevaluated… can hold, and what they then have evaluated.
type mode struct {
	when     []fact
	named    []string
	patterns []*schema.Pattern
	prefix   int
	contains []*schema.Node
	all      bool // properties or items: all of them
}

func (m mode) and(n mode) mode {
	return mode{
		when: slices.Concat(m.when, n.when), named: slices.Concat(m.named, n.named), patterns: slices.Concat(m.patterns, n.patterns),
		prefix: max(m.prefix, n.prefix), contains: slices.Concat(m.contains, n.contains), all: m.all || n.all,
	}
}

// unevaluated is the part of unevaluatedProperties or unevaluatedItems.
func (s *solver) unevaluated(n *schema.Node, k kind) []part {
	is, word := n.UnevaluatedProperties, "unevaluatedProperties"
	if k == kindList {
		is, word = n.UnevaluatedItems, "unevaluatedItems"
	}
	if is == nil {
		return nil
	}
	modes, ok := s.modes(n, k, true, 0)
	if !ok {
		return []part{{word, nil, nil, []option{{}}}} // may hold or fail for whatever is found
	}
	p := part{keyword: word}
	for _, m := range modes {
		holds, fails := s.restOf(m, s.lit(is), k)
		p.either = append(p.either, append(slices.Clone(m.when), holds...))
		for _, f := range fails {
			p.fails = append(p.fails, append(slices.Clone(m.when), f...))
		}
	}
	if len(p.either) == 1 {
		p.holds, p.either = p.either[0], nil
	}
	return []part{p}
}

// restOf says that what a mode has not evaluated is accepted, and the ways in which it is not.
func (s *solver) restOf(m mode, is lit, k kind) (holds []fact, fails []option) {
	if m.all || is == anything {
		return nil, nil
	}
	if k == kindObject {
		f := members{named: map[string]lit{}, rest: is}
		for _, name := range m.named {
			f.named[name] = anything
		}
		for _, p := range m.patterns {
			f.patterns = append(f.patterns, patternLit{p, anything})
		}
		return []fact{f}, []option{{f.outside(is.not())}}
	}
	f := items{rest: is}
	if len(m.contains) > 0 {
		either := slices.Clone(m.contains)
		if is != nothing {
			either = append(either, s.rep[is/2])
		}
		f.rest = s.lit(&schema.Node{AnyOf: either})
	}
	for range m.prefix {
		f.prefix = append(f.prefix, anything)
	}
	return []fact{f}, []option{{beyond{m.prefix, f.rest.not()}}}
}

// modes gives the ways in which n can hold; top is for the schema that unevaluated… itself stands in.
func (s *solver) modes(n *schema.Node, k kind, top bool, depth int) ([]mode, bool) {
	if n == nil || n.Bool != nil {
		return []mode{{}}, true
	}
	if n.Unclear != "" || depth > 20 {
		return nil, false
	}
	out := []mode{own(n, k, top)}
	combine := func(with []mode, ok bool) bool {
		if !ok || len(out)*len(with) > maxModes {
			return false
		}
		var next []mode
		for _, a := range out {
			for _, b := range with {
				next = append(next, a.and(b))
			}
		}
		out = next
		return true
	}
	for _, below := range slices.Concat(n.Refs, n.AllOf) {
		if !combine(s.modes(below, k, false, depth+1)) {
			return nil, false
		}
	}
	for _, below := range n.AnyOf {
		if !combine(s.branches(below, nil, nil, k, depth)) {
			return nil, false
		}
	}
	if n.OneOf != nil && !combine(s.oneMode(n.OneOf, k, depth)) {
		return nil, false
	}
	if n.If != nil && !combine(s.branches(n.If, n.Then, n.Else, k, depth)) {
		return nil, false
	}
	for _, name := range sortedNames(n.NeedsSchemas) {
		with, ok := s.modes(n.NeedsSchemas[name], k, false, depth+1)
		for i := range with {
			with[i].when = append([]fact{has{name, anything}}, with[i].when...)
		}
		if !combine(append(with, mode{when: []fact{lacks{name}}}), ok) {
			return nil, false
		}
	}
	return out, true
}

// own is what the keywords of n itself evaluate.
func own(n *schema.Node, k kind, top bool) mode {
	m := mode{}
	if k == kindObject {
		m.named = sortedNames(n.Properties)
		for _, p := range n.Patterns {
			m.patterns = append(m.patterns, p.Pattern)
		}
		m.all = n.Additional != nil || !top && n.UnevaluatedProperties != nil
		return m
	}
	m.prefix = len(n.Prefix)
	m.all = n.Rest != nil || !top && n.UnevaluatedItems != nil
	if n.Contains != nil && n.ContainsEvaluates {
		m.contains = []*schema.Node{n.Contains}
	}
	return m
}

// branches gives the modes where n holds, and then another schema, and that where it does not, and then a third one.
func (s *solver) branches(n, then, otherwise *schema.Node, k kind, depth int) ([]mode, bool) {
	yes, ok := s.modes(n, k, false, depth+1)
	thens, ok2 := s.modes(then, k, false, depth+1)
	elses, ok3 := s.modes(otherwise, k, false, depth+1)
	if !ok || !ok2 || !ok3 || len(yes)*len(thens) > maxModes {
		return nil, false
	}
	l := s.lit(n)
	var out []mode
	for _, a := range yes {
		for _, b := range thens {
			out = append(out, mode{when: []fact{l}}.and(a).and(b))
		}
	}
	for _, b := range elses {
		out = append(out, mode{when: []fact{l.not()}}.and(b))
	}
	return out, true
}

// oneMode gives the modes where just one of the schemas holds.
func (s *solver) oneMode(of []*schema.Node, k kind, depth int) ([]mode, bool) {
	var out []mode
	for _, n := range of {
		with, ok := s.modes(n, k, false, depth+1)
		if !ok {
			return nil, false
		}
		for _, m := range with {
			out = append(out, mode{when: []fact{s.lit(n)}}.and(m))
		}
	}
	return out, len(out) <= maxModes
}
