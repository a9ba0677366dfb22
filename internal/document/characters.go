package document

import (
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/finding"
)

// Characters tells for each character of a text where it stands in the file, also where that writes it with escapes, folded
// or on several lines; nil where it cannot be told.
func (d *Document) Characters(tokens []string) []finding.Place {
	n := d.node(tokens)
	if n == nil || n.Kind != yaml.ScalarNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		return nil
	}
	at := d.text.spanOf(n).Start
	r := reader{src: d.text.src[d.text.offset(at):], at: at, style: n.Style}
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		for len(r.src) > 0 && !r.atBreak() {
			r.skip(1)
		}
		r.lineBreak()
		r.indent = r.spaces()
		r.skip(r.indent)
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		r.skip(1)
	}
	var places []finding.Place
	for _, want := range n.Value {
		place, ok := r.next(want)
		if !ok {
			return nil
		}
		places = append(places, place)
	}
	return places
}

// A reader goes through the source of a text beside the text itself.
type reader struct {
	src    []byte // what is left
	at     finding.Place
	style  yaml.Style
	indent int // of a block; 0 for other styles, whose lines lose all spaces before them
}

func (r *reader) block() bool { return r.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 }

// skip passes over bytes of one line.
func (r *reader) skip(n int) {
	n = min(n, len(r.src))
	r.at.Column += utf8.RuneCount(r.src[:n])
	r.src = r.src[n:]
}

func (r *reader) atBreak() bool { return len(r.src) > 0 && (r.src[0] == '\n' || r.src[0] == '\r') }

// lineBreak passes over the end of a line.
func (r *reader) lineBreak() {
	n := min(1, len(r.src))
	if len(r.src) > 1 && r.src[0] == '\r' && r.src[1] == '\n' {
		n = 2
	}
	r.src = r.src[n:]
	r.at = finding.Place{Line: r.at.Line + 1, Column: 1}
}

// spaces is how many spaces and, outside of blocks, tabs come next.
func (r *reader) spaces() int {
	n := 0
	for n < len(r.src) && (r.src[n] == ' ' || r.src[n] == '\t' && !r.block()) {
		n++
	}
	return n
}

// next finds the next character of the text.
func (r *reader) next(want rune) (finding.Place, bool) {
	if r.style&yaml.DoubleQuotedStyle != 0 && len(r.src) > 1 && r.src[0] == '\\' {
		return r.escape(want)
	}
	if want == ' ' || want == '\n' {
		if n := r.spaces(); want == '\n' || n < len(r.src) && (r.src[n] == '\n' || r.src[n] == '\r') {
			return r.folded(want)
		}
	}
	place := r.at
	got, size := utf8.DecodeRune(r.src)
	if got != want || len(r.src) == 0 {
		return place, false
	}
	if r.style&yaml.SingleQuotedStyle != 0 && want == '\'' {
		size = 2
	}
	r.skip(size)
	return place, true
}

// folded passes over the end of a line that stands for a space or a line break, and the indentation after it. A line break
// that is not literal is an empty line.
func (r *reader) folded(want rune) (finding.Place, bool) {
	r.skip(r.spaces())
	place := r.at
	if len(r.src) == 0 {
		return place, want == '\n' // the end of the file
	}
	if !r.atBreak() {
		return place, false
	}
	r.lineBreak()
	lead := func() {
		n := r.spaces()
		if r.block() {
			n = min(n, r.indent)
		}
		r.skip(n)
	}
	lead()
	if want == '\n' && r.style&yaml.LiteralStyle == 0 && r.atBreak() {
		r.lineBreak()
		lead()
	}
	return place, true
}

// escape reads what stands after a backslash.
func (r *reader) escape(want rune) (finding.Place, bool) {
	place := r.at
	if c := r.src[1]; c == '\n' || c == '\r' { // the line goes on
		r.skip(1)
		r.lineBreak()
		r.skip(r.spaces())
		return r.next(want)
	}
	size := map[byte]int{'x': 4, 'u': 6, 'U': 10}[r.src[1]]
	if size == 0 {
		r.skip(2)
		return place, true
	}
	r.skip(size)
	return place, true
}
