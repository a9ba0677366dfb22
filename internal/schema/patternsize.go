package schema

import (
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

// sizeOfPattern estimates how many bytes package regexp takes for an expression: a few characters may ask for a thousand
// repetitions, each of which it writes out.
func sizeOfPattern(expression string) int {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return 0
	}
	const perStep = 200 // measured, with the copy of it that matches in one pass
	return perStep * (2 + stepsOf(re))
}

// stepsOf counts the steps of an expression's program, about.
func stepsOf(re *syntax.Regexp) int {
	n := 1
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += stepsOf(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min+1, re.Max)
	}
	return n
}
