package compat

import (
	"slices"

	"github.com/tamerhq/tamer/internal/schema"
)

// A branch is a search for a value of one kind, with all that was decided about it so far.
type branch struct {
	*solver
	k       kind
	goal    []lit // what the value is looked for
	seen    []lit // all that holds of it
	facts   []fact
	choices []choice
	values  []any // what it may be, where bounded is true
	bounded bool
}

func (b *branch) clone() *branch {
	c := *b
	c.seen, c.facts, c.choices = slices.Clone(b.seen), slices.Clip(b.facts), slices.Clone(b.choices)
	return &c
}

// run adds facts to a branch and searches on.
func (s *solver) run(b *branch, todo []fact) result {
	if !s.step(1) {
		return result{status: unsure}
	}
	for {
		if !b.add(todo) {
			return result{}
		}
		if b.bounded {
			return s.pick(b.goal, b.values, b.k)
		}
		more, ok := b.simplify()
		if !ok {
			return result{}
		}
		if more == nil {
			break
		}
		todo = more
	}
	if b.dropApart(); len(b.choices) == 0 {
		return b.leaf()
	}
	if r := b.leaf(); r.status == none || r.status == found && s.satisfies(b.goal, r.value) {
		return r
	}
	return b.split()
}

// add takes facts in, and all that follows from them at once; false where they contradict each other.
func (b *branch) add(todo []fact) bool {
	todo = slices.Clone(todo)
	for len(todo) > 0 {
		f := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch f := f.(type) {
		case fail:
			return false
		case lit:
			if f == nothing || slices.Contains(b.seen, f.not()) {
				return false
			}
			if f == anything || slices.Contains(b.seen, f) {
				continue
			}
			b.seen = append(b.seen, f)
			x := b.expand(f, b.k)
			todo = append(todo, x.facts...)
			b.choices = append(b.choices, x.choices...)
		case finite:
			if !b.bounded {
				b.values, b.bounded = f, true
			}
		default:
			b.facts = append(b.facts, f)
		}
	}
	return true
}

// simplify leaves out options that cannot hold, and choices that are made already. It gives the facts of a choice with one
// option left; false where one has none.
func (b *branch) simplify() ([]fact, bool) {
	var kept []choice
	for i, c := range b.choices {
		var options []option
		made := false
		for _, o := range c.options {
			state := b.judge(o)
			if state > 0 {
				made = true
				break
			}
			if state == 0 {
				options = append(options, o)
			}
		}
		switch {
		case made:
		case len(options) == 0:
			return nil, false
		case len(options) == 1:
			b.choices = append(kept, b.choices[i+1:]...)
			return append([]fact{}, options[0]...), true
		default:
			kept = append(kept, choice{c.from, options, c.tested})
		}
	}
	b.choices = kept
	return nil, true
}

// judge gives 1 for an option that holds, -1 for one that cannot, and 0 where it is open.
func (b *branch) judge(o option) int {
	state := 1
	for _, f := range o {
		l, ok := f.(lit)
		switch {
		case !ok:
			if b.clashes(f) {
				return -1
			}
			state = 0
		case l == nothing || slices.Contains(b.seen, l.not()):
			return -1
		case l == anything || slices.Contains(b.seen, l):
		default:
			x := b.expand(l, b.k)
			if slices.ContainsFunc(x.facts, func(f fact) bool { _, is := f.(fail); return is }) {
				return -1
			}
			if len(x.facts) > 0 || len(x.choices) > 0 {
				state = 0
			}
		}
	}
	return state
}

// clashes tells whether a fact contradicts one that is there, where that is easily seen.
func (b *branch) clashes(f fact) bool {
	switch f := f.(type) {
	case fail:
		return true
	case has:
		if f.is == nothing {
			return true
		}
		return slices.ContainsFunc(b.facts, func(g fact) bool { l, is := g.(lacks); return is && l.name == f.name })
	case lacks:
		return slices.ContainsFunc(b.facts, func(g fact) bool { h, is := g.(has); return is && h.name == f.name })
	}
	return false
}

// dropApart leaves out choices that come from refusing a schema which the value cannot meet anyway.
func (b *branch) dropApart() {
	refusals := 0
	for _, c := range b.choices {
		if c.from.refuses() {
			refusals++
		}
	}
	if refusals < 2 {
		return
	}
	b.choices = slices.DeleteFunc(b.choices, func(c choice) bool {
		if !c.from.refuses() || c.tested {
			return false
		}
		outer := b.low
		r := b.solve(append(b.positives(), c.from.not())...)
		b.low = outer
		return r.status == none
	})
	for i := range b.choices {
		b.choices[i].tested = true
	}
}

// positives are the schemas that accept the value, without what they leave to be chosen: a choice must not be left out because
// it was made by itself.
func (b *branch) positives() []lit {
	var out []lit
	for _, l := range b.seen {
		if !l.refuses() {
			out = append(out, b.plain(l))
		}
	}
	return out
}

// plain is a schema without the keywords that leave a choice.
func (s *solver) plain(l lit) lit {
	if p, ok := s.plains[l]; ok {
		return p
	}
	n, p := s.rep[l/2], l
	if n.Bool == nil {
		p = s.lit(&schema.Node{
			Types: n.Types, Enum: n.Enum, Const: n.Const, Minimum: n.Minimum, Maximum: n.Maximum, Above: n.Above, Below: n.Below,
			MultipleOf: n.MultipleOf, MinLength: n.MinLength, MaxLength: n.MaxLength, Pattern: n.Pattern, Format: n.Format,
			MinItems: n.MinItems, MaxItems: n.MaxItems, Unique: n.Unique, Prefix: n.Prefix, Rest: n.Rest, Contains: n.Contains,
			MinContains: n.MinContains, MaxContains: n.MaxContains, MinProperties: n.MinProperties, MaxProperties: n.MaxProperties,
			Required: n.Required, Properties: n.Properties, Patterns: n.Patterns, Additional: n.Additional, Names: n.Names,
		})
	}
	s.plains[l] = p
	return p
}

// split tries the options of the choice that has the fewest.
func (b *branch) split() result {
	at := 0
	for i, c := range b.choices {
		if len(c.options) < len(b.choices[at].options) {
			at = i
		}
	}
	chosen := b.choices[at]
	b.choices = slices.Delete(slices.Clone(b.choices), at, at+1)
	all := result{}
	for _, o := range chosen.options {
		r := b.run(b.clone(), append([]fact{}, o...))
		if r.status == found {
			return r
		}
		all.status = max(all.status, r.status)
	}
	return all
}

// leaf puts a value together of which the facts hold.
func (b *branch) leaf() result {
	switch b.k {
	case kindBool:
		return b.pick(b.goal, []any{true, false}, kindBool)
	case kindNumber:
		return b.number()
	case kindText:
		return b.text()
	case kindList:
		return b.list()
	case kindObject:
		return b.object()
	}
	return b.pick(b.goal, []any{nil}, kindNull)
}
