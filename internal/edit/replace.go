package edit

import (
	"bytes"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// splices gives what a step changes in the text.
func (p *page) splices(s step) ([]splice, error) {
	switch s.kind {
	case replace:
		at, err := p.find(s.doc, s.path)
		if err != nil {
			return nil, err
		}
		if at.node == nil { // an empty file
			return []splice{p.append(p.document(s.value))}, nil
		}
		if err := p.ownAll(s.doc, at.node, s.path); err != nil {
			return nil, err
		}
		splices := p.replace(at, s.value)
		from, to := p.ownOfValue(at.node)
		return splices, p.keeps(splices, from, to)
	case rename:
		at, err := p.find(s.doc, s.from)
		if err != nil {
			return nil, err
		}
		if err := p.own(s.doc, at.around, parent(s.from)); err != nil {
			return nil, err
		}
		key := at.item().Key
		return []splice{{key.Content, key.End, p.key(s.path[len(s.path)-1], key, at.flow)}}, nil
	case remove:
		at, err := p.find(s.doc, s.path)
		if err != nil {
			return nil, err
		}
		if err := p.ownAll(s.doc, at.node, s.path); err != nil {
			return nil, err
		}
		return p.removed(s, at)
	}
	around, err := p.find(s.doc, parent(s.path))
	if err != nil {
		return nil, err
	}
	if err := p.own(s.doc, around.node, parent(s.path)); err != nil {
		return nil, err
	}
	return p.insert(around, s.path[len(s.path)-1], s.value), nil
}

// removed gives what the removal of an item changes in the text.
func (p *page) removed(s step, at place) ([]splice, error) {
	from, to := p.ownOf(at.around, at.index)
	if len(at.around.Items) > 1 {
		splices := p.remove(at)
		return splices, p.keeps(splices, from, to)
	}
	if one, ok := p.emptied(at.around); ok {
		return []splice{one}, nil
	}
	var rest any = map[string]any{}
	if at.item().Key == nil {
		rest = []any{}
	}
	around, err := p.find(s.doc, parent(s.path))
	if err != nil {
		return nil, err
	}
	splices := p.replace(around, rest)
	return splices, p.keeps(splices, from, to)
}

// document gives the lines of a value as a document.
func (p *page) document(v any) []string {
	if p.json {
		return p.pretty(v, "")
	}
	if lines := p.blockLines(v); lines != nil {
		return lines
	}
	return []string{p.inline(v, nil, false)}
}

// append puts lines at the end of the file.
func (p *page) append(lines []string) splice {
	text := strings.Join(lines, "\n") + "\n"
	if n := len(p.src); n > 0 && p.src[n-1] != '\n' && p.src[n-1] != '\r' {
		text = "\n" + text
	}
	return splice{len(p.src), len(p.src), text}
}

// replace writes another value where one stands.
func (p *page) replace(at place, v any) []splice {
	n := at.node
	if at.flow || p.json {
		return []splice{p.put(at, p.flowText(at, v))}
	}
	if at.around == nil {
		return p.replaceRoot(n, v)
	}
	f := p.block(v, n, at.item().Key == nil)
	if n.Form == document.Literal || n.Form == document.Folded {
		p.asBefore(&f, n)
	}
	return p.replaceBlock(at, f)
}

// asBefore gives a value the comment that the text of several lines before it has, and the indentation if it is such a text too.
func (p *page) asBefore(f *fragment, n *document.Node) {
	end := p.lineEnd(n.Content)
	isBlock := strings.HasPrefix(f.head, "|") || strings.HasPrefix(f.head, ">")
	if _, comment, ok := strings.Cut(string(p.src[n.Content:min(end, n.End)]), " "); ok {
		f.head = strings.TrimLeft(f.head+" "+comment, " ")
	}
	if !isBlock {
		return
	}
	next := p.nextLine(n.Content)
	for next < n.End && p.blankLine(next) {
		next = p.nextLine(next)
	}
	if next >= n.End {
		return
	}
	own := p.src[next:p.lineEnd(next)]
	own = own[:len(own)-len(bytes.TrimLeft(own, " "))]
	for i, line := range f.body {
		if line != "" {
			f.body[i] = asWritten + string(own) + strings.TrimPrefix(line, p.styleOf().unit)
		}
	}
}

// asWritten begins lines that have all their indentation already.
const asWritten = "\x00"

// put replaces the value on its line, where it keeps an anchor that nobody uses, and the tag that makes it a text.
func (p *page) put(at place, text string) splice {
	n := at.node
	from := n.Start
	quotes := strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "'")
	if n.Scalar() && !n.Empty() && (n.Tag == "" || n.Tag == "!!str" && quotes || n.Tag == "!") {
		from = n.Content
	}
	if !n.Empty() || from != n.End {
		return splice{from, n.End, text}
	}
	if at.around == nil {
		return splice{n.End, n.End, text}
	}
	if item := at.item(); item.Key != nil && item.Colon < 0 {
		return splice{item.Key.End, item.Key.End, ": " + text}
	}
	before, after := "", ""
	if from > 0 && !strings.ContainsRune(" \t\r\n[", rune(p.src[from-1])) {
		before = " "
	}
	if from < len(p.src) && !strings.ContainsRune(" \t\r\n,]}", rune(p.src[from])) {
		after = " "
	}
	return splice{from, n.End, before + text + after}
}

// replaceBlock writes a fragment where a value stands in a block.
func (p *page) replaceBlock(at place, f fragment) []splice {
	n, item := at.node, at.item()
	start := item.Start
	col := p.column(start)
	below := ""
	for _, line := range f.body {
		if own, ok := strings.CutPrefix(line, asWritten); ok {
			below += "\n" + own
		} else {
			below += "\n" + indented([]string{line}, col)[0]
		}
	}
	opening := max(item.Colon, start)
	if item.Key != nil && item.Colon < 0 { // "? key", without a value
		end := p.lineEnd(item.Key.End)
		return []splice{{end, end, "\n" + strings.Repeat(" ", col) + spaced(":", f.head) + below}}
	}
	if !n.Empty() && p.lineStart(n.Start) > p.lineStart(opening) && len(n.Items) > 0 { // it stands below
		end := n.End
		if rest := p.lineEnd(end); p.trivia(end) >= rest {
			end = rest
		}
		from := p.lineEnd(opening)
		if own, _ := p.ownOfValue(n); p.noted(from, own) { // comments that are not those of its first item
			from = own - p.eolBefore(own)
		}
		all := []splice{{from, end, below}}
		if f.head != "" {
			all = append([]splice{{opening, opening, " " + f.head}}, all...)
		}
		return merged(all)
	}
	one := p.put(at, f.head)
	if f.head == "" {
		one = splice{opening, n.End, ""}
		if p.noted(opening, n.Start) { // between the key and the value in a line below it
			one.from = n.Start
			if one.to = p.blanks(n.End); one.to == p.lineEnd(one.to) {
				one.from = p.lineStart(n.Start) - p.eolBefore(p.lineStart(n.Start))
			}
		}
	}
	end := p.lineEnd(n.End)
	if below == "" || end == one.to {
		one.text += below
		return []splice{one}
	}
	return []splice{one, {end, end, below}}
}

// merged joins splices where one begins where the other does.
func merged(all []splice) []splice {
	if len(all) == 2 && all[0].to == all[1].from {
		return []splice{{all[0].from, all[1].to, all[0].text + all[1].text}}
	}
	return all
}

func (p *page) replaceRoot(n *document.Node, v any) []splice {
	if n.Empty() && n.Anchor == "" && n.Tag == "" {
		return []splice{p.begin(n, p.document(v))}
	}
	if lines := p.blockLines(v); lines != nil {
		text := strings.Join(lines, "\n")
		if !p.first(n.Start) {
			text = "\n" + text
		}
		return []splice{{n.Start, n.End, text}}
	}
	f := p.block(v, n, false)
	body := ""
	for _, line := range f.body {
		body += "\n" + line
	}
	end := p.lineEnd(n.End)
	if body == "" || end == n.End {
		return []splice{{n.Start, n.End, f.head + body}}
	}
	return []splice{{n.Start, n.End, f.head}, {end, end, body}}
}

// begin puts the first lines into a document that holds nothing: before the sign that ends it, where there is one.
func (p *page) begin(n *document.Node, lines []string) splice {
	text := strings.Join(lines, "\n")
	start := p.lineStart(n.End)
	if rest := p.src[start:]; start == n.End && (bytes.HasPrefix(rest, []byte("---")) || bytes.HasPrefix(rest, []byte("..."))) {
		return splice{start, start, text + "\n"}
	}
	end := p.lineEnd(n.End)
	if !p.blankLine(start) {
		text = "\n" + text
	}
	return splice{end, end, text}
}
