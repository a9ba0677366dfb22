package compat

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode"
)

// A machine reads a text character by character and tells whether a pattern is found in it. It makes its states when they are
// first met.
type machine struct {
	prog   *syntax.Prog
	words  bool // it looks at word boundaries or lines
	states []machineState
	ids    map[string]int
	next   map[[2]int]int // by state and character
}

type machineState struct {
	pcs     []uint32 // where threads of the program stand, before empty steps
	before  rune     // stands for the character before; -1 at the start
	matched bool
	ends    int8 // whether the pattern is found if the text ends here: 1 yes, -1 no, 0 not asked yet
}

const newline = '\n'

// newMachine makes the machine of a pattern in the words of package regexp.
func newMachine(source string) (*machine, error) {
	re, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil, err
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, err
	}
	m := &machine{prog: prog, ids: map[string]int{}, next: map[[2]int]int{}}
	for _, i := range prog.Inst {
		if i.Op == syntax.InstEmptyWidth && syntax.EmptyOp(i.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0 {
			m.words = true
		}
	}
	m.id(nil, -1, false)
	return m, nil
}

// id gives the number of a state; 0 is the start.
func (m *machine) id(pcs []uint32, before rune, matched bool) int {
	if matched {
		pcs, before = nil, 'm'
	}
	key := binary.LittleEndian.AppendUint32(nil, uint32(before))
	for _, pc := range pcs {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	if id, ok := m.ids[string(key)]; ok {
		return id
	}
	id := len(m.states)
	m.ids[string(key)] = id
	m.states = append(m.states, machineState{pcs: pcs, before: before, matched: matched})
	return id
}

// closure follows the empty steps from where the threads of a state stand, and from the start, between two characters.
func (m *machine) closure(pcs []uint32, before, after rune) (at []uint32, matched bool) {
	flags := syntax.EmptyOpContext(before, after)
	seen := map[uint32]bool{}
	todo := append(slices.Clone(pcs), uint32(m.prog.Start))
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch i := &m.prog.Inst[pc]; i.Op {
		case syntax.InstMatch:
			return nil, true
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, i.Out, i.Arg)
		case syntax.InstCapture, syntax.InstNop:
			todo = append(todo, i.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(i.Arg)&^flags == 0 {
				todo = append(todo, i.Out)
			}
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			at = append(at, pc)
		}
	}
	return at, false
}

// step gives the state after a character.
func (m *machine) step(state int, r rune) int {
	key := [2]int{state, int(r)}
	if next, ok := m.next[key]; ok {
		return next
	}
	s := m.states[state]
	next := state
	if !s.matched {
		at, matched := m.closure(s.pcs, s.before, r)
		var out []uint32
		for _, pc := range at {
			if i := &m.prog.Inst[pc]; i.MatchRune(r) {
				out = append(out, i.Out)
			}
		}
		slices.Sort(out)
		next = m.id(slices.Compact(out), m.standsFor(r), matched)
	}
	m.next[key] = next
	return next
}

// standsFor gives a character that the patterns' empty steps take for the same.
func (m *machine) standsFor(r rune) rune {
	switch {
	case m.words && syntax.IsWordChar(r):
		return 'a'
	case m.words && r == newline:
		return newline
	}
	return ' '
}

// ends tells whether the pattern is found in a text that ends in a state.
func (m *machine) ends(state int) bool {
	s := &m.states[state]
	if s.ends == 0 {
		_, matched := m.closure(s.pcs, s.before, -1)
		s.ends = -1
		if matched || s.matched {
			s.ends = 1
		}
	}
	return s.ends > 0
}

// An alphabet is a choice of characters so that every other one is treated by all machines as one of them is.
func alphabet(machines []*machine, texts []string) []rune {
	cuts := map[rune]bool{0: true, 0xd800: true, 0xe000: true}
	for _, r := range liked {
		cuts[r], cuts[r+1] = true, true
	}
	cut := func(lo, hi rune) { cuts[lo], cuts[hi+1] = true, true }
	for _, t := range texts {
		for _, r := range t {
			cut(r, r)
		}
	}
	words := false
	for _, m := range machines {
		words = words || m.words
		for _, i := range m.prog.Inst {
			cutInst(i, cut)
		}
	}
	if words {
		cut('0', '9')
		cut('A', 'Z')
		cut('_', '_')
		cut('a', 'z')
		cut(newline, newline)
	}
	var reps []rune
	for r := range cuts {
		if r <= unicode.MaxRune && (r < 0xd800 || r >= 0xe000) {
			reps = append(reps, r)
		}
	}
	slices.SortFunc(reps, func(a, b rune) int { return liking(a) - liking(b) })
	return distinct(reps, machines, texts, words)
}

func cutInst(i syntax.Inst, cut func(lo, hi rune)) {
	switch i.Op {
	case syntax.InstRune, syntax.InstRune1:
		if len(i.Rune) == 1 {
			cut(i.Rune[0], i.Rune[0])
			for f := unicode.SimpleFold(i.Rune[0]); f != i.Rune[0]; f = unicode.SimpleFold(f) {
				cut(f, f)
			}
			return
		}
		for k := 0; k+1 < len(i.Rune); k += 2 {
			cut(i.Rune[k], i.Rune[k+1])
		}
	case syntax.InstRuneAnyNotNL:
		cut(newline, newline)
	}
}

// liked are characters that people read easily, in the order in which they are taken.
var liked = []rune("abcxyz0123456789ABCXYZ-_./: ")

func liking(r rune) int {
	if i := slices.Index(liked, r); i >= 0 {
		return i
	}
	switch {
	case r > ' ' && r < 0x7f:
		return 100 + int(r)
	case r >= 0xa1:
		return 1000 + int(r)
	}
	return 10_000_000 + int(r)
}

// distinct leaves one of all characters that make no difference.
func distinct(reps []rune, machines []*machine, texts []string, words bool) []rune {
	special := map[rune]bool{}
	for _, t := range texts {
		for _, r := range t {
			special[r] = true
		}
	}
	seen := map[string]bool{}
	var out []rune
	for _, r := range reps {
		var sig []byte
		for _, m := range machines {
			for k := range m.prog.Inst {
				i := &m.prog.Inst[k]
				switch i.Op {
				case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
					if i.MatchRune(r) {
						sig = append(sig, 1)
					} else {
						sig = append(sig, 0)
					}
				}
			}
		}
		if words {
			sig = append(sig, byte(machines[0].anyWord(r)))
		}
		if special[r] {
			sig = binary.LittleEndian.AppendUint32(sig, uint32(r))
		}
		if !seen[string(sig)] {
			seen[string(sig)] = true
			out = append(out, r)
		}
	}
	return out
}

func (m *machine) anyWord(r rune) int {
	switch {
	case syntax.IsWordChar(r):
		return 1
	case r == newline:
		return 2
	}
	return 0
}
