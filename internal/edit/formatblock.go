package edit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// A formatter writes a page anew, line by line. What lies between two items belongs to the one before it as far as it stands on its
// line or deeper than both, and to the one behind it else.
type formatter struct {
	*page
	order Order
	notes []remark
	doc   int
	path  []string
	lines []string
	lead  string // what the next line begins with, instead of its indentation: dashes
	kept  bool   // the last lines are a text that keeps the blank lines behind it
}

// deeper is how many blanks each level stands to the right of the one around it.
const deeper = 2

func formatted(p *page, order Order) []byte {
	f := &formatter{page: p, order: order, notes: p.remarks()}
	f.stream()
	for len(f.lines) > 0 && f.lines[len(f.lines)-1] == "" && !f.kept {
		f.lines = f.lines[:len(f.lines)-1]
	}
	if len(f.lines) == 0 {
		return nil
	}
	return []byte(strings.Join(f.lines, "\n") + "\n")
}

// line begins a line.
func (f *formatter) line(indent int, text string) {
	before := f.lead
	if before == "" && text != "" {
		before = strings.Repeat(" ", indent)
	}
	f.lines, f.lead, f.kept = append(f.lines, before+text), "", false
}

// open begins a line with nothing but its indentation.
func (f *formatter) open(indent int) {
	f.lines, f.kept = append(f.lines, strings.Repeat(" ", indent)), false
}

// add goes on with the line.
func (f *formatter) add(text string) {
	if len(f.lines) == 0 {
		f.lines = []string{""}
	}
	f.lines[len(f.lines)-1] += text
}

// blank puts a blank line before what stands at an offset, if there is one in the page.
func (f *formatter) blank(at int) {
	start := f.lineStart(at)
	if start > 0 && f.blankLine(f.lineStart(start-f.eolBefore(start))) && !f.kept && len(f.lines) > 0 && f.lines[len(f.lines)-1] != "" {
		f.lines = append(f.lines, "")
	}
}

// between gives the comments from one offset up to another.
func (f *formatter) between(from, to int) []remark {
	compare := func(r remark, at int) int { return r.at - at }
	first, _ := slices.BinarySearchFunc(f.notes, from, compare)
	last, _ := slices.BinarySearchFunc(f.notes, to, compare)
	return f.notes[first:max(first, last)]
}

// comments writes those between two offsets: behind the line where they stood behind one, else on their own. fresh: no blank line
// is put before the first of them. It tells whether some stood on their own.
func (f *formatter) comments(from, to, indent int, fresh bool) (own bool) {
	for _, r := range f.between(from, to) {
		if !f.first(r.at) && !own && len(f.lines) > 0 {
			f.add(" " + r.text)
			continue
		}
		if !fresh || own {
			f.blank(r.at)
		}
		f.line(indent, r.text)
		own = true
	}
	return own
}

// boundary is where what belongs to an item ends, in the text up to an offset: behind its line, and behind the comments that stand
// deeper than a column.
func (f *formatter) boundary(end, to, column int) int {
	at := min(f.lineEnd(end), to)
	for _, r := range f.between(at, to) {
		if f.column(r.at) <= column {
			break
		}
		at = f.lineEnd(r.at)
	}
	return at
}

// block writes the items of a mapping or list, with the comments from one offset up to another.
func (f *formatter) block(n *document.Node, from, to, indent int) {
	column := f.column(n.Items[0].Start)
	starts := make([]int, len(n.Items)+1)
	starts[0] = from
	for i := 1; i < len(n.Items); i++ {
		starts[i] = f.boundary(n.Items[i-1].End(), n.Items[i].Start, column)
	}
	starts[len(n.Items)] = f.boundary(n.Items[len(n.Items)-1].End(), to, column)
	order := f.arranged(n)
	head := f.headEnd(from, n.Items[0].Start, order != nil)
	fresh := !f.comments(from, head, indent, true)
	starts[0] = head
	for k := range n.Items {
		i := k
		if order != nil {
			i = order[k]
		}
		item := n.Items[i]
		if f.comments(starts[i], item.Start, indent, fresh) {
			fresh = false
		}
		if !fresh {
			f.blank(item.Start)
		}
		fresh = false
		f.path = append(f.path, f.token(item, i))
		f.item(item, starts[i+1], indent, column)
		f.path = f.path[:len(f.path)-1]
	}
	f.comments(starts[len(n.Items)], to, indent, false)
}

// headEnd is where the comments end that belong to the block as a whole: those behind the line before it, and, where its items
// change places, those with a blank line between them and the first item, or at the head of a document all.
func (f *formatter) headEnd(from, first int, moves bool) int {
	head := from
	for _, r := range f.between(from, first) {
		if !f.first(r.at) {
			head = f.lineEnd(r.at)
		}
	}
	if !moves {
		return head
	}
	if own := f.between(from, first); len(f.path) == 0 && len(own) > 0 {
		return f.lineEnd(own[len(own)-1].at) // they are about the document
	}
	for at := f.lineStart(first); at > head; at = f.lineStart(at - f.eolBefore(at)) {
		if f.blankLine(at) {
			return at
		}
	}
	return head
}

// item writes one value of a block, with its key or dash; column is the block's in the page.
func (f *formatter) item(item document.Item, to, indent, column int) {
	head := "-"
	if item.Key != nil {
		head = f.keyText(item.Key) + ":"
	}
	v, from := item.Value, max(item.Colon, item.Start)
	if item.Key != nil && item.Colon < 0 {
		from = item.Key.End
	}
	if v.Form != document.BlockMapping && v.Form != document.BlockList {
		f.line(indent, head)
		f.inline(v, from, to, indent, column)
		return
	}
	head += f.properties(v)
	if item.Key == nil && head == "-" && len(f.between(from, v.Items[0].Start)) == 0 {
		if f.lead == "" {
			f.lead = strings.Repeat(" ", indent)
		}
		f.lead += "- "
	} else {
		f.line(indent, head)
	}
	f.block(v, from, to, indent+deeper)
}

// properties are the anchor and the tag, with a blank before each.
func (f *formatter) properties(n *document.Node) string {
	text := ""
	if n.Anchor != "" {
		text += " &" + n.Anchor
	}
	if n.Tag != "" {
		text += " " + n.Tag
	}
	return text
}

func (f *formatter) keyText(n *document.Node) string {
	if n.Form == document.Alias {
		return "*" + n.Text + " "
	}
	return strings.TrimSpace(f.properties(n) + " " + f.scalarText(n, false))
}

func (f *formatter) token(item document.Item, i int) string {
	if item.Key == nil {
		return strconv.Itoa(i)
	}
	return f.keyOf(item)
}

// inline writes a value behind its key or dash, with the comments around it.
func (f *formatter) inline(v *document.Node, from, to, indent, column int) {
	bare := v.Empty() && v.Anchor == "" && v.Tag == ""
	switch {
	case bare:
	case len(f.between(from, v.Start)) > 0:
		f.comments(from, v.Start, indent+deeper, false)
		f.open(indent + deeper)
		f.value(v, indent+deeper, column)
		from = v.End
	default:
		f.add(" ")
		f.value(v, indent, column)
		from = v.End
	}
	under := indent + deeper
	if v.Form == document.Literal || v.Form == document.Folded {
		under = indent // deeper it would be part of the text
	}
	f.comments(from, to, under, false)
}

// value goes on with the line, and writes further ones where the value has some.
func (f *formatter) value(v *document.Node, indent, column int) {
	if before := strings.TrimSpace(f.properties(v)); before != "" {
		f.add(before)
		if v.Empty() {
			return
		}
		f.add(" ")
	}
	switch v.Form {
	case document.Alias:
		f.add("*" + v.Text)
	case document.FlowMapping, document.FlowList:
		f.flowValue(v, indent)
	case document.Literal, document.Folded:
		f.textBlock(v, indent, column)
	default:
		for i, text := range f.scalarLines(v) {
			if i > 0 {
				f.line(indent+deeper, text)
			} else {
				f.add(text)
			}
		}
	}
}
