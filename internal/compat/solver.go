package compat

import (
	"encoding/binary"
	"encoding/json"
	"slices"
)

// A status is what a search ends with. none is proven; found comes with a value, which may be wrong where the schemas hold
// something unclear; unsure means that the search was given up.
type status int

const (
	none status = iota
	found
	unsure
)

type result struct {
	status status
	value  any
}

// A solver looks for values that satisfy schemas and their opposites. It takes the schemas apart as a tableau does: what must
// hold of the value is collected, what may hold in several ways is tried one after the other, and in the end numbers, texts,
// lists and objects are each put together by arithmetic of their own. Where it leaves something out, it leaves out a demand
// on the value, so that "there is none" stays true.
type solver struct {
	*classes
	enums
	expansions map[expansionKey]*expansion
	memo       map[string]result
	open       map[string]int // goals in progress: how deep
	rests      map[string]int // results that rest on a goal in progress having none: how deep that is
	assumed    []string       // their keys, in order
	depth      int
	low        int // the least depth of a goal in progress that the present one rests on
	left       int // steps until everything is given up
	budget     *Budget
	why        string
	given      []string    // keys of results that are unsure
	plains     map[lit]lit // see plain
	machines   map[string]*machine
	alphabets  map[string][]rune
	split      map[string][]match // see matches
}

const (
	maxDepth = 150
	free     = 1 << 30 // rests on no goal in progress
)

func newSolver(c *classes, steps int, within *Budget) *solver {
	return &solver{classes: c, budget: within, enums: enums{}, expansions: map[expansionKey]*expansion{}, memo: map[string]result{}, open: map[string]int{}, rests: map[string]int{},
		left: steps, low: free, plains: map[lit]lit{}, machines: map[string]*machine{}, split: map[string][]match{}, alphabets: map[string][]rune{}}
}

// refill gives steps for another search. What was given up for want of steps is tried anew.
func (s *solver) refill(steps int) {
	s.left, s.why = steps, ""
	for _, key := range s.given {
		delete(s.memo, key)
	}
	s.given = s.given[:0]
}

// reason says why the last search was given up.
func (s *solver) reason() string {
	switch {
	case s.budget.spent():
		return "the schemas take too long to compare"
	case s.left <= 0:
		return "the schemas branch too much to try everything"
	case s.why != "":
		return s.why
	}
	return "the schemas hold something that cannot be reasoned about, and no example was found"
}

// giveUp is the result of a search that cannot go on, with the reason.
func (s *solver) giveUp(why string) result {
	s.why = why
	return result{status: unsure}
}

// step counts work, and tells whether there is some left.
func (s *solver) step(n int) bool {
	s.left -= n
	return s.left > 0 && !s.budget.spent()
}

func keyOf(goal []lit) string {
	b := make([]byte, 0, 4*len(goal))
	for _, l := range goal {
		b = binary.LittleEndian.AppendUint32(b, uint32(l))
	}
	return string(b)
}

// tidy sorts a goal; false where it contradicts itself.
func tidy(goal []lit) ([]lit, bool) {
	goal = slices.Clone(goal)
	slices.Sort(goal)
	goal = slices.Compact(goal)
	if len(goal) > 0 && goal[0] == anything {
		goal = goal[1:]
	}
	for i, l := range goal {
		if l == nothing || i > 0 && goal[i-1] == l.not() {
			return nil, false
		}
	}
	return goal, true
}

// solve looks for a value of which all of the goal holds. If there is one, there is one that does not hold a value for the
// same goal within itself: so a goal in progress may be taken for one without a value.
func (s *solver) solve(goal ...lit) result {
	goal, ok := tidy(goal)
	if !ok {
		return result{}
	}
	key := keyOf(goal)
	if r, ok := s.memo[key]; ok {
		return s.recall(key, r)
	}
	if depth, ok := s.open[key]; ok {
		s.low = min(s.low, depth)
		return result{}
	}
	if s.depth >= maxDepth || !s.step(1) {
		return result{status: unsure}
	}
	outer, first := s.low, len(s.assumed)
	s.low = free
	s.open[key] = s.depth
	s.depth++
	r := s.search(goal)
	s.depth--
	delete(s.open, key)
	s.settle(key, r, first)
	s.low = min(s.low, outer)
	return r
}

// recall gives a result again; one that rests on an assumption still does.
func (s *solver) recall(key string, r result) result {
	if low, ok := s.rests[key]; ok {
		s.low = min(s.low, low)
	}
	return r
}

// settle remembers the result of the goal that was just left. Results below it that rest on there being none are certain if
// there is none and nothing else is assumed; they are forgotten if there is one.
func (s *solver) settle(key string, r result, first int) {
	own := s.low >= s.depth // rests on no goal that is still in progress
	if own {
		s.low = free
	}
	s.memo[key] = r
	if r.status == unsure {
		s.given = append(s.given, key)
	}
	if r.status == none && !own {
		s.rests[key] = s.low
		s.assumed = append(s.assumed, key)
		return
	}
	for _, a := range s.assumed[first:] {
		delete(s.rests, a)
		if r.status != none {
			delete(s.memo, a)
		}
	}
	s.assumed = s.assumed[:first]
	s.low = free
}

// disjoint tells whether it is certain that no value is accepted by both.
func (s *solver) disjoint(a, b lit) bool {
	outer := s.low
	s.low = free
	r := s.solve(a, b)
	certain := s.low == free
	s.low = outer
	return r.status == none && certain
}

func (s *solver) search(goal []lit) result {
	all := result{}
	for k := range kinds {
		r := s.run(&branch{solver: s, k: k, goal: goal}, s.facts(goal))
		if r.status == found {
			return r
		}
		all.status = max(all.status, r.status)
	}
	return all
}

func (s *solver) facts(goal []lit) []fact {
	out := make([]fact, len(goal))
	for i, l := range goal {
		out[i] = l
	}
	return out
}

// holds judges a value by a lit; known is false where nothing can.
func (s *solver) holds(l lit, v any) (holds, known bool) {
	ok, known := s.accepts(s.rep[l/2], v)
	return ok != l.refuses(), known
}

// satisfies tells whether it is certain that all of the goal holds of a value.
func (s *solver) satisfies(goal []lit, v any) bool {
	for _, l := range goal {
		s.step(6) // the engine costs more than a step of our own
		if ok, known := s.holds(l, v); !ok || !known {
			return false
		}
	}
	return true
}

// pick gives a value of a finite list of which the goal holds.
func (s *solver) pick(goal []lit, values []any, k kind) result {
	out := result{}
	for i, v := range values {
		if kindOf(v) != k {
			continue
		}
		if i%16 == 0 && !s.step(1) {
			return result{status: unsure}
		}
		certain, possible := true, true
		for _, l := range goal {
			ok, known := s.holds(l, v)
			certain = certain && known
			possible = possible && (ok || !known)
		}
		switch {
		case certain && possible:
			return result{found, v}
		case possible:
			out.status = unsure
		}
	}
	return out
}

func kindOf(v any) kind {
	switch v.(type) {
	case nil:
		return kindNull
	case bool:
		return kindBool
	case json.Number:
		return kindNumber
	case string:
		return kindText
	case []any:
		return kindList
	}
	return kindObject
}
