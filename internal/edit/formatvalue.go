package edit

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tamerhq/tamer/internal/document"
)

// words are texts that nobody takes for anything else, with or without quotes.
var words = regexp.MustCompile(`^\p{L}[\p{L}\p{N} _./@-]*$`)

// scalarText writes a scalar of one line. Words lose their quotes, as far as every reader of YAML takes them for a text then; other
// texts in quotes have single ones where double ones would need signs of escape, and double ones else. What has no quotes gets none.
func (f *formatter) scalarText(n *document.Node, flow bool) string {
	raw, s := string(f.src[n.Content:n.End]), n.Text
	switch {
	case f.json || n.Tag != "" || n.Form != document.SingleQuoted && n.Form != document.DoubleQuoted:
		return raw
	case words.MatchString(s) && plainIn(s, flow) && document.PlainText(s) && safe(s):
		return s
	case strings.ContainsAny(s, `"\`) && !strings.Contains(s, "'") && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "'" + s + "'"
	}
	return double(s)
}

// scalarLines are those of a scalar, of which the ones behind the first have no indentation.
func (f *formatter) scalarLines(n *document.Node) []string {
	lines := splitLines(string(f.src[n.Content:n.End]))
	if len(lines) == 1 {
		return []string{f.scalarText(n, false)}
	}
	for i, line := range lines {
		if i > 0 {
			line = strings.TrimLeft(line, " \t")
		}
		if i+1 < len(lines) && !(n.Form == document.DoubleQuoted && strings.HasSuffix(strings.TrimRight(line, " \t"), `\`)) {
			line = strings.TrimRight(line, " \t")
		}
		lines[i] = line
	}
	return lines
}

// textBlock writes a text after | or >; column is that of the block around it in the page.
func (f *formatter) textBlock(n *document.Node, indent, column int) {
	lines := splitLines(string(f.src[n.Content:n.End]))
	sign, note, noted := strings.Cut(lines[0], " ")
	width := -1
	if at := strings.IndexAny(sign, "123456789"); at >= 0 {
		width = column + int(sign[at]-'0')
		sign = sign[:at] + strconv.Itoa(deeper) + sign[at+1:]
	}
	if note = strings.TrimSpace(note); noted && note != "" {
		sign += " " + note
	}
	f.add(sign)
	for _, line := range lines[1:] {
		if blanks := len(line) - len(strings.TrimLeft(line, " ")); width < 0 && blanks < len(line) {
			width = blanks
		}
	}
	for _, line := range lines[1:] {
		text := ""
		if len(line) > width {
			text = line[max(width, 0):]
		}
		f.line(indent+deeper, text)
	}
	f.kept = strings.Contains(sign, "+")
}

// spreads tells whether the items of a mapping or list in brackets have lines of their own.
func (f *formatter) spreads(n *document.Node) bool {
	if f.json && strings.HasSuffix(f.name, ".json") {
		return len(n.Items) > 0
	}
	return strings.ContainsAny(string(f.src[n.Content:n.End]), "\r\n")
}

// flowValue goes on with the line by a value in brackets, or by a pair without any. Its anchor and tag are written already.
func (f *formatter) flowValue(n *document.Node, indent int) {
	if !f.spreads(n) {
		f.add(f.bareFlow(n))
		return
	}
	if !n.Braces {
		f.flowItem(n.Items[0], indent)
		return
	}
	marks := string(f.src[n.Content]) + string(f.src[n.End-1])
	f.add(marks[:1])
	at := n.Content + 1
	order := f.arranged(n)
	for k := range n.Items {
		i := k
		if order != nil {
			i = order[k]
		}
		item := n.Items[i]
		if order == nil {
			f.comments(at, item.Start, indent+deeper, k == 0)
			at = item.End()
		}
		if k > 0 {
			f.blank(item.Start)
		}
		f.open(indent + deeper)
		f.path = append(f.path, f.token(item, i))
		f.flowItem(item, indent+deeper)
		f.path = f.path[:len(f.path)-1]
		if k+1 < len(n.Items) {
			f.add(",")
		}
	}
	if order == nil {
		f.comments(at, n.End, indent+deeper, len(n.Items) == 0)
	}
	f.line(indent, marks[1:])
}

// flowItem goes on with the line by an item of a list or mapping in brackets.
func (f *formatter) flowItem(item document.Item, indent int) {
	if item.Key != nil {
		f.add(f.keyInFlow(item.Key))
		if item.Colon < 0 {
			return
		}
		f.add(":")
		if item.Value.Empty() && item.Value.Anchor == "" && item.Value.Tag == "" {
			return
		}
		f.add(" ")
	}
	switch v := item.Value; v.Form {
	case document.FlowMapping, document.FlowList:
		if before := strings.TrimSpace(f.properties(v)); before != "" {
			f.add(before + " ")
		}
		f.flowValue(v, indent)
	default:
		if v.Scalar() && strings.ContainsAny(string(f.src[v.Content:v.End]), "\r\n") {
			f.value(v, indent, 0)
			return
		}
		f.add(f.flowText(v))
	}
}

func (f *formatter) keyInFlow(n *document.Node) string {
	if n.Form == document.Alias {
		return "*" + n.Text + " "
	}
	return strings.TrimSpace(f.properties(n) + " " + f.scalarText(n, true))
}

// flowText writes a value on one line, as it stands in brackets.
func (f *formatter) flowText(n *document.Node) string {
	if n.Form == document.Alias {
		return "*" + n.Text
	}
	before := strings.TrimSpace(f.properties(n))
	if before != "" {
		before += " "
	}
	if n.Scalar() {
		return before + f.scalarText(n, true)
	}
	return before + f.bareFlow(n)
}

// bareFlow writes a mapping or list in brackets on one line, without its anchor and tag.
func (f *formatter) bareFlow(n *document.Node) string {
	order := f.arranged(n)
	var all []string
	for k := range n.Items {
		i := k
		if order != nil {
			i = order[k]
		}
		item := n.Items[i]
		f.path = append(f.path, f.token(item, i))
		text := ""
		if item.Key != nil {
			if text = f.keyInFlow(item.Key); item.Colon >= 0 {
				text += ": "
			}
		}
		all = append(all, text+f.flowText(item.Value))
		f.path = f.path[:len(f.path)-1]
	}
	text := strings.Join(all, ", ")
	switch {
	case !n.Braces:
		return text
	case n.Form == document.FlowList:
		return "[" + text + "]"
	case text == "":
		return "{}"
	}
	return "{ " + strings.TrimRight(text, " ") + " }"
}

// arranged gives the items of a mapping in the order that is wanted; nil where they stay.
func (f *formatter) arranged(n *document.Node) []int {
	if f.order == nil || n.Form != document.BlockMapping && n.Form != document.FlowMapping || len(n.Items) < 2 {
		return nil
	}
	wanted := f.order(f.doc, f.path)
	if wanted == nil || n.Form == document.FlowMapping && f.noted(n.Content, n.End) {
		return nil
	}
	for _, r := range f.between(n.Items[0].Start, n.Items[len(n.Items)-1].Start) {
		if f.first(r.at) && f.column(r.at) == f.column(n.Items[0].Start) && f.ruled(r.at) {
			return nil // a heading over several items
		}
	}
	rank := func(i int) int {
		if at := slices.Index(wanted, f.token(n.Items[i], i)); at >= 0 {
			return at
		}
		return len(wanted)
	}
	order := make([]int, len(n.Items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank(a) - rank(b) })
	if slices.IsSorted(order) {
		return nil
	}
	return order
}
