package compat

import (
	"strings"

	"github.com/tamerhq/tamer/internal/schema"
)

// matches says of a pattern what it says in patterns that a machine can read. One that begins with looking ahead, such as
// ^(?!a)b, asks for several things: that ^a is not found, and that ^b is.
func (s *solver) matches(p *schema.Pattern) []match {
	if m, ok := s.split[p.Source()]; ok {
		return m
	}
	out := []match{{pattern: p}}
	if p.Linear() == "" {
		if parts, ok := splitLookahead(p.Source()); ok {
			out = parts
		}
	}
	s.split[p.Source()] = out
	return out
}

// inText tells whether a pattern is found in a text; known is false where the search took too long.
func (s *solver) inText(p *schema.Pattern, text string) (is, known bool) {
	for _, m := range s.matches(p) {
		if is, known = m.pattern.Match(text); !known || is == m.not {
			return false, known
		}
	}
	return true, true
}

func splitLookahead(source string) ([]match, bool) {
	rest, ok := strings.CutPrefix(source, "^")
	if !ok {
		return nil, false
	}
	var out []match
	for {
		not := strings.HasPrefix(rest, "(?!")
		if !not && !strings.HasPrefix(rest, "(?=") {
			break
		}
		end := closing(rest)
		if end < 0 || end+1 < len(rest) && strings.ContainsRune("*+?{", rune(rest[end+1])) {
			return nil, false
		}
		if out, ok = appendLinear(out, "^(?:"+rest[3:end]+")", not); !ok {
			return nil, false
		}
		rest = rest[end+1:]
	}
	if hasTopAlternative(rest) || len(out) == 0 {
		return nil, false
	}
	return appendLinear(out, "^(?:"+rest+")", false)
}

func appendLinear(out []match, source string, not bool) ([]match, bool) {
	p, err := schema.NewPattern(source)
	if err != nil || p.Linear() == "" {
		return nil, false
	}
	return append(out, match{p, not}), true
}

// closing gives where the group ends that a pattern begins with; -1 if it does not.
func closing(source string) int {
	at := -1
	scan(source, func(i, depth int, c byte) bool {
		if c == ')' && depth == 0 {
			at = i
			return false
		}
		return true
	})
	return at
}

func hasTopAlternative(source string) bool {
	has := false
	scan(source, func(_, depth int, c byte) bool {
		has = has || c == '|' && depth == 0
		return true
	})
	return has
}

// scan goes through the signs of a pattern that stand outside of classes and behind no backslash, with the depth of groups after
// each.
func scan(source string, visit func(i, depth int, c byte) bool) {
	depth, class := 0, false
	for i := 0; i < len(source); i++ {
		c := source[i]
		switch {
		case c == '\\':
			i++
			continue
		case class:
			class = c != ']'
			continue
		case c == '[':
			class = true
			continue
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
		if !visit(i, depth, c) {
			return
		}
	}
}
