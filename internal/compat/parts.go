package compat

import (
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/schema"
)

// A part is what one keyword, or several that are read together, says of values of one kind.
type part struct {
	keyword string
	holds   []fact   // where the part holds …
	either  []option // … and one of these, if there are any
	fails   []option // where it does not, one of these
}

// parts takes apart what n says of values of the kind alone.
func (s *solver) parts(n *schema.Node, k kind) []part {
	switch k {
	case kindNumber:
		return numberParts(n)
	case kindText:
		return s.textParts(n)
	case kindList:
		return s.listParts(n)
	case kindObject:
		return s.objectParts(n)
	}
	return nil
}

func numberParts(n *schema.Node) []part {
	var out []part
	if n.Minimum != nil {
		out = append(out, part{"minimum", []fact{bound{at: n.Minimum}}, nil, []option{{bound{at: n.Minimum, upper: true, open: true}}}})
	}
	if n.Above != nil {
		out = append(out, part{"exclusiveMinimum", []fact{bound{at: n.Above, open: true}}, nil, []option{{bound{at: n.Above, upper: true}}}})
	}
	if n.Maximum != nil {
		out = append(out, part{"maximum", []fact{bound{at: n.Maximum, upper: true}}, nil, []option{{bound{at: n.Maximum, open: true}}}})
	}
	if n.Below != nil {
		out = append(out, part{"exclusiveMaximum", []fact{bound{at: n.Below, upper: true, open: true}}, nil, []option{{bound{at: n.Below}}}})
	}
	if n.MultipleOf != nil && n.MultipleOf.Sign() > 0 {
		out = append(out, part{"multipleOf", []fact{multiple{of: n.MultipleOf}}, nil, []option{{multiple{of: n.MultipleOf, not: true}}}})
	}
	return out
}

// sizes are the parts of a bound below and above on a length.
func sizes(low, high *int, lowWord, highWord string) []part {
	var out []part
	if low != nil && *low > 0 {
		out = append(out, part{lowWord, []fact{length{*low, -1}}, nil, []option{{length{0, *low - 1}}}})
	}
	if high != nil {
		out = append(out, part{highWord, []fact{length{0, *high}}, nil, []option{{length{*high + 1, -1}}}})
	}
	return out
}

func (s *solver) textParts(n *schema.Node) []part {
	out := sizes(n.MinLength, n.MaxLength, "minLength", "maxLength")
	if p := n.Pattern; p != nil {
		pattern := part{keyword: "pattern"}
		for _, m := range s.matches(p) {
			pattern.holds = append(pattern.holds, m)
			pattern.fails = append(pattern.fails, option{match{m.pattern, !m.not}})
		}
		out = append(out, pattern)
	}
	if n.Format != "" {
		out = append(out, part{"format", []fact{format{name: n.Format}}, nil, []option{{format{n.Format, true}}}})
	}
	return out
}

func (s *solver) listParts(n *schema.Node) []part {
	out := sizes(n.MinItems, n.MaxItems, "minItems", "maxItems")
	if n.Unique {
		out = append(out, part{"uniqueItems", []fact{unique{}}, nil, []option{{repeats{}}}})
	}
	if len(n.Prefix) > 0 || n.Rest != nil {
		f := items{rest: s.lit(n.Rest)}
		var prefix, rest []option
		for i, p := range n.Prefix {
			f.prefix = append(f.prefix, s.lit(p))
			prefix = append(prefix, option{at{i, s.lit(p).not()}})
		}
		if f.rest != anything {
			rest = []option{{beyond{len(f.prefix), f.rest.not()}}}
		}
		out = append(out, part{"items", []fact{f}, nil, append(prefix, rest...)})
	}
	if n.Contains != nil {
		c := count{of: s.lit(n.Contains), min: *n.MinContains, max: -1}
		var fails []option
		if c.min > 0 {
			fails = append(fails, option{count{c.of, 0, c.min - 1}})
		}
		if n.MaxContains != nil {
			c.max = *n.MaxContains
			fails = append(fails, option{count{c.of, c.max + 1, -1}})
		}
		out = append(out, part{"contains", []fact{c}, nil, fails})
	}
	return append(out, s.unevaluated(n, kindList)...)
}

func (s *solver) objectParts(n *schema.Node) []part {
	out := sizes(n.MinProperties, n.MaxProperties, "minProperties", "maxProperties")
	for _, name := range sortedSet(n.Required) {
		out = append(out, part{"required", []fact{has{name, anything}}, nil, []option{{lacks{name}}}})
	}
	if n.Properties != nil || n.Patterns != nil || n.Additional != nil {
		out = append(out, s.membersPart(n))
	}
	if n.Names != nil {
		l := s.lit(n.Names)
		out = append(out, part{"propertyNames", []fact{names{l}}, nil, []option{{some{name: l.not()}}}})
	}
	for _, name := range slices.Sorted(maps.Keys(n.NeedsNames)) {
		with := option{}
		var fails []option
		for _, needed := range sortedSet(n.NeedsNames[name]) {
			with = append(with, has{needed, anything})
			fails = append(fails, option{has{name, anything}, lacks{needed}})
		}
		out = append(out, part{"dependentRequired", nil, []option{{lacks{name}}, append(with, has{name, anything})}, fails})
	}
	for _, name := range slices.Sorted(maps.Keys(n.NeedsSchemas)) {
		l := s.lit(n.NeedsSchemas[name])
		out = append(out, part{"dependentSchemas", nil, []option{{lacks{name}}, {has{name, anything}, l}}, []option{{has{name, anything}, l.not()}}})
	}
	return append(out, s.unevaluated(n, kindObject)...)
}

func (s *solver) membersPart(n *schema.Node) part {
	m := members{named: map[string]lit{}, rest: s.lit(n.Additional)}
	var fails []option
	for _, name := range slices.Sorted(maps.Keys(n.Properties)) {
		l := s.lit(n.Properties[name])
		m.named[name] = l
		if l != anything {
			fails = append(fails, option{has{name, l.not()}})
		}
	}
	for _, p := range n.Patterns {
		l := s.lit(p.Node)
		m.patterns = append(m.patterns, patternLit{p.Pattern, l})
		if l != anything {
			fails = append(fails, option{some{matches: []match{{pattern: p.Pattern}}, is: l.not()}})
		}
	}
	if m.rest != anything {
		fails = append(fails, option{m.outside(m.rest.not())})
	}
	return part{"properties", []fact{m}, nil, fails}
}

// outside says that there is a property that is this, and neither named nor matched.
func (m members) outside(is lit) some {
	f := some{except: map[string]bool{}, is: is}
	for name := range m.named {
		f.except[name] = true
	}
	for _, p := range m.patterns {
		f.matches = append(f.matches, match{p.pattern, true})
	}
	return f
}
