package document

import (
	"bytes"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/finding"
)

// A Form is how a value is written.
type Form int

const (
	Plain Form = iota
	SingleQuoted
	DoubleQuoted
	Literal // after |
	Folded  // after >
	BlockMapping
	BlockList
	FlowMapping // in braces, or a pair in a list in brackets
	FlowList
	Alias
)

// A Node is one value as the file writes it. Offsets count bytes of Document.Text; the byte at an end is no part of it.
type Node struct {
	Form    Form
	Start   int    // of its anchor and tag, or of the value where it has neither
	Content int    // of the value itself; of a value that is missing: where it would be
	End     int    // of a literal or folded text: without the last end of line
	Anchor  string // "" without
	Tag     string // as written, such as !!str; "" without
	Text    string // of a scalar: what it says; of an alias: the anchor's name
	Braces  bool   // false for a pair in a list that has none of its own
	Items   []Item // of a mapping or list, in the order of the file
}

// An Item is a value of a mapping or list, with what stands before it.
type Item struct {
	Start int   // of the dash, question mark or key; in brackets of the value
	Key   *Node // nil in a list
	Colon int   // behind the colon or dash; -1 where there is none
	Value *Node
	Merge bool // the key is <<
}

// End is where the item ends.
func (i Item) End() int { return max(i.Value.End, i.Colon, i.Start) }

// Empty tells whether nothing is written where the value would stand, which is null.
func (n *Node) Empty() bool { return n.Form == Plain && n.Text == "" && n.Content == n.End }

// Scalar tells whether the node is a text, number, boolean or null.
func (n *Node) Scalar() bool { return n.Form <= Folded }

// Text is the file as UTF-8 without a byte order mark. It must not be changed.
func (d *Document) Text() []byte { return d.text.src }

// PlaceOf is the line and column of an offset of Text.
func (d *Document) PlaceOf(offset int) finding.Place { return d.text.placeOf(offset) }

// Syntax gives how the document is written; nil for a stream that holds nothing. It is made anew by each call.
func (d *Document) Syntax() *Node {
	if d.root == nil {
		return nil
	}
	p := &parts{src: d.text.src}
	start := min(d.text.offset(finding.Place{Line: max(d.root.Line, 1), Column: max(d.root.Column, 1)}), len(p.src))
	return p.node(d.root, start, -1, false)
}

// PlainText tells whether a plain scalar of these characters would be a text, and not null, a boolean or a number.
func PlainText(s string) bool {
	kind, _ := resolvePlain(s)
	return kind == kindText
}

// parts finds where values end: the parser tells only where they begin.
type parts struct{ src []byte }

// trivia gives the offset behind spaces, ends of lines and comments.
func (p *parts) trivia(at int) int {
	for at < len(p.src) {
		switch c := p.src[at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			at++
		case c == '#' && (at == 0 || isBlank(p.src[at-1]) || p.src[at-1] == ','):
			at += lineLength(p.src[at:])
		default:
			return at
		}
	}
	return at
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// lineLength is how many bytes stand before the end of the line.
func lineLength(src []byte) int {
	if i := bytes.IndexAny(src, "\r\n"); i >= 0 {
		return i
	}
	return len(src)
}

func (p *parts) at(offset int) byte {
	if offset < len(p.src) {
		return p.src[offset]
	}
	return '\n'
}

// node reads what is written from floor on; indent is that of the block around it.
func (p *parts) node(n *yaml.Node, floor, indent int, flow bool) *Node {
	out := &Node{Form: formOf(n), Anchor: n.Anchor}
	if n.Kind == yaml.AliasNode {
		out.Anchor, out.Text = "", n.Value
		out.Start = p.trivia(floor)
		out.Content, out.End = out.Start, out.Start+1+len(n.Value)
		return out
	}
	if n.Kind == yaml.ScalarNode {
		out.Text = n.Value
	}
	at := p.properties(out, floor, n, flow)
	switch {
	case n.Kind == yaml.ScalarNode:
		p.scalar(out, at, indent)
	case n.Kind == yaml.MappingNode:
		p.mapping(out, n, at, indent, flow)
	default:
		p.list(out, n, at, indent)
	}
	return out
}

func formOf(n *yaml.Node) Form {
	inFlow := n.Style&yaml.FlowStyle != 0
	switch {
	case n.Kind == yaml.AliasNode:
		return Alias
	case n.Kind == yaml.MappingNode && inFlow:
		return FlowMapping
	case n.Kind == yaml.MappingNode:
		return BlockMapping
	case n.Kind == yaml.SequenceNode && inFlow:
		return FlowList
	case n.Kind == yaml.SequenceNode:
		return BlockList
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return DoubleQuoted
	case n.Style&yaml.SingleQuotedStyle != 0:
		return SingleQuoted
	case n.Style&yaml.LiteralStyle != 0:
		return Literal
	case n.Style&yaml.FoldedStyle != 0:
		return Folded
	}
	return Plain
}

// properties reads the anchor and the tag, which may be "!" for a scalar or what stands in brackets, and gives where they end;
// floor where there are none.
func (p *parts) properties(out *Node, floor int, n *yaml.Node, flow bool) int {
	out.Start = p.trivia(floor)
	at, end := out.Start, floor
	anchor := n.Anchor != ""
	tag := n.Style&yaml.TaggedStyle != 0 || out.Form != BlockMapping && out.Form != BlockList
	for anchor && p.at(at) == '&' || tag && p.at(at) == '!' {
		size := 1 + len(n.Anchor)
		if p.src[at] == '!' {
			size = p.tag(at, flow)
			out.Tag, tag = string(p.src[at:at+size]), false
		} else {
			anchor = false
		}
		end = at + size
		at = p.trivia(end)
	}
	return end
}

// tag is how many bytes the tag has that begins here.
func (p *parts) tag(at int, flow bool) int {
	rest := p.src[at:]
	if bytes.HasPrefix(rest, []byte("!<")) {
		if i := bytes.IndexByte(rest, '>'); i >= 0 {
			return i + 1
		}
	}
	stops := " \t\r\n"
	if flow {
		stops += ",[]{}"
	}
	if i := bytes.IndexAny(rest, stops); i >= 0 {
		return i
	}
	return len(rest)
}

func (p *parts) scalar(out *Node, floor, indent int) {
	at := p.trivia(floor)
	switch {
	case out.Form == Plain && out.Text == "":
		out.Content, out.End = floor, floor
		if out.Anchor == "" && out.Tag == "" {
			out.Start = floor
		}
		return
	case out.Form == DoubleQuoted || out.Form == SingleQuoted:
		out.Content, out.End = at, at+quotedEnd(p.src[at:])
	case out.Form == Plain:
		out.Content, out.End = at, p.plainEnd(at, out.Text)
	default:
		out.Content, out.End = at, p.blockEnd(at, indent)
	}
	if out.End < at {
		out.End = at
	}
}

// plainEnd is where the plain text ends that begins here: where folding what is written gives the text.
func (p *parts) plainEnd(at int, text string) int {
	for i := 0; i < len(text) && at < len(p.src); {
		if c := p.src[at]; !isBlank(c) || text[i] == c {
			_, size := utf8.DecodeRuneInString(text[i:])
			if !p.breaksAfter(at) {
				at, i = at+size, i+size
				continue
			}
		}
		breaks := 0
		for ; at < len(p.src) && isBlank(p.src[at]); at++ {
			if p.src[at] == '\n' || p.src[at] == '\r' && p.at(at+1) != '\n' {
				breaks++
			}
		}
		i += max(breaks-1, 1)
	}
	return at
}

// breaksAfter tells whether only blanks stand between here and the end of the line.
func (p *parts) breaksAfter(at int) bool {
	for ; at < len(p.src) && (p.src[at] == ' ' || p.src[at] == '\t'); at++ {
	}
	return at == len(p.src) || p.src[at] == '\n' || p.src[at] == '\r'
}

// blockEnd is where the text after | or > ends that begins here (yaml.org/spec/1.2.2, section 8.1).
func (p *parts) blockEnd(at, indent int) int {
	end := at + lineLength(p.src[at:])
	header, _, _ := bytes.Cut(p.src[at:end], []byte(" "))
	width := -1
	for _, c := range header {
		if c >= '1' && c <= '9' {
			width = max(indent, 0) + int(c-'0')
		}
	}
	keep := bytes.IndexByte(header, '+') >= 0
	for next := p.nextLine(end); next < len(p.src); next = p.nextLine(next) {
		length := lineLength(p.src[next:])
		line := p.src[next : next+length]
		spaces := len(line) - len(bytes.TrimLeft(line, " "))
		switch {
		case spaces == len(line) && (width < 0 || spaces < width):
			if keep {
				end = next + length
			}
			continue
		case width < 0 && (spaces > indent || indent < 0):
			width = spaces
		}
		if width < 0 || spaces < width || spaces == 0 && (bytes.HasPrefix(line, []byte("---")) || bytes.HasPrefix(line, []byte("..."))) {
			break
		}
		end = next + length
	}
	return end
}

// nextLine is where the next line begins; the end of the source where there is none.
func (p *parts) nextLine(at int) int {
	at += lineLength(p.src[at:])
	if p.at(at) == '\r' && p.at(at+1) == '\n' && at+1 < len(p.src) {
		at++
	}
	return min(at+1, len(p.src))
}
