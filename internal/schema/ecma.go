package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/dlclark/regexp2"
)

// maxMatchTime bounds one match of a pattern that needs backtracking.
const maxMatchTime = 250 * time.Millisecond

// A pattern is a regular expression as ECMA-262 means it, which is what JSON Schema asks for. One that RE2 can match is matched by
// RE2, in linear time; one with lookaround or a back reference by backtracking, in bounded time. Safe for concurrent use.
type pattern struct {
	linear *regexp.Regexp
	back   *regexp2.Regexp // used where linear is nil
	text   string          // what linear means
	source string
	size   int // bytes, about
}

// tooSlow is what a match panics with when its time is over: whatever it stands in, the file has no verdict.
type tooSlow struct{ pattern string }

var patterns knownPatterns

// compilePattern accepts, beyond ECMA-262 with the flag u, what it accepts without, \A, \Z and \z as anchors, and what Go alone
// understands, such as (?i): a schema that is in use must not become unusable for that.
func compilePattern(source string) (*pattern, error) {
	if one, ok := patterns.get(source); ok {
		return one.pattern, one.err
	}
	p, err := buildPattern(source)
	patterns.put(source, known{p, err})
	return p, err
}

func buildPattern(source string) (*pattern, error) {
	t := ecma{src: []rune(source)}
	text, err := t.translate()
	if err != nil {
		if re, size := compileLinear(source); re != nil {
			return &pattern{linear: re, text: source, source: source, size: size}, nil
		}
		return nil, err
	}
	if !t.backtracks {
		if re, size := compileLinear(text); re != nil { // it refuses more than 1,000 repetitions
			return &pattern{linear: re, text: text, source: source, size: size}, nil
		}
	}
	t = ecma{src: []rune(source), lookaround: true}
	if text, err = t.translate(); err != nil {
		return nil, err
	}
	re, err := regexp2.Compile(text, regexp2.ECMAScript)
	if err != nil {
		return nil, fmt.Errorf("it is too large or too deep")
	}
	re.MatchTimeout = maxMatchTime
	return &pattern{back: re, source: source, size: 100 * len(source)}, nil
}

func (p *pattern) match(s string) bool {
	if p.linear != nil {
		return p.linear.MatchString(s)
	}
	ok, err := p.back.MatchString(s)
	if err != nil {
		panic(tooSlow{p.source})
	}
	return ok
}

// An ecma reads a pattern by the grammar of ECMA-262 (section 22.2.1 and annex B.1.2) and writes it in the words that
// RE2 and regexp2 share: every class as the characters that it holds.
type ecma struct {
	src        []rune
	strict     bool // for the format "regex": no letter after a backslash that means nothing there
	lookaround bool // write for regexp2
	backtracks bool // seen what RE2 cannot do
	i          int
	depth      int
	groups     int
	names      []string // by number of the group, from 1
	out        strings.Builder
}

// maxPatternDepth bounds the nesting of groups.
const maxPatternDepth = 200

func (t *ecma) translate() (string, error) {
	t.count()
	if err := t.disjunction(); err != nil {
		return "", err
	}
	if t.i < len(t.src) {
		return "", fmt.Errorf(`there is a ")" without its "("`)
	}
	return t.out.String(), nil
}

// count finds the capturing groups: a back reference may stand before its group.
func (t *ecma) count() {
	t.names = []string{""}
	class := false
	for i := 0; i < len(t.src); i++ {
		switch t.src[i] {
		case '\\':
			i++
		case '[':
			class = true
		case ']':
			class = false
		case '(':
			rest := t.src[i+1:]
			if class {
				continue
			}
			if len(rest) == 0 || rest[0] != '?' {
				t.names = append(t.names, "")
			} else if len(rest) > 2 && rest[1] == '<' && rest[2] != '=' && rest[2] != '!' {
				name, _, _ := strings.Cut(string(rest[2:]), ">")
				t.names = append(t.names, name)
			}
		}
	}
	t.groups = len(t.names) - 1
}

func (t *ecma) peek() rune {
	if t.i < len(t.src) {
		return t.src[t.i]
	}
	return -1
}

func (t *ecma) has(s string) bool {
	r := []rune(s)
	if t.i+len(r) > len(t.src) || !slices.Equal(t.src[t.i:t.i+len(r)], r) {
		return false
	}
	t.i += len(r)
	return true
}

func (t *ecma) disjunction() error {
	if t.depth++; t.depth > maxPatternDepth {
		return fmt.Errorf("its groups are nested more than %d deep", maxPatternDepth)
	}
	defer func() { t.depth-- }()
	for t.i < len(t.src) && t.peek() != ')' {
		if t.has("|") {
			t.out.WriteByte('|')
			continue
		}
		repeatable, err := t.term()
		if err != nil {
			return err
		}
		if err := t.quantifier(repeatable); err != nil {
			return err
		}
	}
	return nil
}

// term reads an assertion or an atom, and tells whether a quantifier may follow.
func (t *ecma) term() (repeatable bool, err error) {
	r := t.peek()
	switch r {
	case '(':
		return t.group()
	case '[':
		set, err := t.class()
		t.writeSet(set)
		return true, err
	case '\\':
		return t.escape()
	}
	at := t.i
	t.i++
	switch r {
	case '^':
		t.out.WriteString(`\A`)
		return false, nil
	case '$':
		t.out.WriteString(`\z`)
		return false, nil
	case '.':
		t.writeSet(dotSet)
		return true, nil
	case '*', '+', '?':
		return false, fmt.Errorf("there is nothing before the %q at character %d that could be repeated", r, at+1)
	case '{':
		if _, _, ok := t.repeat(at); ok {
			return false, fmt.Errorf(`there is nothing before the "{" at character %d that could be repeated`, at+1)
		}
	}
	t.writeRune(r)
	return true, nil
}

func (t *ecma) group() (repeatable bool, err error) {
	at := t.i
	repeatable = true
	switch {
	case t.has("(?:"):
		t.out.WriteString("(?:")
	case t.has("(?="), t.has("(?!"), t.has("(?<="), t.has("(?<!"):
		t.out.WriteString(string(t.src[at:t.i]))
		t.backtracks = true
		repeatable = t.src[at+2] != '<'
	case t.has("(?<"):
		for t.peek() != '>' {
			if r := t.peek(); r != '_' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				return false, fmt.Errorf("the name of the group at character %d is not complete", at+1)
			}
			t.i++
		}
		t.i++
		t.out.WriteByte('(')
	case t.has("(?"):
		return false, fmt.Errorf("the group at character %d begins with (?%s, which is not part of the standard", at+1, string(t.src[t.i:min(t.i+1, len(t.src))]))
	default:
		t.i++
		t.out.WriteByte('(')
	}
	if err := t.disjunction(); err != nil {
		return false, err
	}
	if !t.has(")") {
		return false, fmt.Errorf(`the "(" at character %d is never closed`, at+1)
	}
	t.out.WriteByte(')')
	return repeatable, nil
}

func (t *ecma) quantifier(repeatable bool) error {
	at, q := t.i, ""
	switch r := t.peek(); r {
	case '*', '+', '?':
		t.i++
		q = string(r)
	case '{':
		t.i++
		low, high, ok := t.repeat(at)
		if !ok {
			t.i = at
			return nil // a plain brace, read as the next term
		}
		if high != "" && (len(low) > len(high) || len(low) == len(high) && low > high) {
			return fmt.Errorf("{%s,%s} has its numbers out of order", low, high)
		}
		q = string(t.src[at:t.i])
	default:
		return nil
	}
	if !repeatable {
		return fmt.Errorf("there is nothing before the %q at character %d that could be repeated", t.src[at], at+1)
	}
	if t.has("?") {
		q += "?"
	}
	t.out.WriteString(q)
	return nil
}

// repeat reads what follows a "{": digits, or digits and a comma, or both numbers, and the "}".
func (t *ecma) repeat(at int) (low, high string, ok bool) {
	t.i = at + 1
	number := func() string {
		from := t.i
		for t.peek() >= '0' && t.peek() <= '9' {
			t.i++
		}
		return strings.TrimLeft(string(t.src[from:t.i]), "0")
	}
	from := t.i
	low = number()
	if t.i == from {
		t.i = at + 1
		return "", "", false
	}
	if t.has(",") {
		from = t.i
		high = number()
		if t.i > from && high == "" {
			high = "0"
		}
	}
	if !t.has("}") {
		t.i = at + 1
		return "", "", false
	}
	return low, high, true
}

func (t *ecma) writeRune(r rune) {
	switch {
	case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
		t.out.WriteRune(r)
	case r < 0x80:
		fmt.Fprintf(&t.out, `\x%02x`, r)
	default:
		t.out.WriteRune(r)
	}
}

// writeSet writes a class. No text holds halves of surrogate pairs, so they are left out.
func (t *ecma) writeSet(s runeSet) {
	const first, last = 0xd800, 0xdfff
	s = s.complement().union(runeSet{{first, last}}).complement()
	if len(s) == 0 {
		if t.lookaround {
			t.out.WriteString("(?!)")
			return
		}
		t.out.WriteString(`[^\x00-\x{10FFFF}]`)
		return
	}
	t.out.WriteByte('[')
	for _, p := range s {
		t.writeRune(p[0])
		if p[1] > p[0] {
			t.out.WriteByte('-')
			t.writeRune(p[1])
		}
	}
	t.out.WriteByte(']')
}
