package render

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/finding"
)

// Bounds of a line that is shown, in columns of the screen. The tail of a longer line is left out, and its head where the
// place stands far to the right.
const (
	maxLine  = 100
	maxHead  = 60 // before the place
	keptHead = 30 // of a head that is longer
)

// A source is one file whose places are asked for in their order: all of them together cost one pass over it.
type source struct {
	text   []byte
	at     finding.Place // of offset
	offset int
}

func newSource(content []byte) *source {
	return &source{text: decode(content), at: finding.Place{Line: 1, Column: 1}}
}

// decode gives UTF-8 without a byte order mark, of UTF-8 or of UTF-16 with one.
func decode(b []byte) []byte {
	rest, little := bytes.CutPrefix(b, []byte("\xff\xfe"))
	rest, big := bytes.CutPrefix(rest, []byte("\xfe\xff"))
	if !little && !big {
		return bytes.TrimPrefix(b, []byte("\ufeff"))
	}
	units := make([]uint16, 0, len(rest)/2)
	for ; len(rest) > 1; rest = rest[2:] {
		if little {
			units = append(units, uint16(rest[1])<<8|uint16(rest[0]))
		} else {
			units = append(units, uint16(rest[0])<<8|uint16(rest[1]))
		}
	}
	return []byte(string(utf16.Decode(units)))
}

// seek moves to a place, or to the end of its line where that is shorter; false where the file has not so many lines.
func (s *source) seek(p finding.Place) bool {
	if p.Line < s.at.Line || p.Line == s.at.Line && p.Column < s.at.Column {
		s.at, s.offset = finding.Place{Line: 1, Column: 1}, 0
	}
	for s.at.Line < p.Line {
		end := bytes.IndexByte(s.text[s.offset:], '\n')
		if end < 0 {
			return false
		}
		s.offset += end + 1
		s.at = finding.Place{Line: s.at.Line + 1, Column: 1}
	}
	for s.at.Column < p.Column && !s.ends(s.offset) {
		_, size := utf8.DecodeRune(s.text[s.offset:])
		s.offset += size
		s.at.Column++
	}
	return true
}

// ends tells whether a line ends at the offset.
func (s *source) ends(offset int) bool {
	rest := s.text[offset:]
	return len(rest) == 0 || rest[0] == '\n' || len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n'
}

// An excerpt is the part of a line around a place, safe to show, and the part of it to mark, in columns of the screen.
type excerpt struct {
	text     string
	from, to int
}

// around gives the line of a span; false where the file has no such line.
func (s *source) around(at finding.Span) (excerpt, bool) {
	at = region(at)
	if !s.seek(at.Start) {
		return excerpt{}, false
	}
	var b strings.Builder
	width := s.head(&b)
	e := excerpt{from: width, to: -1}
	offset, column := s.offset, s.at.Column
	widest, last := max(maxLine, width+keptHead), column+maxLine // a character may take no column at all
	for !s.ends(offset) {
		if at.End.Line == at.Start.Line && column >= at.End.Column && e.to < 0 {
			e.to = width
		}
		if width >= widest || column >= last {
			b.WriteString("…")
			break
		}
		r, size := utf8.DecodeRune(s.text[offset:])
		offset += size
		column++
		width += show(&b, r)
	}
	if e.to < 0 {
		e.to = width
	}
	e.to = max(e.to, e.from+1)
	e.text = strings.TrimRight(b.String(), " ")
	return e, true
}

// head writes what stands before the present offset in its line, and gives its width.
func (s *source) head(b *strings.Builder) int {
	start, runes := s.back(maxHead)
	whole := start == 0 || s.text[start-1] == '\n'
	width := 0
	if !whole {
		start, _ = s.back(min(runes, keptHead))
		b.WriteString("…")
		width = 1
	}
	for at := start; at < s.offset; {
		r, size := utf8.DecodeRune(s.text[at:])
		at += size
		width += show(b, r)
	}
	return width
}

// back gives the offset that many characters before the present one, or that of the line where it begins after that.
func (s *source) back(most int) (offset, runes int) {
	offset = s.offset
	for runes < most && offset > 0 && s.text[offset-1] != '\n' {
		_, size := utf8.DecodeLastRune(s.text[:offset])
		offset -= size
		runes++
	}
	return offset, runes
}

// show writes a character so that it can be seen, and gives its width.
func show(b *strings.Builder, r rune) int {
	text := visibleRune(r)
	b.WriteString(text)
	if len(text) != utf8.RuneLen(r) {
		return len(text) // a tab, or an escape in ASCII
	}
	return runeWidth(r)
}
