package compat

import (
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/schema"
)

// An expansion is what a lit says of values of one kind.
type expansion struct {
	facts   []fact
	choices []choice
}

type expansionKey struct {
	l lit
	k kind
}

func (s *solver) expand(l lit, k kind) *expansion {
	key := expansionKey{l, k}
	if x, ok := s.expansions[key]; ok {
		return x
	}
	x := &expansion{}
	n := s.rep[l/2]
	if l.refuses() {
		s.refused(x, l, n, k)
	} else {
		s.accepted(x, l, n, k)
	}
	s.expansions[key] = x
	return x
}

func (x *expansion) say(f ...fact) { x.facts = append(x.facts, f...) }

func (s *solver) lits(nodes []*schema.Node, refuse bool) []fact {
	var out []fact
	for _, n := range nodes {
		l := s.lit(n)
		if refuse {
			l = l.not()
		}
		out = append(out, l)
	}
	return out
}

// accepted writes down what holds of a value of the kind that n accepts. What is unclear is left out: then more values are
// looked at than there are.
func (s *solver) accepted(x *expansion, l lit, n *schema.Node, k kind) {
	if n.Bool != nil {
		if !*n.Bool {
			x.say(fail{})
		}
		return
	}
	allowed, whole := allows(n, k)
	if !allowed {
		x.say(fail{})
		return
	}
	if whole {
		x.say(multiple{of: one})
	}
	if n.Enum != nil {
		x.say(finite(n.Enum))
	}
	if n.Const != nil {
		x.say(finite(n.Const))
	}
	x.say(s.lits(n.Refs, false)...)
	x.say(s.lits(n.AllOf, false)...)
	choose := func(options ...option) { x.choices = append(x.choices, choice{from: l, options: options}) }
	if n.AnyOf != nil {
		var options []option
		for _, f := range s.lits(n.AnyOf, false) {
			options = append(options, option{f})
		}
		choose(options...)
	}
	if n.OneOf != nil {
		choose(s.exactlyOne(n.OneOf)...)
	}
	if n.Not != nil {
		x.say(s.lit(n.Not).not())
	}
	if n.If != nil && (n.Then != nil || n.Else != nil) {
		is := s.lit(n.If)
		choose(option{is, s.lit(n.Then)}, option{is.not(), s.lit(n.Else)})
	}
	for _, part := range s.parts(n, k) {
		x.say(part.holds...)
		if part.either != nil {
			choose(part.either...)
		}
	}
}

// refused writes down what holds of a value of the kind that n refuses: one of its parts fails.
func (s *solver) refused(x *expansion, l lit, n *schema.Node, k kind) {
	if n.Unclear != "" {
		return
	}
	if allowed, _ := allows(n, k); !allowed || n.Bool != nil && !*n.Bool {
		return
	}
	options := s.failures(n, k)
	switch len(options) {
	case 0:
		x.say(fail{})
	case 1:
		x.say(options[0]...)
	default:
		x.choices = []choice{{from: l, options: options}}
	}
}

// failures are the ways in which a value of the kind can be refused by n, whose types it has.
func (s *solver) failures(n *schema.Node, k kind) []option {
	var options []option
	if _, whole := allows(n, k); whole {
		options = append(options, option{multiple{of: one, not: true}})
	}
	for _, values := range [][]any{n.Enum, n.Const} {
		if values != nil {
			options = append(options, noneOf(values, k))
		}
	}
	for _, f := range slices.Concat(s.lits(n.Refs, true), s.lits(n.AllOf, true)) {
		options = append(options, option{f})
	}
	if n.AnyOf != nil {
		options = append(options, s.lits(n.AnyOf, true))
	}
	if n.OneOf != nil {
		options = append(options, s.lits(n.OneOf, true))
		options = append(options, s.pairs(n.OneOf)...)
	}
	if n.Not != nil {
		options = append(options, option{s.lit(n.Not)})
	}
	if n.If != nil {
		if n.Then != nil {
			options = append(options, option{s.lit(n.If), s.lit(n.Then).not()})
		}
		if n.Else != nil {
			options = append(options, option{s.lit(n.If).not(), s.lit(n.Else).not()})
		}
	}
	for _, part := range s.parts(n, k) {
		options = append(options, part.fails...)
	}
	return options
}

// noneOf says that a value of the kind is none of the values.
func noneOf(values []any, k kind) option {
	out := option{}
	for _, v := range values {
		if kindOf(v) == k {
			out = append(out, differs{v})
		}
	}
	return out
}

// exactlyOne gives an option for each schema that is the one. The others are refused, but those that cannot meet it anyway
// need no word.
func (s *solver) exactlyOne(of []*schema.Node) []option {
	var options []option
	for i, n := range of {
		o := option{s.lit(n)}
		for j, other := range of {
			if i != j && !s.disjoint(s.lit(n), s.lit(other)) {
				o = append(o, s.lit(other).not())
			}
		}
		options = append(options, o)
	}
	return options
}

// pairs gives an option for each two schemas that can be met at once.
func (s *solver) pairs(of []*schema.Node) []option {
	var options []option
	for i, n := range of {
		for _, other := range of[:i] {
			if !s.disjoint(s.lit(n), s.lit(other)) {
				options = append(options, option{s.lit(other), s.lit(n)})
			}
		}
	}
	return options
}

// allows tells whether the types of n allow a kind; whole that of numbers only integers are.
func allows(n *schema.Node, k kind) (allowed, whole bool) {
	if n.Types == nil {
		return true, false
	}
	if slices.Contains(n.Types, kindNames[k]) {
		return true, false
	}
	integers := k == kindNumber && slices.Contains(n.Types, "integer")
	return integers, integers
}

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
