package edit

import (
	"errors"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// carry takes a value elsewhere: its text is taken away, and put in again, with its comments.
func (s *session) carry(one step) error {
	if err := s.flush(); err != nil {
		return err
	}
	from, err := s.page.find(one.doc, one.from)
	if err != nil {
		return err
	}
	if err := s.page.ownAll(one.doc, from.node, one.from); err != nil {
		return err
	}
	value, _ := document.ValueAt(s.values[one.doc], one.from)
	taken := s.page.take(from)
	before := s.page
	gone := step{kind: remove, doc: one.doc, path: one.from}
	if s.pending, err = s.page.splices(gone); err != nil {
		return err
	}
	if err := s.flush(); err != nil {
		return err
	}
	if err := s.bring(one, taken, value); err != nil {
		return err
	}
	if r, lost := before.lost(s.page); lost {
		return before.losing(r)
	}
	return nil
}

// A taken value is a text that was cut out.
type taken struct {
	above []string // comments, without indentation
	rest  []string // comments beside the value and below it, which are in lines too
	pair  bool
	key   *document.Node
	lines []string // of what stands behind the key and in the lines below it, which are indented from the column of the key
	value []string // of the value alone, without indentation
	block bool     // the value is a mapping or list in a block
	raw   bool     // the value is a text whose lines stand as they are
	plain bool     // no comment stands in it
	flow  bool     // it stood in brackets
}

func (p *page) take(at place) taken {
	item, n := at.item(), at.node
	t := taken{block: n.Form == document.BlockMapping || n.Form == document.BlockList, flow: at.flow || p.json, key: item.Key, pair: item.Key != nil}
	col := p.column(item.Start)
	if at.flow {
		col = len(p.margin(item.Start))
	}
	t.value = p.cut(n.Start, n.End, col)
	if t.block {
		t.value = p.cut(n.Items[0].Start, p.lineEnd(p.ownedEnd(n.End, col)), p.column(n.Items[0].Start))
	}
	if n.Empty() && n.Anchor == "" && n.Tag == "" {
		t.value = []string{"null"}
	}
	t.raw = n.Form == document.Literal || n.Form == document.Folded
	t.plain = len(p.remarked(n.Start, n.End)) == 0
	if start := p.commentStart(item.Start); p.first(item.Start) && start < p.lineStart(item.Start) {
		t.above = p.cut(start, p.lineStart(item.Start)-p.eolBefore(p.lineStart(item.Start)), p.column(item.Start))
		t.above[0] = strings.TrimLeft(t.above[0], " ")
	}
	if at.flow {
		if line, alone := p.alone(at.around, at.index); alone {
			t.above = append(t.above, p.remarked(n.End, line.to)...)
		}
		return t
	}
	if item.Colon < 0 {
		t.above = append(t.above, p.remarked(n.End, p.lineEnd(n.End))...)
		return t
	}
	end := p.lineEnd(p.ownedEnd(item.End(), col))
	t.lines = p.cut(item.Colon, end, col)
	t.rest = slices.Concat(p.comments(item.Colon+1, n.Start), p.comments(n.End, end))
	return t
}

// comments gives those between values.
func (p *page) comments(from, to int) []string {
	var all []string
	for line := range strings.Lines(string(p.src[min(from, to):to])) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

// cut gives the lines of a part of the text; those behind the first one lose as many blanks.
func (p *page) cut(from, to, blanks int) []string {
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(p.src[from:to]))
	lines := strings.Split(text, "\n")
	for i, line := range lines[1:] {
		n := len(line) - len(strings.TrimLeft(line, " \t"))
		lines[i+1] = line[min(n, blanks):]
	}
	return lines
}

// bring puts a taken text in at a path, with the mappings on the way to it.
func (s *session) bring(one step, t taken, value any) error {
	p := s.page
	rest, err := without(s.values[one.doc], one.from)
	if err != nil {
		return err
	}
	deep := len(one.path) - 1
	for ; deep > 0; deep-- {
		if around, there := document.ValueAt(rest, one.path[:deep]); there && around != nil {
			break
		}
	}
	around, err := p.find(one.doc, one.path[:deep])
	if err != nil {
		return err
	}
	if err := p.own(one.doc, around.node, one.path[:deep]); err != nil {
		return err
	}
	token := one.path[deep]
	inFlow := p.inBrackets(around)
	switch list := around.node.Form == document.BlockList || around.node.Form == document.FlowList; {
	case inFlow && (t.block || t.raw || len(one.path)-1 > deep):
		if !t.plain {
			return errors.New("the comments within it cannot stand in the brackets that it is to be moved into: change it by hand")
		}
		s.pending = p.insert(around, token, nested(one.path[deep+1:], value))
	case inFlow && list:
		s.pending = p.insertFlow(around, token, t.value)
	case inFlow:
		lines := slices.Clone(t.value)
		lines[0] = p.key(token, t.keyStyle(), true) + ":" + p.gap(around.node) + lines[0]
		s.pending = p.insertFlow(around, token, lines)
	default:
		s.pending = p.insertLines(around, token, p.brought(one.path[deep:], t, list))
		return s.flush()
	}
	s.pending = append(p.overhead(around.node.Start, slices.Concat(t.above, t.rest)), s.pending...)
	return s.flush()
}

// overhead puts comments that cannot stand in brackets above the line in which these begin.
func (p *page) overhead(at int, comments []string) []splice {
	if len(comments) == 0 {
		return nil
	}
	start, margin := p.lineStart(at), p.margin(at)
	return []splice{{start, start, margin + strings.Join(comments, "\n"+margin) + "\n"}}
}

// beside is the comment that stands behind the key, or the dash, of a value below it.
func (t taken) beside() []string {
	if len(t.lines) == 0 || !strings.HasPrefix(strings.TrimSpace(t.lines[0]), "#") {
		return nil
	}
	return []string{strings.TrimSpace(t.lines[0])}
}

func (t taken) keyStyle() *document.Node {
	if t.flow {
		return nil
	}
	return t.key
}

// brought gives the lines of the item with a taken text, in a block, within the mappings that the path names.
func (p *page) brought(path []string, t taken, list bool) []string {
	name := p.key(path[len(path)-1], t.keyStyle(), false) + ":"
	item := list && len(path) == 1 || len(path) > 1 && path[len(path)-1] == "-"
	var lines []string
	switch {
	case item && (t.lines == nil || t.pair && t.block):
		lines = append([]string{"- " + t.value[0]}, indented(t.value[1:], 2)...)
		t.above = append(t.above, t.beside()...)
	case item:
		lines = append([]string{"-" + t.lines[0]}, t.lines[1:]...)
	case t.pair && t.lines != nil:
		lines = append([]string{name + t.lines[0]}, t.lines[1:]...)
	case t.block:
		t.above = append(t.above, t.beside()...)
		lines = append([]string{name}, indented(t.value, len(p.styleOf().unit))...)
	default:
		lines = append([]string{spaced(name, t.value[0])}, indented(t.value[1:], len(p.styleOf().unit))...)
	}
	lines = append(slices.Clone(t.above), lines...)
	for _, token := range slices.Backward(path[:len(path)-1]) {
		width := len(p.styleOf().unit)
		if item {
			width, item = p.styleOf().inset, false
		}
		lines = append([]string{p.key(token, nil, false) + ":"}, indented(lines, width)...)
	}
	return lines
}
