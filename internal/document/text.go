package document

import (
	"bytes"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/finding"
)

// text is the source of a file, UTF-8 without a byte order mark. Lines end with LF, CR LF or a lone CR, and are split when
// first asked for.
type text struct {
	src   []byte
	lines []line // one for each line, the last one without an end
	bang  *bool  // whether the tag "!" may stand somewhere; nil until asked
}

// A line is the part of the source between two ends of lines.
type line struct {
	start, end int   // offsets, without the end of the line
	marks      []int // offsets of the characters 0, stride, 2*stride …; nil until asked for, and where all are ASCII
	known      bool  // whether marks has been thought about
}

// stride bounds how far a place on a long line is counted.
const stride = 128

func newText(src []byte) *text { return &text{src: src} }

func (t *text) split() []line {
	if t.lines == nil {
		t.lines = splitLines(t.src)
	}
	return t.lines
}

func splitLines(src []byte) []line {
	lines := make([]line, 0, bytes.Count(src, []byte("\n"))+1)
	start := 0
	for start <= len(src) {
		end := len(src)
		if i := bytes.IndexByte(src[start:], '\n'); i >= 0 {
			end = start + i
		}
		part := src[start:end]
		for {
			i := bytes.IndexByte(part, '\r')
			if i < 0 || i == len(part)-1 && end < len(src) {
				break
			}
			lines = append(lines, line{start: start, end: start + i})
			start, part = start+i+1, part[i+1:]
		}
		lines = append(lines, line{start: start, end: start + len(bytes.TrimSuffix(part, []byte("\r")))})
		start = end + 1
	}
	return lines
}

// offset is where the character at a place begins; the end of the line, or of the text, where the place is beyond.
func (t *text) offset(p finding.Place) int {
	lines := t.split()
	if p.Line < 1 || p.Line > len(lines) {
		return len(t.src)
	}
	l := &lines[p.Line-1]
	t.mark(l)
	n := max(p.Column-1, 0)
	if l.marks == nil {
		return min(l.start+n, l.end)
	}
	if n/stride >= len(l.marks) {
		return l.end
	}
	at := l.marks[n/stride]
	for range n % stride {
		if at >= l.end {
			return l.end
		}
		_, size := utf8.DecodeRune(t.src[at:l.end])
		at += size
	}
	return at
}

func (t *text) mark(l *line) {
	if l.known {
		return
	}
	l.known = true
	ascii := true
	for _, c := range t.src[l.start:l.end] {
		if c >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return
	}
	n := 0
	for i := range string(t.src[l.start:l.end]) {
		if n%stride == 0 {
			l.marks = append(l.marks, l.start+i)
		}
		n++
	}
}

// rest is the source from a place to the end of its line.
func (t *text) rest(p finding.Place) []byte {
	lines := t.split()
	if p.Line < 1 || p.Line > len(lines) {
		return nil
	}
	return t.src[t.offset(p):lines[p.Line-1].end]
}

// placeOf is where the character at an offset stands.
func (t *text) placeOf(offset int) finding.Place {
	offset = min(max(offset, 0), len(t.src))
	lines := t.split()
	low, high := 0, len(lines)
	for high-low > 1 {
		if mid := (low + high) / 2; lines[mid].start <= offset {
			low = mid
		} else {
			high = mid
		}
	}
	end := min(offset, lines[low].end)
	return finding.Place{Line: low + 1, Column: utf8.RuneCount(t.src[lines[low].start:end]) + 1}
}

// spanAt is the character at a byte offset.
func (t *text) spanAt(offset int) finding.Span {
	p := t.placeOf(offset)
	return finding.Span{Start: p, End: finding.Place{Line: p.Line, Column: p.Column + 1}}
}

// spanOf is where a node stands; its end is known for a scalar or alias on one line.
func (t *text) spanOf(n *yaml.Node) finding.Span {
	start := finding.Place{Line: max(n.Line, 1), Column: max(n.Column, 1)}
	if start.Line > len(t.split()) { // the parser puts a value that is missing at the end on a line of its own
		start = t.placeOf(len(t.src))
	}
	span := finding.Span{Start: start}
	rest := t.rest(start)
	width := 0
	switch {
	case n.Kind == yaml.AliasNode:
		width = 1 + utf8.RuneCountInString(n.Value)
	case n.Kind != yaml.ScalarNode, n.Style&yaml.TaggedStyle != 0, n.Anchor != "":
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		width = quotedWidth(rest)
	case n.Style&quoted == 0 && bytes.HasPrefix(rest, []byte(n.Value)):
		width = utf8.RuneCountInString(n.Value)
	}
	if width > 0 {
		span.End = finding.Place{Line: start.Line, Column: start.Column + width}
	}
	return span
}

// quotedWidth counts the characters of the quoted scalar that rest begins with; 0 if it does not end on this line.
func quotedWidth(rest []byte) int {
	if end := quotedEnd(rest); end > 0 {
		return utf8.RuneCount(rest[:end])
	}
	return 0
}

// quotedEnd is the length of the quoted scalar that rest begins with; 0 if it does not end, or something else is there, such as
// a tag.
func quotedEnd(rest []byte) int {
	if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
		return 0
	}
	quote := rest[0]
	for i := 1; i < len(rest); i++ {
		switch {
		case quote == '"' && rest[i] == '\\':
			i++
		case rest[i] == quote && quote == '\'' && i+1 < len(rest) && rest[i+1] == '\'':
			i++
		case rest[i] == quote:
			return i + 1
		}
	}
	return 0
}
