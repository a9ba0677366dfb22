package edit

import (
	"bytes"
	"unicode/utf8"
)

// Lines end with LF, CR LF or a lone CR.

func (p *page) lineStart(at int) int { return bytes.LastIndexAny(p.src[:at], "\r\n") + 1 }

func (p *page) lineEnd(at int) int {
	if i := bytes.IndexAny(p.src[at:], "\r\n"); i >= 0 {
		return at + i
	}
	return len(p.src)
}

// nextLine is where the line behind this one begins.
func (p *page) nextLine(at int) int {
	at = p.lineEnd(at)
	if bytes.HasPrefix(p.src[at:], []byte("\r\n")) {
		at++
	}
	return min(at+1, len(p.src))
}

// indentEnd is where the line of an offset has its first character that is no blank.
func (p *page) indentEnd(at int) int { return p.blanks(p.lineStart(at)) }

// blanks gives the offset behind blanks.
func (p *page) blanks(at int) int {
	for ; at < len(p.src) && (p.src[at] == ' ' || p.src[at] == '\t'); at++ {
	}
	return at
}

// margin is the blanks that the line of an offset begins with.
func (p *page) margin(at int) string { return string(p.src[p.lineStart(at):p.indentEnd(at)]) }

// first tells whether only blanks stand before the offset on its line.
func (p *page) first(at int) bool { return p.indentEnd(at) >= at }

// column counts the characters before the offset on its line.
func (p *page) column(at int) int { return utf8.RuneCount(p.src[p.lineStart(at):at]) }

// blankLine tells whether the line that begins at the offset holds nothing.
func (p *page) blankLine(start int) bool {
	return len(bytes.TrimSpace(p.src[start:p.lineEnd(start)])) == 0
}

// trivia gives the offset behind blanks, ends of lines and comments.
func (p *page) trivia(at int) int {
	for at < len(p.src) {
		switch c := p.src[at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			at++
		case c == '#':
			at = p.lineEnd(at)
		default:
			return at
		}
	}
	return at
}

// eolBefore is how many bytes the end of line before an offset has.
func (p *page) eolBefore(at int) int {
	switch {
	case bytes.HasSuffix(p.src[:at], []byte("\r\n")):
		return 2
	case at > 0 && (p.src[at-1] == '\n' || p.src[at-1] == '\r'):
		return 1
	}
	return 0
}
