package compat

import (
	"slices"

	"github.com/tamerhq/tamer/internal/schema"
)

// A listing is what the facts ask of a list.
type listing struct {
	*branch
	shapes  []items
	ats     []at
	beyonds []beyond
	counts  []count
	min     int
	max     int // no bound where negative
	unique  bool
	repeats bool
	differs []any

	prefix int // from this place on all items are asked the same
}

// Bounds on what is made: items of a list, and of one where each item needs a thought of its own.
const (
	maxItems   = 100_000
	maxThought = 40
	maxCounts  = 4
)

// list finds a list of which the facts of the branch hold.
func (b *branch) list() result {
	l := &listing{branch: b, max: -1}
	for _, f := range b.facts {
		l.take(f)
	}
	if l.unique && l.repeats || l.max >= 0 && l.min > l.max {
		return result{}
	}
	if len(l.counts) > maxCounts {
		l.counts = l.counts[:maxCounts]
	}
	r := l.find()
	if r.status == found {
		if e, is := excluded(l.differs, r.value); is {
			return l.other(e)
		}
	}
	return r
}

func (l *listing) take(f fact) {
	switch f := f.(type) {
	case length:
		l.min = max(l.min, f.min)
		if f.max >= 0 && (l.max < 0 || f.max < l.max) {
			l.max = f.max
		}
	case items:
		l.shapes = append(l.shapes, f)
		l.prefix = max(l.prefix, len(f.prefix))
	case at:
		l.ats = append(l.ats, f)
		l.min, l.prefix = max(l.min, f.i+1), max(l.prefix, f.i+1)
	case beyond:
		l.beyonds = append(l.beyonds, f)
		l.prefix = max(l.prefix, f.from)
	case count:
		if f.min > 0 || f.max >= 0 {
			l.counts = append(l.counts, f)
		}
	case unique:
		l.unique = true
	case repeats:
		l.repeats = true
	case differs:
		l.differs = append(l.differs, f.from)
	}
}

// asked is what must hold of the item at a place.
func (l *listing) asked(i int) []lit {
	var out []lit
	for _, s := range l.shapes {
		if i < len(s.prefix) {
			out = append(out, s.prefix[i])
		} else {
			out = append(out, s.rest)
		}
	}
	for _, a := range l.ats {
		if a.i == i {
			out = append(out, a.is)
		}
	}
	return out
}

// find tries the lengths that can matter: what is longer than all demands together can be made shorter.
func (l *listing) find() result {
	longest := max(l.min, l.prefix) + len(l.beyonds)
	for _, c := range l.counts {
		if c.min > maxThought {
			return result{status: unsure}
		}
		longest += c.min
	}
	if l.repeats {
		longest += 2
		l.min = max(l.min, 2)
	}
	if l.max >= 0 {
		longest = min(longest, l.max)
	}
	thought := len(l.counts)+len(l.beyonds) > 0
	if !thought && !l.repeats {
		longest = l.min
	}
	out := result{}
	for n := l.min; n <= longest; n++ {
		var r result
		switch {
		case n > maxItems || thought && n > maxThought:
			r.status = unsure
		case thought:
			r = l.think(n)
		case l.repeats:
			r = l.twins(n)
		default:
			r = l.fill(n, nil)
		}
		if r.status == found {
			return r
		}
		if out.status = max(out.status, r.status); !l.step(1) {
			return result{status: unsure}
		}
	}
	return out
}

// fill makes a list of n items, some of them given.
func (l *listing) fill(n int, fixed map[int]any) result {
	if l.unique {
		return l.fillDistinct(n)
	}
	list := make([]any, n)
	out := result{status: found}
	for i := range n {
		if v, ok := fixed[i]; ok {
			list[i] = v
			continue
		}
		if i > l.prefix {
			if _, ok := fixed[i-1]; !ok {
				list[i] = list[i-1]
				continue
			}
		}
		switch r := l.solve(l.asked(i)...); r.status {
		case none:
			return result{}
		case unsure:
			out.status = unsure
		default:
			list[i] = r.value
		}
	}
	out.value = list
	return out
}

// fillDistinct makes a list of n items that all differ. If the first choice that comes to hand leads nowhere, that says
// something only where all places are asked the same.
func (l *listing) fillDistinct(n int) result {
	if n > maxThought*5 {
		return result{status: unsure}
	}
	plain := *l
	plain.unique = false
	if r := plain.fill(n, nil); r.status != found {
		return r
	}
	list := make([]any, 0, n)
	for i := range n {
		asked := l.asked(i)
		for _, v := range list {
			asked = append(asked, l.lit(&schema.Node{Const: []any{v}}).not())
		}
		switch r := l.solve(asked...); {
		case r.status == found:
			list = append(list, r.value)
		case r.status == none && l.prefix == 0:
			return result{}
		default:
			return l.giveUp("it is not known whether the items of a list can all differ")
		}
	}
	return result{found, list}
}

// twins makes a list of n items of which two are equal.
func (l *listing) twins(n int) result {
	out := result{}
	for j := range min(n, l.prefix+2) {
		for i := range j {
			r := l.solve(append(l.asked(i), l.asked(j)...)...)
			if r.status == found {
				if r = l.fill(n, map[int]any{i: r.value, j: r.value}); r.status == found {
					return r
				}
			}
			out.status = max(out.status, r.status)
		}
	}
	return out
}

// think makes a list of n items where items are counted or stand somewhere.
func (l *listing) think(n int) result {
	t := &thinking{listing: l, n: n, failed: map[string]bool{}}
	switch {
	case t.next(0, make([]int, len(l.counts)), 0, nil):
	case t.unsure:
		return result{status: unsure}
	default:
		return result{}
	}
	if twice := len(canonicals(t.list)) < n; l.unique && twice || l.repeats && !twice {
		return result{status: unsure}
	}
	return result{found, t.list}
}

// excluded gives the one of the values that a value equals.
func excluded(values []any, v any) (any, bool) {
	if len(values) == 0 {
		return nil, false
	}
	c := canonical(v)
	for _, e := range values {
		if canonical(e) == c {
			return e, true
		}
	}
	return nil, false
}

// other looks for a list that differs from an excluded one: it is shorter, or longer, or has another item somewhere.
func (l *listing) other(e any) result {
	from := e.([]any)
	ways := []fact{length{len(from) + 1, -1}}
	if len(from) > 0 {
		ways = append(ways, length{0, len(from) - 1})
	}
	for i, v := range from {
		ways = append(ways, at{i, l.lit(&schema.Node{Const: []any{v}}).not()})
	}
	return l.branch.differently(e, ways)
}

// differently searches again with each of the ways in which a value can differ from an excluded one.
func (b *branch) differently(e any, ways []fact) result {
	out := result{}
	var rest []fact
	for _, f := range b.facts {
		if d, ok := f.(differs); !ok || canonical(d.from) != canonical(e) {
			rest = append(rest, f)
		}
	}
	for _, way := range ways {
		if !b.step(1) {
			return result{status: unsure}
		}
		c := b.clone()
		c.facts = append(slices.Clone(rest), way)
		r := c.leaf()
		if r.status == found {
			return r
		}
		out.status = max(out.status, r.status)
	}
	return out
}
