package edit

import (
	"bytes"
	"strings"

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
	trailing := p.src[comma] == ','
	if i+1 < len(around.Items) {
		next := around.Items[i+1].Start
		if p.first(item.Start) && p.first(next) {
			return []splice{{p.commentStart(item.Start), p.nextLine(comma), ""}}
		}
		return []splice{{item.Start, next, ""}}
	}
	before := around.Items[i-1].End()
	if trailing {
		return []splice{{p.trivia(before) + 1, comma + 1, ""}}
	}
	if !strings.Contains(string(p.src[before:item.Start]), "#") {
		return []splice{{before, end, ""}}
	}
	cut := p.trivia(before)
	if rest := p.lineEnd(end); p.trivia(end) >= rest {
		end = rest
	}
	from := p.commentStart(item.Start)
	return []splice{{cut, cut + 1, ""}, {from - p.eolBefore(from), end, ""}}
}
