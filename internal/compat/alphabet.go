package compat

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode"
)

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
	reps := make([]rune, 0, len(cuts))
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
			sig = append(sig, wordKind(r))
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

func wordKind(r rune) byte {
	switch {
	case syntax.IsWordChar(r):
		return 1
	case r == newline:
		return 2
	}
	return 0
}
