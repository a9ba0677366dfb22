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

// Bounds: patterns that are all combined, and properties that are made only to have enough of them.
const (
	maxPatterns = 6
	maxFilled   = 300
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
			if ok, known := p.pattern.Match(name); ok || !known {
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
	for name := range used {
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
		if ok, known := m.pattern.Match(name); known && ok == m.not {
			return false
		}
	}
	ok, known := o.holds(f.name, name)
	return ok || !known
}

// fresh gives names that nothing names, one for each way in which patterns may match it, as far as a property with that name can
// be what is asked.
func (o *record) fresh(f some, used map[string][]lit) []string {
	known := o.knownNames()
	ways := 1 << len(o.patterns)
	if len(o.patterns) > maxPatterns {
		o.unsure, ways = true, 1
		o.why = "there are too many patterns for names of properties"
	}
	taken := []any{}
	for _, name := range known {
		taken = append(taken, name)
	}
	for _, name := range sortedNames(used) {
		if !slices.Contains(known, name) {
			taken = append(taken, name)
		}
	}
	base := append([]lit{o.lit(&schema.Node{Types: []string{"string"}}), f.name}, o.names...)
	if len(taken) > 0 {
		base = append(base, o.lit(&schema.Node{Enum: taken}).not())
	}
	var out []string
	for way := range ways {
		goal, ok := o.signature(f, way)
		if !ok || o.valueStatus(f, way) == none {
			continue
		}
		switch r := o.solve(append(goal, base...)...); r.status {
		case found:
			if name, ok := r.value.(string); ok {
				out = append(out, name)
			}
		case unsure:
			o.unsure = true
		}
	}
	return out
}

// signature says of a name which patterns match it; false where the some asks otherwise.
func (o *record) signature(f some, way int) ([]lit, bool) {
	var goal []lit
	for k, p := range o.patterns {
		l := o.lit(&schema.Node{Pattern: p})
		wanted := slices.IndexFunc(f.matches, func(m match) bool { return m.pattern.Source() == p.Source() })
		matches := way&(1<<k) != 0
		switch {
		case len(o.patterns) > maxPatterns:
			if wanted < 0 {
				continue
			}
			matches = !f.matches[wanted].not
		case wanted >= 0 && f.matches[wanted].not == matches:
			return nil, false
		}
		if !matches {
			l = l.not()
		}
		goal = append(goal, l)
	}
	return goal, true
}

// valueStatus tells whether a property with a fresh name that the patterns match in a way can be what is asked.
func (o *record) valueStatus(f some, way int) status {
	if len(o.patterns) > maxPatterns {
		return unsure
	}
	goal := []lit{f.is}
	for _, m := range o.members {
		matched := false
		for _, p := range m.patterns {
			k := slices.IndexFunc(o.patterns, func(q *schema.Pattern) bool { return q.Source() == p.pattern.Source() })
			if way&(1<<k) != 0 {
				matched = true
				goal = append(goal, p.is)
			}
		}
		if !matched {
			goal = append(goal, m.rest)
		}
	}
	r := o.solve(goal...)
	if r.status == unsure {
		o.unsure = true
	}
	return r.status
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
	for name, is := range used {
		r := o.solve(append(o.asked(name), is...)...)
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
