package lsp

import (
	"sort"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/finding"
)

// A page is a text whose places are told in three ways: by byte, as findings do (line and character, from 1), and as the protocol does
// (line from 0, and UTF-16 code units). A place that is not there is the nearest one before it.
type page struct {
	text   string
	starts []int // offsets of the lines
}

const mark = "\ufeff" // a byte order mark, which is no character to findings

func newPage(text string) *page {
	p := &page{text: text, starts: []int{0}}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\n', text[i] == '\r' && (i+1 == len(text) || text[i+1] != '\n'):
			p.starts = append(p.starts, i+1)
		}
	}
	return p
}

// line gives the offsets at which a line, from 0, begins and ends, without its end of line.
func (p *page) line(n int) (from, to int) {
	switch {
	case n < 0:
		return 0, 0
	case n >= len(p.starts):
		return len(p.text), len(p.text)
	}
	from, to = p.starts[n], len(p.text)
	if n+1 < len(p.starts) {
		to = p.starts[n+1]
	}
	return from, from + len(strings.TrimRight(p.text[from:to], "\r\n"))
}

// offset is where the character at a position begins.
func (p *page) offset(at position) int {
	from, to := p.line(at.Line)
	for left := at.Character; left > 0 && from < to; {
		r, size := utf8.DecodeRuneInString(p.text[from:to])
		if left -= units(r); left < 0 {
			break // in the middle of a pair
		}
		from += size
	}
	return from
}

// position is where the character at an offset stands.
func (p *page) position(offset int) position {
	offset = min(max(offset, 0), len(p.text))
	n := sort.Search(len(p.starts), func(i int) bool { return p.starts[i] > offset }) - 1
	from, to := p.line(n)
	at := position{Line: n}
	for _, r := range p.text[from:min(offset, to)] {
		at.Character += units(r)
	}
	return at
}

func units(r rune) int { return max(utf16.RuneLen(r), 1) }

// offsetOf is where the character at the place of a finding begins.
func (p *page) offsetOf(at finding.Place) int {
	from, to := p.line(at.Line - 1)
	if at.Line == 1 && strings.HasPrefix(p.text, mark) {
		from += len(mark)
	}
	for left := at.Column - 1; left > 0 && from < to; left-- {
		_, size := utf8.DecodeRuneInString(p.text[from:to])
		from += size
	}
	return min(from, max(to, 0))
}

// place is the place of an offset as findings tell it.
func (p *page) place(offset int) finding.Place {
	offset = min(max(offset, 0), len(p.text))
	n := sort.Search(len(p.starts), func(i int) bool { return p.starts[i] > offset }) - 1
	from, to := p.line(n)
	if n == 0 && strings.HasPrefix(p.text, mark) {
		from = min(len(mark), offset)
	}
	return finding.Place{Line: n + 1, Column: utf8.RuneCountInString(p.text[from:max(from, min(offset, to))]) + 1}
}

// spanned gives the offsets of a span. One without an end is the rest of its line, and a zero one the first line.
func (p *page) spanned(at finding.Span) (from, to int) {
	if at.Start.Line < 1 {
		at = finding.Span{Start: finding.Place{Line: 1, Column: 1}}
	}
	from = p.offsetOf(at.Start)
	if at.End.Line < 1 {
		_, to = p.line(at.Start.Line - 1)
		return from, max(from, to)
	}
	return from, max(from, p.offsetOf(at.End))
}

func (p *page) rangeOf(at finding.Span) textRange {
	from, to := p.spanned(at)
	return p.between(from, to)
}

func (p *page) between(from, to int) textRange {
	return textRange{p.position(from), p.position(to)}
}

// changed gives the text after the changes, each of which is of what the ones before it have left.
func changed(text string, changes []contentChange) string {
	for _, c := range changes {
		if c.Range == nil {
			text = c.Text
			continue
		}
		p := newPage(text)
		from, to := p.offset(c.Range.Start), p.offset(c.Range.End)
		text = text[:from] + c.Text + text[max(from, to):]
	}
	return text
}
