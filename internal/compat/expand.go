package compat

import (
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

// maxPaired bounds of how many schemas each is held against each other one.
const maxPaired = 500

// exactlyOne gives an option for each schema that is the one. The others are refused, but those that cannot meet it anyway
// need no word. Where there are too many, nothing is said of the others.
func (s *solver) exactlyOne(of []*schema.Node) []option {
	var options []option
	for i, n := range of {
		o := option{s.lit(n)}
		for j, other := range of {
			if len(of) > maxPaired || s.budget.spent() {
				break
			}
			if i != j && !s.disjoint(s.lit(n), s.lit(other)) {
				o = append(o, s.lit(other).not())
			}
		}
		options = append(options, o)
	}
	return options
}

// pairs gives an option for each two schemas that can be met at once; where there are too many, one that says nothing.
func (s *solver) pairs(of []*schema.Node) []option {
	var options []option
	for i, n := range of {
		for _, other := range of[:i] {
			if len(of) > maxPaired || s.budget.spent() {
				return []option{{}}
			}
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
