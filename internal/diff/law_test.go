package diff_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/tamerhq/tamer/internal/diff"
)

// rounds is how many random pairs each law is tried on.
const rounds = 2000

// Nothing differs from itself; what Equal says is what Compare says; and the changes lead from the one to the other.
func TestLaws(t *testing.T) {
	for seed := range rounds {
		g := newGenerator(seed)
		old := g.documents()
		new := g.documents()
		if seed%4 > 0 {
			new = g.mutatedDocuments(old)
		}
		a, b := diff.Side{Documents: old}, diff.Side{Documents: new}
		if changes := diff.Compare(a, a); len(changes) > 0 {
			t.Fatalf("seed %d: %s differs from itself:\n%s", seed, asJSON(old), lines(changes))
		}
		changes := diff.Compare(a, b)
		if same := diff.Equal(any(old), any(new)); same != (len(changes) == 0) {
			t.Fatalf("seed %d: equal is %t, and there are %d changes\nold %s\nnew %s", seed, same, len(changes), asJSON(old), asJSON(new))
		}
		checkApply(t, old, new, changes)
	}
}

// Changes are in no need of their order.
func TestApplyInAnyOrder(t *testing.T) {
	for seed := range rounds / 4 {
		g := newGenerator(seed)
		old := g.documents()
		new := g.mutatedDocuments(old)
		changes := diff.Compare(diff.Side{Documents: old}, diff.Side{Documents: new})
		g.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
		checkApply(t, old, new, changes)
	}
}

// Items of a list that have an identity, in another order: only moves, and never more than needed.
func TestReorderingMovesOnly(t *testing.T) {
	for seed := range rounds / 4 {
		g := newGenerator(seed)
		old := g.keyed(3).([]any)
		new := slices.Clone(old)
		g.Shuffle(len(new), func(i, j int) { new[i], new[j] = new[j], new[i] })
		changes := diff.Compare(diff.One(map[string]any{"l": old}), diff.One(map[string]any{"l": new}))
		for _, ch := range changes {
			if ch.Op != diff.Move {
				t.Fatalf("seed %d: %s to %s:\n%s", seed, asJSON(old), asJSON(new), lines(changes))
			}
		}
		if len(changes) >= max(1, len(old)) {
			t.Fatalf("seed %d: %d moves for %d items", seed, len(changes), len(old))
		}
	}
}

// Lists of scalars: no script without moves is shorter.
func TestShortest(t *testing.T) {
	for seed := range rounds {
		g := newGenerator(seed)
		list := func() (ints []int, values []any) {
			for range g.IntN(9) {
				n := g.IntN(4)
				ints, values = append(ints, n), append(values, json.Number(fmt.Sprint(n)))
			}
			return ints, values
		}
		a, old := list()
		b, new := list()
		edits := 0
		for _, ch := range diff.Compare(diff.One(any(slices.Clip(old))), diff.One(any(slices.Clip(new)))) {
			if edits++; ch.Op == diff.Modify || ch.Op == diff.Move {
				edits++ // a removal and an addition
			}
		}
		if want := len(a) + len(b) - 2*longestCommon(a, b); edits != want {
			t.Fatalf("%v to %v: %d edits, %d would do", a, b, edits, want)
		}
	}
}

// longestCommon is the length of a longest common subsequence, by the textbook's table.
func longestCommon(a, b []int) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
	}
	for i := range a {
		for j := range b {
			table[i+1][j+1] = max(table[i][j+1], table[i+1][j])
			if a[i] == b[j] {
				table[i+1][j+1] = table[i][j] + 1
			}
		}
	}
	return table[len(a)][len(b)]
}
