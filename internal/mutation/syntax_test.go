package mutation

import (
	"math/rand/v2"
	"strings"

	"gopkg.in/yaml.v3"
)

// ownLine tells whether a site is the first on its line; start is where that line's indentation begins, and indent its width.
func (f *file) ownLine(s site) (start, indent int, ok bool) {
	start, indent = lineStart(f.text, s.start)
	before := strings.Trim(f.text[start:s.start], " -")
	return start, indent, before == "" && s.parent != nil
}

func tab(f *file, s site, r *rand.Rand) (mutation, bool) {
	start, indent, ok := f.ownLine(s)
	if !ok || indent == 0 {
		return no, false
	}
	keep := r.IntN(indent) // spaces that stay before the tab
	if r.IntN(2) == 0 {
		keep = 0
	}
	return f.splice(start+keep, start+indent, strings.Repeat("\t", 1+r.IntN(2)), start+keep)
}

func tooDeep(f *file, s site, r *rand.Rand) (mutation, bool) {
	start, indent, ok := f.ownLine(s)
	if !ok {
		return no, false
	}
	more := 1 + r.IntN(4)
	return f.splice(start, start, strings.Repeat(" ", more), start+indent+more)
}

func tooShallow(f *file, s site, r *rand.Rand) (mutation, bool) {
	start, indent, ok := f.ownLine(s)
	if !ok || indent == 0 {
		return no, false
	}
	less := 1 + r.IntN(indent)
	return f.splice(start, start+less, "", start+indent-less)
}

// unclosedQuote removes the end of a quoted text, or puts a quote before a text or a key without.
func unclosedQuote(quote string, style yaml.Style) maker {
	return func(f *file, s site, r *rand.Rand) (mutation, bool) {
		switch {
		case s.key != nil && s.key.Style == 0 && r.IntN(5) == 0:
			return f.splice(s.start, s.start, quote, s.start)
		case s.value.Kind != yaml.ScalarNode || !s.inline:
			return no, false
		case s.value.Style&style != 0:
			return f.splice(s.end-1, s.end, "", s.from)
		case s.value.Style == 0 && s.value.Value != "":
			return f.splice(s.from, s.from, quote, s.from)
		}
		return no, false
	}
}

// unclosedBracket removes the end of a flow collection, or puts a bracket before a text that is in none: which of two
// brackets is the one too many, nobody can tell.
func unclosedBracket(bracket string) maker {
	return func(f *file, s site, _ *rand.Rand) (mutation, bool) {
		switch {
		case !s.inline:
			return no, false
		case s.flow() && f.text[s.from:s.from+1] == bracket:
			return f.splice(s.end-1, s.end, "", s.from)
		case s.value.Kind == yaml.ScalarNode && s.value.Style == 0 && !s.parent.flow():
			return f.splice(s.from, s.from, bracket, s.from)
		}
		return no, false
	}
}
