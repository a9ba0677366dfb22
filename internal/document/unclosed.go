package document

import (
	"bytes"
	"strings"
)

// A scanner reads a text that the parser refused for the quote or bracket that was opened and never closed. The parser
// cannot tell: for it a quote ends at the next one, wherever that is. What tells is the indentation: no line of a value
// begins as far left as the key that the value belongs to.
type scanner struct {
	src  []byte
	open []int // offsets of the brackets that are open
	last int   // indentation of the last line outside brackets
	left int   // column, from 0, of what the value belongs to; -1 at the top
	text int   // in a block text: column of what it belongs to; else noText
}

const noText = -2

// firstUnclosed gives the offset of the first quote or bracket that is never closed.
func firstUnclosed(src []byte) (offset int, ok bool) {
	s := scanner{src: src, text: noText, last: -1}
	for at := 0; at < len(src); {
		bad, next := s.line(at)
		if bad >= 0 {
			return bad, true
		}
		at = next
	}
	return s.innermost()
}

func (s *scanner) innermost() (offset int, ok bool) {
	if len(s.open) == 0 {
		return 0, false
	}
	return s.open[len(s.open)-1], true
}

// line reads the line at an offset. It gives the offset of what is never closed, or -1 and the offset of the next line.
func (s *scanner) line(at int) (bad, next int) {
	end := s.lineEnd(at)
	indent := s.indent(at)
	body := string(bytes.TrimSpace(s.src[at+indent : end]))
	if body == "" || body[0] == '#' || s.text != noText && indent > s.text {
		return -1, end + 1
	}
	s.text = noText
	marker := indent == 0 && (strings.HasPrefix(body, "---") || strings.HasPrefix(body, "..."))
	if offset, inFlow := s.innermost(); inFlow {
		if marker || indent <= s.left && body[0] != ']' && body[0] != '}' {
			return offset, 0
		}
		return s.words(at, at+indent)
	}
	s.left = indent - 1
	if indent == s.last {
		s.left = indent // a key, like the line above: it ends on its line
	}
	s.last = indent
	if marker {
		return s.words(at, at+3)
	}
	return s.words(at, at+indent)
}

func (s *scanner) lineEnd(at int) int {
	if i := bytes.IndexByte(s.src[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(s.src)
}

// indent counts the spaces from an offset on.
func (s *scanner) indent(at int) int {
	return len(s.src[at:]) - len(bytes.TrimLeft(s.src[at:], " "))
}

// words reads on from an offset to the end of its line, which begins at start.
func (s *scanner) words(start, at int) (bad, next int) {
	fresh := true      // a value may begin here
	node := at - start // column of the key or value that was begun last
	for at < len(s.src) && s.src[at] != '\n' {
		c, inFlow := s.src[at], len(s.open) > 0
		spaced := at+1 == len(s.src) || s.src[at+1] <= ' '
		switch {
		case c <= ' ':
		case c == '#' && (at == start || s.src[at-1] <= ' '):
			return -1, s.lineEnd(at) + 1
		case fresh && (c == '"' || c == '\''):
			end, ok := s.quoteEnd(at)
			if !ok {
				return at, 0
			}
			at, fresh = end, false
			continue
		case (c == '[' || c == '{') && (fresh || inFlow):
			s.open, fresh = append(s.open, at), true
		case inFlow && (c == ']' || c == '}'):
			top, _ := s.innermost()
			if s.src[top]+2 != c || s.deeper(top, start, at) { // in ASCII a closing bracket stands two places after its opening one
				return top, 0
			}
			s.open, fresh = s.open[:len(s.open)-1], false
		case inFlow && (c == ',' || c == ':' && (spaced || s.src[at-1] == '"')):
			fresh = true
		case !inFlow && c == ':' && spaced:
			s.left, fresh = node, true
		case !inFlow && fresh && (c == '-' || c == '?') && spaced:
			s.left = at - start
			node = s.left + 1 + s.indent(at+1)
		case !inFlow && fresh && (c == '|' || c == '>'):
			s.text = s.left
			return -1, s.lineEnd(at) + 1
		case fresh && (c == '&' || c == '!'):
			for at+1 < len(s.src) && s.src[at+1] > ' ' {
				at++
			}
		default:
			fresh = false
		}
		at++
	}
	return -1, at + 1
}

// deeper tells whether a closing bracket that is the first of its line stands further left than the line of the bracket that
// it would close: then it closes another one.
func (s *scanner) deeper(open, start, at int) bool {
	if s.indent(start) != at-start {
		return false
	}
	line := bytes.LastIndexByte(s.src[:open], '\n') + 1
	return line != start && s.indent(line) > at-start
}

// quoteEnd is the offset after the quoted text that begins at one. It gives false where that text is never closed: it
// reaches the end of the file or a line too far left to belong to it, or something follows what would be its end.
func (s *scanner) quoteEnd(at int) (end int, ok bool) {
	quote := s.src[at]
	for i := at + 1; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '\\' && quote == '"':
			i++
		case c == quote && quote == '\'' && i+1 < len(s.src) && s.src[i+1] == '\'':
			i++
		case c == quote:
			after := ",:]}#"
			if bytes.IndexByte(s.src[at:i], '\n') >= 0 {
				after = ",:]}" // the next quote, such as that of '#/a', is no end before a comment
			}
			return i + 1, i+1 == len(s.src) || s.src[i+1] <= ' ' || strings.IndexByte(after, s.src[i+1]) >= 0
		case c == '\n':
			body := bytes.TrimSpace(s.src[i+1 : s.lineEnd(i+1)])
			if len(body) > 0 && s.indent(i+1) <= s.left {
				return 0, false
			}
		}
	}
	return 0, false
}
