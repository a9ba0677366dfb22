package edit

import (
	"bytes"

	"github.com/tamerhq/tamer/internal/document"
)

// remove takes an item away from others, with the comments that are its own: behind it, right above it in its column, and below it to the
// right of its column.
func (p *page) remove(at place) []splice {
	if form := at.around.Form; form == document.FlowMapping || form == document.FlowList {
		return p.removeFlow(at.around, at.index)
	}
	return []splice{p.removeLines(at.around, at.index)}
}

// removeLines takes an item out of a block with others.
func (p *page) removeLines(around *document.Node, i int) splice {
	item := around.Items[i]
	end := p.lineEnd(p.ownedEnd(item.End(), p.column(item.Start)))
	if !p.first(item.Start) { // behind the dash of what is around it
		next := around.Items[i+1].Start
		if bytes.IndexByte(p.src[p.lineEnd(item.End()):next], '#') < 0 {
			return splice{item.Start, next, ""}
		}
		return splice{len(bytes.TrimRight(p.src[:item.Start], " \t")), end, ""}
	}
	from, to := p.commentStart(item.Start), p.nextLine(end)
	above := from - p.eolBefore(from)
	blankAbove := from == 0 || p.blankLine(p.lineStart(above))
	switch {
	case blankAbove && to < len(p.src) && p.blankLine(to):
		to = p.nextLine(to)
	case blankAbove && to == len(p.src) && from > 0:
		from = p.lineStart(above)
	}
	if to == len(p.src) && end == to && from > 0 { // no end of line at the end of the file
		from -= p.eolBefore(from)
	}
	return splice{from, to, ""}
}

// removeFlow takes an item out of brackets with others.
func (p *page) removeFlow(around *document.Node, i int) []splice {
	item := around.Items[i]
	end := item.End()
	comma := p.trivia(end)
	line, alone := p.alone(around, i)
	if i+1 < len(around.Items) {
		next := around.Items[i+1].Start
		switch {
		case p.first(item.Start) && p.first(next):
			return []splice{{line.from, p.nextLine(comma), ""}}
		case alone || !p.noted(end, next):
			return []splice{{item.Start, next, ""}}
		}
		return []splice{{item.Start, p.blanks(comma + 1), ""}} // the comment behind it may be about others of its line too
	}
	before := around.Items[i-1].End()
	cut := p.trivia(before)
	trailing := p.src[comma] == ','
	switch {
	case alone && (p.noted(before, item.Start) || p.noted(end, line.to)):
	case trailing:
		return []splice{{cut + 1, comma + 1, ""}}
	default:
		return []splice{{before, end, ""}}
	}
	if line.to == p.lineEnd(line.to) {
		line.from -= p.eolBefore(line.from)
	}
	if trailing || line.from <= cut {
		return []splice{line}
	}
	return []splice{{cut, cut + 1, ""}, line}
}

// emptied takes the only item out of brackets in which comments stand that are not its own; false where there are none.
func (p *page) emptied(around *document.Node) (splice, bool) {
	if around.Form != document.FlowList && (around.Form != document.FlowMapping || !around.Braces) {
		return splice{}, false
	}
	from, to := p.ownOf(around, 0)
	if !p.noted(around.Content, from) && !p.noted(to, around.End) {
		return splice{}, false
	}
	if comma := p.trivia(to); p.src[comma] == ',' {
		to = comma + 1
	}
	if to == p.lineEnd(to) {
		from -= p.eolBefore(from)
	}
	return splice{from, to, ""}, true
}

// alone tells whether an item in brackets is the first one of its line, and gives its part of the text, with the comments above it
// and the one behind it. A comma may stand before it, for some write these so.
func (p *page) alone(around *document.Node, i int) (splice, bool) {
	start, end := around.Items[i].Start, around.Items[i].End()
	if i > 0 {
		if comma := p.trivia(around.Items[i-1].End()); p.lineStart(comma) == p.lineStart(start) {
			start = comma
		}
	}
	if !p.first(start) {
		return splice{}, false
	}
	if comma := p.blanks(end); p.src[comma] == ',' {
		end = comma + 1
	}
	if rest := p.lineEnd(end); p.trivia(end) >= rest {
		end = rest
	}
	return splice{p.commentStart(start), end, ""}, true
}

// noted tells whether a comment stands in a part of the text that holds no value.
func (p *page) noted(from, to int) bool {
	return from < to && bytes.IndexByte(p.src[from:to], '#') >= 0
}
