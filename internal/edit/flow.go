package edit

import (
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// flowText writes a value in brackets, as what is around it is written.
func (p *page) flowText(at place, v any) string {
	if p.json && p.spread(at) && (len(at.node.Items) > 0 || at.node.Scalar()) {
		return strings.Join(p.pretty(v, ""), "\n"+p.margin(at.node.Start))
	}
	if s, ok := v.(string); ok {
		return p.text(s, at.node, true)
	}
	return p.flow(v, p.json && p.tight(at.around))
}

// flow writes a value on one line; tight: without spaces behind colons and commas.
func (p *page) flow(v any, tight bool) string {
	if !tight {
		return p.inline(v, nil, true)
	}
	var all []string
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, double(key)+":"+p.flow(v[key], true))
		}
		return "{" + strings.Join(all, ",") + "}"
	case []any:
		for _, item := range v {
			all = append(all, p.flow(item, true))
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	return p.inline(v, nil, true)
}

// pretty writes a value over several lines, of which those behind the first one are indented by margin.
func (p *page) pretty(v any, margin string) []string {
	deeper := margin + p.styleOf().unit
	var all [][]string
	marks := "{}"
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			lines := p.pretty(v[key], deeper)
			lines[0] = p.key(key, nil, true) + ": " + lines[0]
			all = append(all, lines)
		}
	case []any:
		marks = "[]"
		for _, item := range v {
			all = append(all, p.pretty(item, deeper))
		}
	}
	if len(all) == 0 {
		return []string{p.inline(v, nil, true)}
	}
	lines := []string{marks[:1]}
	for i, one := range all {
		one[0] = deeper + one[0]
		if i+1 < len(all) {
			one[len(one)-1] += ","
		}
		lines = append(lines, one...)
	}
	return append(lines, margin+marks[1:])
}

// tight tells whether colons and commas are written without a space behind them.
func (p *page) tight(n *document.Node) bool {
	if !p.json || n == nil || len(n.Items) == 0 {
		return false
	}
	item := n.Items[0]
	if item.Colon >= 0 && item.Key != nil {
		return item.Value.Start == item.Colon
	}
	return len(n.Items) > 1 && p.src[n.Items[1].Start-1] == ','
}

func (p *page) gap(n *document.Node) string {
	if p.tight(n) {
		return ""
	}
	return " "
}

// spread tells whether the items of a mapping or list in brackets stand on lines of their own, or would.
func (p *page) spread(around place) bool {
	n := around.node
	if len(n.Items) > 0 {
		return n.Braces && p.first(n.Items[len(n.Items)-1].Start)
	}
	if around.around != nil {
		return p.json && p.first(around.item().Start)
	}
	return p.json
}

// insertFlow puts the lines of an item into a mapping or list in brackets.
func (p *page) insertFlow(around place, token string, lines []string) []splice {
	n := around.node
	switch {
	case n.Scalar(): // null
		text := "{" + strings.Join(lines, "\n") + "}"
		return []splice{p.put(around, text)}
	case len(n.Items) == 0:
		return []splice{p.fillFlow(around, lines)}
	case !n.Braces:
		return []splice{{n.Content, n.Content, "{"}, {n.End, n.End, ", " + strings.Join(lines, "\n") + "}"}}
	}
	if i := p.below(n, token); i >= 0 && n.Form == document.FlowList {
		return []splice{p.beforeFlow(n, i, lines)}
	}
	last := n.Items[len(n.Items)-1]
	end := last.End()
	margin := "\n" + p.margin(last.Start)
	comma := p.trivia(end)
	trailing := p.src[comma] == ','
	if !p.spread(around) {
		text := strings.Join(lines, margin)
		if trailing {
			return []splice{{comma + 1, comma + 1, p.gap(n) + text + ","}}
		}
		return []splice{{end, end, "," + p.gap(n) + text}}
	}
	text := margin + strings.Join(lines, margin)
	stop := end
	if trailing {
		stop, text = comma+1, text+","
	}
	if line := p.lineEnd(stop); line < n.End { // else the closing bracket stands on this line
		stop = line
	}
	switch {
	case trailing:
		return []splice{{stop, stop, text}}
	case stop == end:
		return []splice{{end, end, "," + text}}
	}
	return []splice{{end, end, ","}, {stop, stop, text}}
}

// fillFlow puts the first item into {} or [].
func (p *page) fillFlow(around place, lines []string) splice {
	n := around.node
	marks := string(p.src[n.Content]) + string(p.src[n.End-1])
	if !p.spread(around) {
		return splice{n.Content, n.End, marks[:1] + strings.Join(lines, "\n") + marks[1:]}
	}
	margin := "\n" + p.margin(n.Content)
	deeper := margin + p.styleOf().unit
	return splice{n.Content, n.End, marks[:1] + deeper + strings.Join(lines, deeper) + margin + marks[1:]}
}

// beforeFlow puts the lines of an item before the i-th one.
func (p *page) beforeFlow(n *document.Node, i int, lines []string) splice {
	at := n.Items[i].Start
	if p.first(at) {
		margin := "\n" + p.margin(at)
		return splice{at, at, strings.Join(lines, margin) + "," + margin}
	}
	return splice{at, at, strings.Join(lines, "\n") + "," + p.gap(n)}
}
