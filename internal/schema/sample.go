package schema

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// sample gives a text that a pattern matches; "" where none is found that would help.
func sample(source string) string {
	p, err := compilePattern(source)
	if err != nil || p.linear == nil {
		return ""
	}
	re, err := syntax.Parse(p.text, syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	writeSample(&b, re)
	s := b.String()
	if len(s) > maxShown || s == "" || !p.match(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return ""
	}
	return s
}

func writeSample(b *strings.Builder, re *syntax.Regexp) {
	if b.Len() > maxShown {
		return
	}
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		if len(re.Rune) > 0 { // a class of nothing, as [] is, matches nothing
			b.WriteRune(sampleRune(re.Rune, b.Len()))
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('x')
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			writeSample(b, sub)
		}
	case syntax.OpAlternate:
		writeSample(b, re.Sub[0])
	case syntax.OpPlus:
		for range times(re.Sub[0]) {
			writeSample(b, re.Sub[0])
		}
	case syntax.OpRepeat:
		n := max(re.Min, times(re.Sub[0]))
		if re.Max >= 0 {
			n = min(n, re.Max)
		}
		if re.Min == 0 {
			n = 0
		}
		for range n {
			writeSample(b, re.Sub[0])
		}
	}
}

// times is how often a sample repeats what may be repeated: digits once, letters three times.
func times(re *syntax.Regexp) int {
	if re.Op == syntax.OpCharClass && inClass(re.Rune, '1') && !inClass(re.Rune, 'a') && !inClass(re.Rune, 'A') {
		return 1
	}
	return 3
}

// sampleRune prefers what people write: the n-th letter, then a digit, then whatever the class holds.
func sampleRune(class []rune, n int) rune {
	for _, start := range []rune{'a', 'A'} {
		for i := range 26 {
			if r := start + rune((i+n)%26); inClass(class, r) {
				return r
			}
		}
	}
	for _, r := range "1234567890-_.:/ " {
		if inClass(class, r) {
			return r
		}
	}
	return class[0]
}

func inClass(class []rune, r rune) bool {
	for i := 0; i+1 < len(class); i += 2 {
		if class[i] <= r && r <= class[i+1] {
			return true
		}
	}
	return false
}

// oneClass is a pattern that only says which characters a text may hold.
var oneClass = regexp.MustCompile(`^\^\[([^\]\\^\[]+)\](\+|\*)\$$`)

// allowedCharacters names the characters that a text may hold, where that is all that a pattern says.
func allowedCharacters(source string) string {
	m := oneClass.FindStringSubmatch(source)
	if m == nil {
		return ""
	}
	var named []string
	rest := m[1]
	for _, c := range []struct{ class, name string }{{"a-z", "small letters (a-z)"}, {"A-Z", "capital letters (A-Z)"}, {"0-9", "digits"}} {
		if strings.Contains(rest, c.class) {
			rest = strings.Replace(rest, c.class, "", 1)
			named = append(named, c.name)
		}
	}
	if len(named) == 0 || strings.Contains(strings.Trim(rest, "-"), "-") {
		return ""
	}
	for _, r := range rest {
		if name := quote(string(r)); !slices.Contains(named, name) {
			named = append(named, name)
		}
	}
	if n := len(named); n > 1 {
		return strings.Join(named[:n-1], ", ") + " and " + named[n-1]
	}
	return named[0]
}

// culprit names the first character of a text that is not allowed.
func culprit(source string, value any) string {
	s, _ := value.(string)
	one, err := regexp.Compile(strings.NewReplacer("]+$", "]$", "]*$", "]$").Replace(source))
	if err != nil {
		return ""
	}
	for i, r := range []rune(s) {
		if !one.MatchString(string(r)) {
			return ", not " + quote(string(r)) + " (character " + itoa(i+1) + ")"
		}
	}
	return ""
}
