package compat

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// A machine reads a text character by character and tells whether a pattern is found in it. It makes its states when they are
// first met.
type machine struct {
	number int // of the solver's
	prog   *syntax.Prog
	words  bool // it looks at word boundaries or lines
	states []machineState
	ids    map[string]int
	next   map[[2]int]int // by state and character
	work   int            // places in the program that were looked at
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
		m.work++
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
