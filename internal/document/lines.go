package document

import (
	"bytes"
	"slices"
)

// indent counts the spaces that a line, from 0, begins with.
func (l *locator) indent(i int) int {
	line := l.text.split()[i]
	return line.end - line.start - len(bytes.TrimLeft(l.text.src[line.start:line.end], " "))
}

// holds tells whether a line, from 0, has content.
func (l *locator) holds(i int) bool {
	line := l.text.split()[i]
	body := bytes.TrimLeft(l.text.src[line.start:line.end], " \t")
	return len(body) > 0 && body[0] != '#'
}

// above is the last line with content above a line; -1 if there is none.
func (l *locator) above(i int) int {
	for i--; i >= 0 && !l.holds(i); i-- {
	}
	return i
}

// below is the first line with content below a line; -1 if there is none.
func (l *locator) below(i int) int {
	for i++; i < len(l.text.split()); i++ {
		if l.holds(i) {
			return i
		}
	}
	return -1
}

// indentsAround gives the indentations that a line may be meant to have: those of its neighbours, of what they hold,
// and of what holds them.
func (l *locator) indentsAround(i int) []int {
	var widths []int
	add := func(w int) {
		if !slices.Contains(widths, w) {
			widths = append(widths, w)
		}
	}
	if next := l.below(i); next >= 0 {
		add(l.indent(next))
	}
	limit := 1 << 30
	for at := l.above(i); at >= 0 && len(widths) < 8; at = l.above(at) {
		w := l.indent(at)
		if w >= limit {
			if limit == 0 {
				break
			}
			continue
		}
		if line := l.text.split()[at]; bytes.HasPrefix(l.text.src[line.start+w:line.end], []byte("- ")) {
			add(w + 2)
		}
		if limit == 1<<30 {
			add(w)
			add(w + 2)
		}
		add(w)
		limit = w
	}
	return widths
}
