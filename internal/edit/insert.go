package edit

import (
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// insert writes a value that is new: at a key of a mapping, or at a position of a list.
func (p *page) insert(around place, token string, v any) []splice {
	n := around.node
	isList := n.Form == document.BlockList || n.Form == document.FlowList
	if p.inBrackets(around) {
		lines := p.pretty(v, "")
		if !p.spread(around) {
			lines = []string{p.flow(v, p.tight(n))}
		}
		if !isList {
			lines[0] = p.key(token, nil, true) + ":" + p.gap(n) + lines[0]
		}
		return p.insertFlow(around, token, lines)
	}
	lines := p.pairLines(token, v)
	if isList {
		f := p.block(v, nil, true)
		lines = append([]string{spaced("-", f.head)}, f.body...)
	}
	return p.insertLines(around, token, lines)
}

// inBrackets tells whether a new item of a mapping or list stands in brackets; {} in a block is filled with a block.
func (p *page) inBrackets(around place) bool {
	n := around.node
	return around.flow || p.json || len(n.Items) > 0 && (n.Form == document.FlowMapping || n.Form == document.FlowList)
}

// insertLines puts the lines of an item, which are indented from its column, into a mapping or list in a block.
func (p *page) insertLines(around place, token string, lines []string) []splice {
	n := around.node
	if len(n.Items) == 0 { // {}, [] or null
		return p.fill(around, lines)
	}
	if i, err := strconv.Atoi(token); err == nil && n.Form == document.BlockList && i < len(n.Items) {
		return p.insertBefore(n, i, lines)
	}
	last := n.Items[len(n.Items)-1]
	col := p.column(last.Start)
	if first := n.Items[0]; !p.first(last.Start) && len(n.Items) == 1 {
		col = p.column(first.Start)
	}
	end := p.lineEnd(p.ownedEnd(last.End(), col))
	return []splice{{end, end, "\n" + strings.Join(indented(lines, col), "\n")}}
}

// insertBefore puts the lines of an item before the i-th one of a list in a block.
func (p *page) insertBefore(n *document.Node, i int, lines []string) []splice {
	next := n.Items[i].Start
	col := p.column(next)
	text := strings.Join(indented(lines, col), "\n") + "\n"
	if at := p.commentStart(next); p.first(next) {
		return []splice{{at, at, text}}
	}
	return []splice{{next, next, strings.TrimLeft(text, " ") + strings.Repeat(" ", col)}}
}

// fill puts the first item into an empty mapping or list, or in the place of null.
func (p *page) fill(around place, lines []string) []splice {
	if around.around == nil {
		n := around.node
		if n.Empty() {
			return []splice{p.begin(n, lines)}
		}
		text := strings.Join(lines, "\n")
		if !p.first(n.Start) {
			text = "\n" + text
		}
		return []splice{{n.Start, n.End, text}}
	}
	if around.item().Key == nil {
		return p.replaceBlock(around, fragment{lines[0], indented(lines[1:], 2)})
	}
	width := len(p.styleOf().unit)
	if strings.HasPrefix(lines[0], "-") {
		width = p.styleOf().inset
	}
	return p.replaceBlock(around, fragment{"", indented(lines, width)})
}

// ownedEnd gives where the comments end that belong to an item: those below it that stand to the right of its column.
func (p *page) ownedEnd(end, col int) int {
	for next := p.nextLine(end); next < len(p.src); next = p.nextLine(next) {
		at := p.indentEnd(next)
		switch {
		case p.blankLine(next):
		case p.src[at] == '#' && p.column(at) > col:
			end = p.lineEnd(at)
		default:
			return end
		}
	}
	return end
}

// commentStart gives where the comments begin that stand right above an item, in its column; the start of its line where there are
// none. Those at the top of the file are about the file, and a ruled one heads more than this item.
func (p *page) commentStart(item int) int {
	col, start := p.column(item), p.lineStart(item)
	for at := start; at > 0; {
		above := p.lineStart(max(at-p.eolBefore(at), 0))
		first := p.indentEnd(above)
		if p.src[first] != '#' || p.column(first) != col || p.ruled(first) {
			return at
		}
		at = above
	}
	return start
}
