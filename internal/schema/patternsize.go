package schema

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"sync"
)

// knownPatterns are the patterns that were compiled last, whoever's they are: the same ones stand in most files of a repository, and each
// is asked for several times. It is safe for concurrent use.
type knownPatterns struct {
	mu   sync.Mutex
	all  map[string]known
	size int
}

type known struct {
	pattern *pattern
	err     error
}

// maxKnown bounds the estimated bytes of all known patterns. Where it would be more, all of them are forgotten.
const maxKnown = 16 << 20

func (k *knownPatterns) get(source string) (known, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	one, ok := k.all[source]
	return one, ok
}

func (k *knownPatterns) put(source string, one known) {
	size := 200 + 2*len(source)
	if one.pattern != nil {
		size += one.pattern.size
	}
	if size > maxKnown/4 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, again := k.all[source]; again {
		return
	}
	if k.all == nil || k.size+size > maxKnown {
		k.all, k.size = map[string]known{}, 0
	}
	k.all[source] = one
	k.size += size
}

// Bounds on the estimated bytes of compiled patterns. What is larger by itself is matched by backtracking, which writes no
// repetition out; a schema whose patterns are larger together is refused.
const (
	maxLinear   = 16 << 20
	maxPatterns = 128 << 20
	maxOnePass  = 64 << 10
)

// errPatterns is about a pattern that is too much, and all after it.
var errPatterns = errors.New("all patterns of the schema together are too large")

// anywhere stands before an expression and means nothing. Without it, package regexp may make a second program of what begins
// with "^", in which every step holds all characters that can follow: up to two hundred times as large.
const anywhere = `(?:^|)`

// compileLinear compiles an expression of package regexp, and estimates how many bytes that takes: a few characters may ask for a
// thousand repetitions, each of which it writes out. It gives nil for one that it does not understand, or that is too large.
func compileLinear(expression string) (re *regexp.Regexp, size int) {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, 0
	}
	const perStep, perRune, perFollowing = 200, 12, 6 // measured while it is compiled
	steps, runes := extentOf(parsed)
	if size = perStep*(2+steps) + perRune*runes; size > maxLinear {
		return nil, 0
	}
	if onePass := perFollowing * steps * runes; onePass <= maxOnePass {
		size += onePass
	} else {
		expression = anywhere + expression
	}
	re, err = regexp.Compile(expression)
	if err != nil {
		return nil, 0
	}
	return re, size
}

// extentOf counts the steps of an expression's program, about, and the ends of the ranges of characters in it, which what is repeated
// shares.
func extentOf(re *syntax.Regexp) (steps, runes int) {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune), 2 * len(re.Rune)
	case syntax.OpCharClass:
		return 1, len(re.Rune)
	}
	steps = 1
	for _, sub := range re.Sub {
		s, r := extentOf(sub)
		steps, runes = steps+s, runes+r
	}
	if re.Op == syntax.OpRepeat {
		steps *= max(re.Min+1, re.Max)
	}
	return steps, runes
}
