package compat

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tamerhq/tamer/internal/schema"
)

func compiled(t *testing.T, src string) *schema.Schema {
	t.Helper()
	s, found := schema.NewSet(fstest.MapFS{"s.json": {Data: []byte(src)}}).Compile("s.json")
	if s == nil {
		t.Fatal(found)
	}
	return s
}

// chainOf gives n schemas, each of the items of the one before, and then an end.
func chainOf(n int, end *schema.Node) *schema.Node {
	for range n {
		end = &schema.Node{Rest: end}
	}
	return end
}

// Schemas that cannot be told apart in useful time are not taken for the same.
func TestRefineEnds(t *testing.T) {
	late := NewBudget(time.Hour)
	late.late = true
	text := func() *schema.Node { return &schema.Node{Types: []string{"string"}} }
	for name, c := range map[string]struct {
		within *Budget
		links  int
		same   bool
	}{
		"in time":  {NewBudget(time.Hour), 3, true},
		"late":     {late, 3, false},
		"too many": {NewBudget(time.Hour), 2_000, false},
	} {
		c.within.start()
		a, b, always := chainOf(c.links, text()), chainOf(c.links, text()), &schema.Node{}
		got := newClasses(c.within, a, b, always)
		if same := got.lit(a) == got.lit(b); same != c.same || got.lit(always) != anything {
			t.Errorf("%s: taken for the same is %v, want %v; what says nothing is %d", name, same, c.same, got.lit(always))
		}
	}
}

// Of too many alternatives, or when it is late, none is held against each other one, and nothing is claimed of them.
func TestPairedEnds(t *testing.T) {
	late := NewBudget(time.Hour)
	late.late = true
	for name, c := range map[string]struct {
		within *Budget
		n      int
	}{"too many": {NewBudget(time.Hour), maxPaired + 1}, "late": {late, 10}} {
		c.within.start()
		var all []*schema.Node
		for i := range c.n {
			all = append(all, &schema.Node{Types: []string{"string"}, MinLength: new(i)})
		}
		s := newSolver(newClasses(c.within, all...), maxSteps, c.within)
		for _, o := range s.exactlyOne(all) {
			if len(o) != 1 {
				t.Fatalf("%s: an alternative comes with %d facts", name, len(o))
			}
		}
		if p := s.pairs(all); len(p) != 1 || len(p[0]) != 0 {
			t.Errorf("%s: %d pairs", name, len(p))
		}
		if s.left != maxSteps {
			t.Errorf("%s: %d steps were taken", name, maxSteps-s.left)
		}
	}
}

// A large value is not tried, nor are changes of it.
func TestGuessesAreSmall(t *testing.T) {
	for n, found := range map[int]bool{100: true, maxGuessed + 1: false} {
		within := NewBudget(time.Hour)
		within.start()
		p, err := newPair(compiled(t, `{"examples": [[`+strings.Repeat("0,", n)+`0]]}`), compiled(t, fmt.Sprintf(`{"maxItems": %d}`, n)), within)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := p.guess(p.old, p.new, json.Number("1")); ok != found {
			t.Errorf("of %d items: found is %v", n+1, ok)
		}
	}
}

// What differs deeper than any value is nested is not looked for place by place.
func TestWalkEnds(t *testing.T) {
	chain := func(word string) string {
		var b strings.Builder
		for i := range 1500 {
			fmt.Fprintf(&b, `{"description": %q, "items": {"$ref": "#/$defs/x/prefixItems/%d"}},`, word, i+1)
		}
		return `{"$ref": "#/$defs/x/prefixItems/0", "$defs": {"x": {"prefixItems": [` + b.String() + `true]}}}`
	}
	r, err := Compare(compiled(t, chain("old")), compiled(t, chain("new")))
	if err != nil || len(r.Changes) > maxNested+2 { // and what is not proven
		t.Errorf("%s, %d changes, %v", r.Compatibility, len(r.Changes), err)
	}
}
