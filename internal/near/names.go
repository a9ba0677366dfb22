package near

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
	"unicode/utf8"
)

// Names are candidates that many words are compared with. They are safe for concurrent use.
type Names struct {
	byLength map[int][]candidate // in characters of the folded names; each sorted

	mu    sync.Mutex
	asked map[string]Match
}

type candidate struct {
	name, folded string
	letters      uint64
}

// A Match is the name that a word most likely is a misspelling of. Without one, Name is empty.
type Match struct {
	Name  string
	Edits int  // 0: the name itself, as Fold writes it
	Sole  bool // no other name is as near
}

// Credible tells whether that name was meant, and not any word: one of one or two letters is near to every other.
func (m Match) Credible() bool { return len(m.Name) > 2 || m.Name != "" && m.Edits == 0 }

// maxCompared bounds the names that one word is compared with letter by letter, of those that have most of its letters.
const maxCompared = 20_000

// NewNames prepares names, which may stand in any order and more than once.
func NewNames(names []string) *Names {
	n := &Names{byLength: map[int][]candidate{}, asked: map[string]Match{}}
	for _, name := range names {
		folded := Fold(name)
		length := utf8.RuneCountInString(folded)
		n.byLength[length] = append(n.byLength[length], candidate{name, folded, letters(folded)})
	}
	for length, list := range n.byLength {
		slices.SortFunc(list, func(a, b candidate) int { return cmp.Compare(a.name, b.name) })
		n.byLength[length] = slices.CompactFunc(list, func(a, b candidate) bool { return a.name == b.name })
	}
	return n
}

// letters is a set of the letters of a word, by their last six bits.
func letters(word string) (set uint64) {
	for _, r := range word {
		set |= 1 << (r & 63)
	}
	return set
}

// Nearest is Name over all the names, of which the first in alphabetical order wins among equals. Each word is looked for once.
func (n *Names) Nearest(word string) Match {
	n.mu.Lock()
	defer n.mu.Unlock()
	m, known := n.asked[word]
	if !known {
		m = n.nearest(word)
		n.asked[word] = m
	}
	return m
}

func (n *Names) nearest(word string) Match {
	word = Fold(word)
	runes, set := []rune(word), letters(word)
	best := Match{Edits: max(1, len(runes)/3) + 1}
	compared := 0
	for _, length := range byDistance(len(runes), best.Edits-1) {
		for _, c := range n.byLength[length] {
			bound := best.Edits
			if best.Name == "" {
				bound--
			}
			// Each edit takes away one letter at most, and brings one.
			if abs(length-len(runes)) > bound || bits.OnesCount64(set&^c.letters) > bound || bits.OnesCount64(c.letters&^set) > bound {
				continue
			}
			if compared++; compared > maxCompared {
				best.Sole = false
				return best.orNone()
			}
			best = best.or(c.name, distance(runes, []rune(c.folded), bound), bound)
		}
	}
	return best.orNone()
}

// byDistance gives the lengths that differ from one by at most so many, the nearest first.
func byDistance(length, most int) []int {
	all := []int{length}
	for d := 1; d <= most; d++ {
		all = append(all, length-d, length+d)
	}
	return all
}

func (m Match) or(name string, edits, bound int) Match {
	switch {
	case edits > bound:
		return m
	case m.Name == "" || edits < m.Edits:
		return Match{name, edits, true}
	}
	return Match{min(m.Name, name), edits, false}
}

func (m Match) orNone() Match {
	if m.Name == "" {
		return Match{}
	}
	return m
}

// Or gives the nearer one of two matches of the same word among different names.
func (m Match) Or(other Match) Match {
	switch {
	case m.Name == "" || other.Name != "" && other.Edits < m.Edits:
		return other
	case other.Name == "" || m.Edits < other.Edits:
		return m
	}
	return Match{min(m.Name, other.Name), m.Edits, m.Name == other.Name && m.Sole && other.Sole}
}
