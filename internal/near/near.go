// Package near finds the known name that somebody meant to write.
package near

import "slices"

// Name gives the candidate that word most likely is a misspelling of: the one with the fewest edits (insertion, removal,
// replacement or swap of neighbours; optimal string alignment), at most one for every three characters and at least one. What Fold
// writes alike is no edit. Among equals the first in the order given wins. It gives false where nothing is near enough.
func Name(word string, candidates []string) (string, bool) {
	runes := []rune(Fold(word))
	bound := max(1, len(runes)/3)
	best, found := "", false
	for _, c := range candidates {
		if d := distance(runes, []rune(Fold(c)), bound); d <= bound {
			best, found, bound = c, true, d-1
		}
		if bound < 0 {
			break
		}
	}
	return best, found
}

// Slip tells whether a word is a name but for one slip of the pen: what Fold writes alike, or one edit of four letters or more. Names
// with other numbers are other names.
func Slip(word, name string) bool {
	a, b := []rune(Fold(word)), []rune(Fold(name))
	d := distance(a, b, 1)
	return d == 0 || d == 1 && len(b) >= 4 && digits(a) == digits(b)
}

func digits(word []rune) string {
	return string(slices.DeleteFunc(slices.Clone(word), func(r rune) bool { return r < '0' || r > '9' }))
}

// distance is the optimal string alignment distance of a and b; any number above bound where it is larger than that.
func distance(a, b []rune, bound int) int {
	if abs(len(a)-len(b)) > bound {
		return bound + 1
	}
	older, old, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, old, row = old, row, older
	}
	return old[len(b)]
}

func abs(n int) int { return max(n, -n) }
