package lsp

import (
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/finding"
)

// One character in the three ways of telling its place.
func TestPositions(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		offset int
		at     position
		place  finding.Place
	}{
		"the beginning":                  {"a: 1", 0, position{0, 0}, finding.Place{Line: 1, Column: 1}},
		"behind an umlaut":               {"ä: 1", 2, position{0, 1}, finding.Place{Line: 1, Column: 2}},
		"behind a pair of units":         {"😀: 1", 4, position{0, 2}, finding.Place{Line: 1, Column: 2}},
		"another line":                   {"a: 1\r\nb: 2", 6, position{1, 0}, finding.Place{Line: 2, Column: 1}},
		"a line that ends in CR":         {"a\rb", 2, position{1, 0}, finding.Place{Line: 2, Column: 1}},
		"the end of a line":              {"a: 1\nb", 4, position{0, 4}, finding.Place{Line: 1, Column: 5}},
		"the end":                        {"a: 1\n", 5, position{1, 0}, finding.Place{Line: 2, Column: 1}},
		"behind a byte order mark":       {"\ufeffa: 1", 6, position{0, 4}, finding.Place{Line: 1, Column: 4}},
		"a letter and what is put on it": {"e\u0301x", 3, position{0, 2}, finding.Place{Line: 1, Column: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPage(c.text)
			if at := p.position(c.offset); at != c.at {
				t.Errorf("offset %d is at %v, want %v", c.offset, at, c.at)
			}
			if place := p.place(c.offset); place != c.place {
				t.Errorf("offset %d is at %v, want %v", c.offset, place, c.place)
			}
			if got := p.offset(c.at); got != c.offset {
				t.Errorf("%v is at the offset %d, want %d", c.at, got, c.offset)
			}
			if got := p.offsetOf(c.place); got != c.offset {
				t.Errorf("%v is at the offset %d, want %d", c.place, got, c.offset)
			}
		})
	}
}

// A place that is not there is the nearest one before it.
func TestPositionsBeyond(t *testing.T) {
	p := newPage("ab\n😀d\n")
	for at, want := range map[position]int{{0, 9}: 2, {1, 1}: 3, {1, 2}: 7, {9, 0}: 9, {-1, -1}: 0, {1, -5}: 3} {
		if got := p.offset(at); got != want {
			t.Errorf("%v is at the offset %d, want %d", at, got, want)
		}
	}
}

func TestChanged(t *testing.T) {
	at := func(a, b, c, d int) *textRange { return &textRange{position{a, b}, position{c, d}} }
	for name, c := range map[string]struct {
		changes []contentChange
		want    string
	}{
		"one":             {[]contentChange{{at(0, 3, 0, 4), "22"}}, "a: 22\nb: 😀\n"},
		"one after other": {[]contentChange{{at(0, 0, 1, 0), ""}, {at(0, 0, 0, 1), "c"}}, "c: 😀\n"},
		"behind a pair":   {[]contentChange{{at(1, 5, 1, 5), "!"}}, "a: 1\nb: 😀!\n"},
		"the whole":       {[]contentChange{{nil, "x"}}, "x"},
		"the wrong way":   {[]contentChange{{at(0, 4, 0, 3), "2"}}, "a: 12\nb: 😀\n"},
		"beyond the end":  {[]contentChange{{at(9, 9, 10, 10), "c"}}, "a: 1\nb: 😀\nc"},
		"nothing":         {nil, "a: 1\nb: 😀\n"},
	} {
		if got := changed("a: 1\nb: 😀\n", c.changes); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// Positions are those that an editor counts, whatever the text and wherever in it.
func FuzzPositions(f *testing.F) {
	f.Add("a: 1\r\nb: ü😀\rc", 3, 4, -1, 7)
	f.Add("\ufeff\n\xff\xfe", 0, 1, 1, 1)
	f.Fuzz(func(t *testing.T, text string, line, character, otherLine, other int) {
		p := newPage(text)
		from, to := p.offset(position{line, character}), p.offset(position{otherLine, other})
		for _, offset := range []int{from, to} {
			if offset < 0 || offset > len(text) {
				t.Fatalf("offset %d of %d", offset, len(text))
			}
			if back := p.offset(p.position(offset)); back != offset {
				t.Fatalf("%q: offset %d is at %v, and that at %d", text, offset, p.position(offset), back)
			}
			if back := p.offsetOf(p.place(offset)); back != offset && (offset > len(mark) || text[:min(len(text), len(mark))] != mark) {
				t.Fatalf("%q: offset %d is at %v, and that at %d", text, offset, p.place(offset), back)
			}
		}
		p.rangeOf(finding.Span{Start: finding.Place{Line: line, Column: character}, End: finding.Place{Line: otherLine, Column: other}})
		changed(text, []contentChange{{&textRange{position{line, character}, position{otherLine, other}}, text}})
		wordAt(text, from)
		start, _ := p.line(p.position(from).Line)
		if utf8.ValidString(text) && from >= start {
			if want := len(utf16.Encode([]rune(text[start:from]))); p.position(from).Character != want {
				t.Fatalf("%q: offset %d is the unit %d, want %d", text, from, p.position(from).Character, want)
			}
		}
	})
}
