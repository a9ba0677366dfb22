package compat

import (
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/schema"
)

// A record is what the facts ask of an object.
type record struct {
	*branch
	members []members
	has     map[string][]lit
	lacks   map[string]bool
	somes   []some
	names   []lit
	min     int
	max     int // no bound where negative
	differs []any

	known    []string // names that the facts name, in order; see knownNames
	patterns []*schema.Pattern
	unsure   bool
}

// Bounds: names that are tried for one property, and properties that are made only to have enough of them.
const (
	maxNames  = 64
	maxFilled = 300
)

// object finds an object of which the facts of the branch hold.
func (b *branch) object() result {
	o := &record{branch: b, has: map[string][]lit{}, lacks: map[string]bool{}, max: -1}
	for _, f := range b.facts {
		o.take(f)
	}
	if o.max >= 0 && (o.min > o.max || len(o.has) > o.max) {
		return result{}
	}
	for _, name := range sortedNames(o.has) {
		if o.lacks[name] || !o.nameFits(name) {
			return result{}
		}
		switch o.solve(append(o.asked(name), o.has[name]...)...).status {
		case none:
			return result{}
		case unsure:
			o.unsure = true
		}
	}
	r := o.place(0, o.has)
	if r.status == none && o.unsure {
		r.status = unsure
	}
	if r.status == found {
		if e, is := excluded(o.differs, r.value); is {
			return o.other(e)
		}
	}
	return r
}

func (o *record) take(f fact) {
	switch f := f.(type) {
	case length:
		o.min = max(o.min, f.min)
		if f.max >= 0 && (o.max < 0 || f.max < o.max) {
			o.max = f.max
		}
	case members:
		o.members = append(o.members, f)
	case has:
		o.has[f.name] = append(o.has[f.name], f.is)
	case lacks:
		o.lacks[f.name] = true
	case some:
		o.somes = append(o.somes, f)
	case names:
		o.names = append(o.names, f.are)
	case differs:
		o.differs = append(o.differs, f.from)
	}
}

// asked is what must hold of the property of a name.
func (o *record) asked(name string) []lit {
	var out []lit
	for _, m := range o.members {
		l, matched := m.named[name]
		if matched {
			out = append(out, l)
		}
		for _, p := range m.patterns {
			if ok, known := o.inText(p.pattern, name); ok || !known {
				matched = true
				if known {
					out = append(out, p.is)
				}
			}
		}
		if !matched {
			out = append(out, m.rest)
		}
	}
	return out
}

// nameFits tells whether a property may have a name.
func (o *record) nameFits(name string) bool {
	for _, l := range o.names {
		if ok, known := o.holds(l, name); !ok && known {
			return false
		}
	}
	return true
}

// knownNames are all names that the facts name: each may be treated unlike all others.
func (o *record) knownNames() []string {
	if o.known == nil {
		all := map[string]bool{}
		for _, m := range o.members {
			for name := range m.named {
				all[name] = true
			}
		}
		for _, s := range o.somes {
			maps.Copy(all, s.except)
		}
		for name := range o.has {
			all[name] = true
		}
		maps.Copy(all, o.lacks)
		o.known = append([]string{}, sortedNames(all)...)
		seen := map[string]bool{}
		for _, m := range o.members {
			for _, p := range m.patterns {
				if !seen[p.pattern.Source()] {
					seen[p.pattern.Source()] = true
					o.patterns = append(o.patterns, p.pattern)
				}
			}
		}
		for _, s := range o.somes {
			for _, p := range s.matches {
				if !seen[p.pattern.Source()] {
					seen[p.pattern.Source()] = true
					o.patterns = append(o.patterns, p.pattern)
				}
			}
		}
	}
	return o.known
}

// place finds a property for each of the somes from i on, and then makes the object.
func (o *record) place(i int, used map[string][]lit) result {
	if !o.step(1) {
		return result{status: unsure}
	}
	if i == len(o.somes) {
		return o.finish(used)
	}
	f := o.somes[i]
	out := result{}
	try := func(name string, is ...lit) bool {
		next := maps.Clone(used)
		next[name] = slices.Concat(next[name], is)
		goal := append(o.asked(name), next[name]...)
		if r := o.solve(goal...); r.status != found {
			out.status = max(out.status, r.status)
			return false
		}
		r := o.place(i+1, next)
		if r.status == found {
			out = r
			return true
		}
		out.status = max(out.status, r.status)
		return false
	}
	if o.max < 0 || len(used) < o.max {
		for _, name := range o.fresh(f, used) {
			if try(name, f.is) {
				return out
			}
		}
	}
	for _, name := range o.knownNames() {
		if _, there := used[name]; (there || o.max < 0 || len(used) < o.max) && o.fits(f, name) && try(name, f.is) {
			return out
		}
	}
	for _, name := range sortedNames(used) {
		if !slices.Contains(o.knownNames(), name) && o.fits(f, name) && try(name, f.is) {
			return out
		}
	}
	return out
}

// fits tells whether the property that a some asks for may have a name.
func (o *record) fits(f some, name string) bool {
	if f.except[name] || o.lacks[name] || !o.nameFits(name) {
		return false
	}
	for _, m := range f.matches {
		if ok, known := o.inText(m.pattern, name); known && ok == m.not {
			return false
		}
	}
	ok, known := o.holds(f.name, name)
	return ok || !known
}

// fresh gives names that nothing names, one for each way in which patterns may match it, as far as a property with that name can
// be what is asked.
func (o *record) fresh(f some, used map[string][]lit) []string {
	taken := []any{}
	for _, name := range o.knownNames() {
		taken = append(taken, name)
	}
	for _, name := range sortedNames(used) {
		if _, known := slices.BinarySearch(o.known, name); !known {
			taken = append(taken, name)
		}
	}
	goal := append([]lit{o.lit(&schema.Node{Types: []string{"string"}}), f.name}, o.names...)
	if len(taken) > 0 {
		goal = append(goal, o.lit(&schema.Node{Enum: taken}).not())
	}
	n := naming{record: o, is: f.is, matched: make([]bool, len(o.patterns))}
	for _, m := range f.matches {
		l := o.lit(&schema.Node{Pattern: m.pattern})
		if m.not {
			l = l.not()
		}
		goal = append(goal, l)
	}
	n.decide(0, goal)
	return n.names
}

// A naming looks for names by deciding of each pattern whether it matches.
type naming struct {
	*record
	is      lit
	matched []bool // by pattern
	names   []string
}

// decide goes on with the patterns from k on, as long as a name is left.
func (n *naming) decide(k int, goal []lit) {
	r := n.solve(goal...)
	if r.status == unsure {
		n.unsure = true
	}
	if r.status == none || len(n.names) >= maxNames || !n.step(0) {
		n.unsure = n.unsure || r.status != none
		return
	}
	if k < len(n.patterns) {
		l := n.lit(&schema.Node{Pattern: n.patterns[k]})
		n.matched[k] = false
		n.decide(k+1, append(slices.Clip(goal), l.not()))
		n.matched[k] = true
		n.decide(k+1, append(slices.Clip(goal), l))
		return
	}
	if name, ok := r.value.(string); ok && r.status == found && n.mayBe() {
		n.names = append(n.names, name)
	}
}

// mayBe tells whether a property whose name the patterns match as decided can be what is asked.
func (n *naming) mayBe() bool {
	goal := []lit{n.is}
	for _, m := range n.members {
		matched := false
		for _, p := range m.patterns {
			k := slices.IndexFunc(n.patterns, func(q *schema.Pattern) bool { return q.Source() == p.pattern.Source() })
			if n.matched[k] {
				matched = true
				goal = append(goal, p.is)
			}
		}
		if !matched {
			goal = append(goal, m.rest)
		}
	}
	r := n.solve(goal...)
	if r.status == unsure {
		n.unsure = true
	}
	return r.status != none
}

// finish adds properties until there are enough, and makes the object.
func (o *record) finish(used map[string][]lit) result {
	if o.max >= 0 && len(used) > o.max {
		return result{}
	}
	if len(used) < o.min {
		used = maps.Clone(used)
		if o.min > maxFilled {
			return result{status: unsure}
		}
		for _, name := range o.knownNames() {
			if _, there := used[name]; len(used) < o.min && !there && o.fits(some{}, name) && o.solve(o.asked(name)...).status == found {
				used[name] = nil
			}
		}
		for len(used) < o.min {
			more := o.fresh(some{}, used)
			if len(more) == 0 {
				return result{}
			}
			for _, name := range more[:min(len(more), o.min-len(used))] {
				used[name] = nil
			}
		}
	}
	out := make(map[string]any, len(used))
	for _, name := range sortedNames(used) {
		r := o.solve(append(o.asked(name), used[name]...)...)
		if r.status != found {
			return r
		}
		out[name] = r.value
	}
	return result{found, out}
}

// other looks for an object that differs from an excluded one: it lacks a property, or has another one, or another value.
func (o *record) other(e any) result {
	from := e.(map[string]any)
	var ways []fact
	except := map[string]bool{}
	for _, name := range sortedNames(from) {
		except[name] = true
		ways = append(ways, lacks{name}, has{name, o.lit(&schema.Node{Const: []any{from[name]}}).not()})
	}
	return o.branch.differently(e, append(ways, some{except: except}))
}

func sortedNames[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
