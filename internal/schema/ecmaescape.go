package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// escape reads a backslash and what follows it, outside of a class.
func (t *ecma) escape() (repeatable bool, err error) {
	at := t.i
	t.i++
	switch r := t.peek(); {
	case r == 'b' || r == 'B':
		t.i++
		t.writeBoundary(r == 'b')
		return false, nil
	case r >= '1' && r <= '9':
		if n, ok := t.backReference(); ok {
			t.writeReference(n)
			return true, nil
		}
		if t.strict {
			return false, fmt.Errorf("the reference at character %d is to a group that is not there", at+1)
		}
	case r == 'k' && (t.strict || slices.ContainsFunc(t.names, func(n string) bool { return n != "" })):
		t.i++
		name, _, ok := strings.Cut(string(t.src[t.i:]), ">")
		n := slices.Index(t.names, strings.TrimPrefix(name, "<"))
		if !ok || n < 1 || !strings.HasPrefix(name, "<") {
			return false, fmt.Errorf("the reference at character %d is to a group that is not there", at+1)
		}
		t.i += len([]rune(name)) + 1
		t.writeReference(n)
		return true, nil
	case !t.strict && (r == 'A' || r == 'Z' || r == 'z'): // anchors of other dialects, which is what their authors mean
		t.i++
		t.out.WriteString(map[rune]string{'A': `\A`, 'Z': `\z`, 'z': `\z`}[r])
		return false, nil
	}
	set, err := t.classEscape(at, false)
	if err != nil {
		return false, err
	}
	if len(set) == 1 && set[0][0] == set[0][1] {
		t.writeRune(set[0][0])
	} else {
		t.writeSet(set)
	}
	return true, nil
}

// backReference reads digits as the number of a group, if there is such a group.
func (t *ecma) backReference() (int, bool) {
	end := t.i
	for end < len(t.src) && t.src[end] >= '0' && t.src[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(string(t.src[t.i:end]))
	if err != nil || n > t.groups {
		return 0, false
	}
	t.i = end
	return n, true
}

func (t *ecma) writeReference(n int) {
	t.backtracks = true
	fmt.Fprintf(&t.out, `(?:\%d)`, n)
}

func (t *ecma) writeBoundary(is bool) {
	if !t.lookaround {
		t.out.WriteString(map[bool]string{true: `\b`, false: `\B`}[is])
		return
	}
	const w = "[0-9A-Z_a-z]"
	if is {
		t.out.WriteString("(?:(?<=" + w + ")(?!" + w + ")|(?<!" + w + ")(?=" + w + "))")
	} else {
		t.out.WriteString("(?:(?<=" + w + ")(?=" + w + ")|(?<!" + w + ")(?!" + w + "))")
	}
}

// class reads "[" to "]".
func (t *ecma) class() (runeSet, error) {
	at := t.i
	t.i++
	negated := t.has("^")
	var set runeSet
	for t.peek() != ']' {
		if t.i >= len(t.src) {
			return nil, fmt.Errorf(`the "[" at character %d is never closed`, at+1)
		}
		low, err := t.classAtom()
		if err != nil {
			return nil, err
		}
		if t.peek() != '-' || t.i+1 >= len(t.src) || t.src[t.i+1] == ']' {
			set = append(set, low...)
			continue
		}
		t.i++
		high, err := t.classAtom()
		if err != nil {
			return nil, err
		}
		switch {
		case len(low) != 1 || len(high) != 1 || low[0][0] != low[0][1] || high[0][0] != high[0][1]:
			set = append(append(append(set, low...), high...), [2]rune{'-', '-'})
		case low[0][0] > high[0][0]:
			return nil, fmt.Errorf("the range %c-%c has its ends out of order", low[0][0], high[0][0])
		default:
			set = append(set, [2]rune{low[0][0], high[0][0]})
		}
	}
	t.i++
	set = setOf(set...)
	if negated {
		set = set.complement()
	}
	return set, nil
}

func (t *ecma) classAtom() (runeSet, error) {
	at := t.i
	r := t.peek()
	t.i++
	if r != '\\' {
		return single(r), nil
	}
	return t.classEscape(at, true)
}

var controls = map[rune]rune{'t': '\t', 'n': '\n', 'v': '\v', 'f': '\f', 'r': '\r'}

// classEscape reads what follows a backslash and stands for characters; at is the place of the backslash.
func (t *ecma) classEscape(at int, inClass bool) (runeSet, error) {
	if t.i >= len(t.src) {
		return nil, fmt.Errorf("it ends with a backslash")
	}
	r := t.src[t.i]
	t.i++
	switch r {
	case 'd', 'w', 's':
		return map[rune]runeSet{'d': digitSet, 'w': wordSet, 's': spaceSet}[r], nil
	case 'D', 'W', 'S':
		return map[rune]runeSet{'D': digitSet, 'W': wordSet, 'S': spaceSet}[r].complement(), nil
	case 'p', 'P':
		return t.property(at, r == 'P')
	case 't', 'n', 'v', 'f', 'r':
		return single(controls[r]), nil
	case 'x', 'u':
		if c, ok := t.hex(r); ok {
			return single(c), nil
		}
	case 'c':
		if c := t.peek(); c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			t.i++
			return single(c & 0x1f), nil
		}
		t.i-- // annex B: the backslash stands for itself
		return single('\\'), nil
	case 'b':
		if inClass {
			return single('\b'), nil
		}
	}
	if r >= '0' && r <= '7' {
		return single(t.octal(r)), nil
	}
	if t.strict && (r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
		return nil, fmt.Errorf(`\%c at character %d means nothing`, r, at+1)
	}
	return single(r), nil
}

func (t *ecma) octal(first rune) rune {
	v := first - '0'
	for range 2 {
		if c := t.peek(); c >= '0' && c <= '7' && v*8+c-'0' <= 0xff {
			v = v*8 + c - '0'
			t.i++
		}
	}
	return v
}

// hex reads what follows \x or \u; a pair of \u that makes one character is read as one.
func (t *ecma) hex(kind rune) (rune, bool) {
	if t.peek() == '{' && (kind == 'u' || !t.strict) {
		text, _, ok := strings.Cut(string(t.src[t.i+1:]), "}")
		n, err := strconv.ParseUint(text, 16, 32)
		if !ok || err != nil || n > unicode.MaxRune {
			return 0, false
		}
		t.i += len(text) + 2
		return rune(n), true
	}
	digits := map[rune]int{'x': 2, 'u': 4}[kind]
	read := func(from int) (rune, bool) {
		if from+digits > len(t.src) {
			return 0, false
		}
		n, err := strconv.ParseUint(string(t.src[from:from+digits]), 16, 32)
		return rune(n), err == nil
	}
	c, ok := read(t.i)
	if !ok {
		return 0, false
	}
	t.i += digits
	if kind == 'u' && utf16.IsSurrogate(c) && t.i+1 < len(t.src) && t.src[t.i] == '\\' && t.src[t.i+1] == 'u' {
		if second, ok := read(t.i + 2); ok {
			if whole := utf16.DecodeRune(c, second); whole != unicode.ReplacementChar {
				t.i += 2 + digits
				return whole, true
			}
		}
	}
	return c, true
}

func (t *ecma) property(at int, negated bool) (runeSet, error) {
	name := ""
	switch {
	case t.peek() == '{':
		text, _, ok := strings.Cut(string(t.src[t.i+1:]), "}")
		if !ok {
			return nil, fmt.Errorf(`the "{" after \p at character %d is never closed`, at+1)
		}
		name = text
		t.i += len([]rune(text)) + 2
	case t.peek() >= 0 && !t.strict:
		name = string(t.peek())
		t.i++
	}
	set, ok := propertySet(name)
	if !ok {
		return nil, fmt.Errorf("there is no class of characters %q", name)
	}
	if negated {
		set = set.complement()
	}
	return set, nil
}
