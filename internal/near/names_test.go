package near

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Names finds what comparing with every name finds.
func TestNearest(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		var w []rune
		for range g.IntN(8) {
			w = append(w, []rune("abCdéB")[g.IntN(6)])
		}
		return string(w)
	}
	found := 0
	for range 2000 {
		var names []string
		for range g.IntN(40) {
			if w := word(); w != "" {
				names = append(names, w)
			}
		}
		slices.Sort(names)
		names = slices.Compact(names)
		half := g.IntN(len(names) + 1)
		asked := word()
		want, _ := Name(asked, names)
		slices.Reverse(names)
		last, _ := Name(asked, names)
		got := NewNames(names[half:]).Nearest(asked).Or(NewNames(names[:half]).Nearest(asked))
		if got.Name != want || got.Sole != (want != "" && want == last) {
			t.Fatalf("nearest to %q among %q is %+v, want %q, %q from behind", asked, names, got, want, last)
		}
		if want != "" {
			found++
		}
	}
	if found < 500 {
		t.Errorf("only %d of the words have a near name", found)
	}
}

// The nearest of very many names is found wherever it stands in the alphabet, and not called the only one where not all were compared.
func TestNearestOfVeryMany(t *testing.T) {
	var names []string
	for i := range 200_000 {
		names = append(names, fmt.Sprintf("segment-%06d", i))
	}
	n := NewNames(append(names, "zebra"))
	if m := n.Nearest("zerba"); m.Name != "zebra" || !m.Sole {
		t.Errorf("%+v", m)
	}
	if m := n.Nearest("segment-x"); m.Sole {
		t.Errorf("%+v", m)
	}
}
