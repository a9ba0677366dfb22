package diff

import (
	"slices"
	"sort"
)

// A pair is the position of an item in the old list, and of the same one in the new list.
type pair struct{ old, new int }

// maxDepth bounds the search for a shortest edit script, in edits: it costs time and memory by their square.
const maxDepth = 1000

// common gives a longest common subsequence of two lists of classes, in their order. Where items stand in them several times and the
// lists differ by more than maxDepth such items, it may be shorter.
func common(old, new []int) []pair {
	a, b := within(old, new), within(new, old)
	x, y := pick(old, a), pick(new, b)
	found, ok := []pair(nil), false
	if hasTwins(x) || hasTwins(y) {
		found, ok = shortest(x, y)
	}
	if !ok {
		found = rising(occurrences(x, y))
	}
	for i, p := range found {
		found[i] = pair{a[p.old], b[p.new]}
	}
	return found
}

// pick gives the items at some positions.
func pick[T any](list []T, at []int) []T {
	picked := make([]T, len(at))
	for i, p := range at {
		picked[i] = list[p]
	}
	return picked
}

// within gives the positions of the items that the other list has too: the others can be in no common subsequence.
func within(list, other []int) []int {
	has := make(map[int]bool, len(other))
	for _, v := range other {
		has[v] = true
	}
	var at []int
	for i, v := range list {
		if has[v] {
			at = append(at, i)
		}
	}
	return at
}

func hasTwins(list []int) bool {
	seen := make(map[int]bool, len(list))
	for _, v := range list {
		if seen[v] {
			return true
		}
		seen[v] = true
	}
	return false
}

// occurrences pairs the first occurrence of each item in one list with the first in the other, the second with the second, and so
// on. The pairs are in the order of the new list.
func occurrences(old, new []int) []pair {
	at := make(map[int][]int, len(old))
	for i, v := range old {
		at[v] = append(at[v], i)
	}
	var pairs []pair
	for j, v := range new {
		if left := at[v]; len(left) > 0 {
			pairs = append(pairs, pair{left[0], j})
			at[v] = left[1:]
		}
	}
	return pairs
}

// rising gives most of the pairs, in the order of the new list, such that they are in the order of the old list too: a longest
// increasing subsequence, by patience sorting (Aldous and Diaconis, 1999).
func rising(pairs []pair) []pair {
	var tops []int                   // of each pile: a position in pairs
	below := make([]int, len(pairs)) // the top of the pile to the left when a pair was put down
	for i, p := range pairs {
		pile := sort.Search(len(tops), func(k int) bool { return pairs[tops[k]].old >= p.old })
		below[i] = -1
		if pile > 0 {
			below[i] = tops[pile-1]
		}
		if pile == len(tops) {
			tops = append(tops, i)
		} else {
			tops[pile] = i
		}
	}
	if len(tops) == 0 {
		return nil
	}
	var found []pair
	for i := tops[len(tops)-1]; i >= 0; i = below[i] {
		found = append(found, pairs[i])
	}
	slices.Reverse(found)
	// As many may be where they were: then these stay, and two items that changed places are two moves.
	if fixed := slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return p.old != p.new }); len(fixed) >= len(found) {
		return fixed
	}
	return found
}

// shortest gives the longest common subsequence by Myers' greedy search (E. W. Myers, An O(ND) Difference Algorithm, 1986), or false
// where it takes more than maxDepth edits.
func shortest(a, b []int) ([]pair, bool) {
	limit := min(len(a)+len(b), maxDepth)
	reach := make([]int32, 2*limit+3) // by diagonal: how far in a one comes
	mid := limit + 1
	var trace [][]int32
	for edits := 0; edits <= limit; edits++ {
		trace = append(trace, slices.Clone(reach[mid-edits-1:mid+edits+2]))
		for k := -edits; k <= edits; k += 2 {
			x := reach[mid+k-1] + 1
			if k == -edits || k != edits && reach[mid+k-1] < reach[mid+k+1] {
				x = reach[mid+k+1]
			}
			y := int(x) - k
			for int(x) < len(a) && y < len(b) && a[x] == b[y] {
				x, y = x+1, y+1
			}
			reach[mid+k] = x
			if int(x) >= len(a) && y >= len(b) {
				return walkBack(trace, len(a), len(b)), true
			}
		}
	}
	return nil, false
}

// walkBack follows the trace of a search from its end to its start. trace[e] holds the diagonals from -e-1 to e+1 as they were before
// the step with e edits.
func walkBack(trace [][]int32, x, y int) []pair {
	var found []pair
	k := x - y
	for edits := len(trace) - 1; edits >= 0; edits-- {
		before, mid := trace[edits], edits+1
		from, start := k+1, int(before[mid+k+1])
		if k != -edits && (k == edits || before[mid+k-1] >= before[mid+k+1]) {
			from, start = k-1, int(before[mid+k-1])+1
		}
		for ; x > start; x-- {
			found = append(found, pair{x - 1, x - 1 - k})
		}
		x, k = int(before[mid+from]), from
	}
	slices.Reverse(found)
	return found
}
