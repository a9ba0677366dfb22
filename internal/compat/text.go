package compat

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/schema"
)

// A wanted is what the facts ask of a text.
type wanted struct {
	min, max int // characters; no bound above where max is negative
	machines []*machine
	yes      []bool // whether each machine's pattern is to be found
	hard     []match
	formats  []format
	except   map[string]bool
}

// text finds a text of which the facts of the branch hold.
func (b *branch) text() result {
	w := wanted{max: -1, except: map[string]bool{}}
	for _, f := range b.facts {
		switch f := f.(type) {
		case length:
			w.min = max(w.min, f.min)
			if f.max >= 0 && (w.max < 0 || f.max < w.max) {
				w.max = f.max
			}
		case match:
			b.demand(&w, f)
		case format:
			w.formats = append(w.formats, f)
			if shape := formatShapes[f.name]; shape != nil && !f.not {
				b.demand(&w, match{pattern: shape})
			}
		case differs:
			if s, ok := f.from.(string); ok {
				w.except[s] = true
			}
		}
	}
	if w.max >= 0 && w.min > w.max || w.contradicts() {
		return result{}
	}
	for _, s := range w.guesses() {
		if w.takes(s) {
			return result{found, s}
		}
	}
	return b.walk(&w)
}

func (b *branch) demand(w *wanted, f match) {
	m := b.machine(f.pattern)
	if m == nil {
		w.hard = append(w.hard, f)
		return
	}
	w.machines, w.yes = append(w.machines, m), append(w.yes, !f.not)
}

func (s *solver) machine(p *schema.Pattern) *machine {
	source := p.Linear()
	if source == "" {
		return nil
	}
	m, ok := s.machines[source]
	if !ok {
		m, _ = newMachine(source)
		if m != nil {
			m.number = len(s.machines)
			s.step(len(m.prog.Inst) / 8)
		}
		s.machines[source] = m
	}
	return m
}

// contradicts tells whether a pattern or format is both wanted and not.
func (w *wanted) contradicts() bool {
	for i, m := range w.machines {
		for j, other := range w.machines[:i] {
			if m == other && w.yes[i] != w.yes[j] {
				return true
			}
		}
	}
	for _, f := range w.hard {
		if !f.not && slices.ContainsFunc(w.hard, func(g match) bool { return g.not && g.pattern.Source() == f.pattern.Source() }) {
			return true
		}
	}
	for _, f := range w.formats {
		for _, g := range w.formats {
			if !f.not && g.not && (f.name == g.name || slices.Contains(widerFormats[f.name], g.name)) {
				return true
			}
		}
	}
	return false
}

// takes tells whether it is certain that a text is what is wanted.
func (w *wanted) takes(s string) bool {
	n := utf8.RuneCountInString(s)
	if n < w.min || w.max >= 0 && n > w.max || w.except[s] {
		return false
	}
	for i, m := range w.machines {
		state := 0
		for _, r := range s {
			state = m.step(state, r)
		}
		if m.ends(state) != w.yes[i] {
			return false
		}
	}
	return w.takesRest(s)
}

func (w *wanted) takesRest(s string) bool {
	for _, f := range w.hard {
		if ok, known := f.pattern.Match(s); ok == f.not || !known {
			return false
		}
	}
	for _, f := range w.formats {
		if schema.HasFormat(f.name, s) == f.not {
			return false
		}
	}
	return true
}

// guesses are texts to try first: a plain one of the right length, and such as formats and patterns like.
func (w *wanted) guesses() []string {
	var out []string
	if len(w.machines) == 0 && w.min <= maxText {
		size := max(w.min, 1)
		if w.max >= 0 {
			size = min(size, w.max)
		}
		for _, c := range "abcxyz" {
			out = append(out, strings.Repeat(string(c), size))
		}
		for i := range len(w.except) + 1 {
			out = append(out, strings.Repeat("a", max(w.min, 1))+strconv.Itoa(i))
		}
	}
	for _, f := range w.formats {
		out = append(out, formatSamples[f.name]...)
	}
	if len(w.formats)+len(w.hard) > 0 {
		out = append(out, "", "a", "1", " ", "%", "a b", "(", "é", "http://example.com/é", "A", "_", "-", "0", "ab", "aa", "abc", "Abc1!", "xyz", "/", ".", "{")
	}
	for _, f := range w.hard {
		out = append(out, strings.NewReplacer("^", "", "$", "", `\`, "").Replace(f.pattern.Source()))
	}
	return out
}

// Bounds on what is made: characters of a text, and steps in search of one.
const (
	maxText = 200_000
	maxWalk = 20_000
)

type place struct {
	from int // the place before
	by   rune
	len  int
}

// walk searches for the shortest text breadth first, through the states that all machines are in together. Texts that are
// excluded are read along, as states of their own.
func (b *branch) walk(w *wanted) result {
	texts := sortedNames(w.except)
	letters := b.alphabet(w.machines, texts)
	before := workOf(w.machines)
	width := len(w.machines)
	places := []place{{from: -1}}
	states := [][]int{make([]int, width)}
	prefixes := []string{""} // what was read, where it begins an excluded text; else "\xff"
	seen := map[string]bool{}
	limited := len(w.hard)+len(w.formats) > 0
	missed := false
	for i := 0; i < len(places); i++ {
		if !limited && w.max >= 0 && places[i].len > w.max {
			break // the shortest one is too long
		}
		if places[i].len >= w.min && w.accepts(states[i]) && !w.except[prefixes[i]] && (w.max < 0 || places[i].len <= w.max) {
			s := spell(places, i)
			if !limited || w.takesRest(s) {
				return result{found, s}
			}
			missed = true
		}
		for _, r := range letters {
			if r == letters[0] {
				now := workOf(w.machines)
				b.step((now-before)/32 + len(letters)*max(width, 1)/8)
				before = now
			}
			if i >= maxWalk || !b.step(0) {
				return b.giveUp("the patterns have too many states together")
			}
			next := make([]int, width)
			for k, m := range w.machines {
				next[k] = m.step(states[i][k], r)
			}
			length, prefix := places[i].len+1, follow(prefixes[i], r, texts)
			key := keyOfPlace(next, min(length, w.min), prefix)
			if seen[key] {
				continue
			}
			seen[key] = true
			places = append(places, place{i, r, length})
			states = append(states, next)
			prefixes = append(prefixes, prefix)
		}
	}
	if missed {
		return b.giveUp("no text was found that its patterns and formats allow together")
	}
	return result{}
}

func workOf(machines []*machine) int {
	n := 0
	for _, m := range machines {
		n += m.work
	}
	return n
}

// alphabet gives the characters to try, and remembers them where no texts are excluded.
func (s *solver) alphabet(machines []*machine, texts []string) []rune {
	key := ""
	for _, m := range machines {
		key += strconv.Itoa(m.number) + " "
	}
	letters, ok := s.alphabets[key]
	if !ok || len(texts) > 0 {
		letters = alphabet(machines, texts)
		for _, m := range machines {
			s.step(len(m.prog.Inst) / 8)
		}
	}
	if len(texts) == 0 {
		s.alphabets[key] = letters
	}
	return letters
}

func (w *wanted) accepts(states []int) bool {
	for i, m := range w.machines {
		if m.ends(states[i]) != w.yes[i] {
			return false
		}
	}
	return true
}

const elsewhere = "\xff"

func follow(prefix string, r rune, texts []string) string {
	if prefix == elsewhere {
		return elsewhere
	}
	longer := prefix + string(r)
	if slices.ContainsFunc(texts, func(t string) bool { return strings.HasPrefix(t, longer) }) {
		return longer
	}
	return elsewhere
}

func keyOfPlace(states []int, length int, prefix string) string {
	key := make([]byte, 0, 4*len(states)+4+len(prefix))
	for _, s := range states {
		key = append(key, byte(s), byte(s>>8), byte(s>>16))
	}
	return string(append(append(key, byte(length), byte(length>>8), byte(length>>16)), prefix...))
}

func spell(places []place, i int) string {
	var out []rune
	for ; places[i].from >= 0; i = places[i].from {
		out = append(out, places[i].by)
	}
	slices.Reverse(out)
	return string(out)
}
