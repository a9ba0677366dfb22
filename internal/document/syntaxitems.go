package document

import (
	"bytes"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// mapping reads the pairs of a mapping.
func (p *parts) mapping(out *Node, n *yaml.Node, floor, indent int, flow bool) {
	at := p.trivia(floor)
	out.Content = at
	inFlow := out.Form == FlowMapping
	if out.Braces = inFlow && p.at(at) == '{'; out.Braces {
		at++
	} else if !inFlow {
		indent = p.column(at)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		item := p.pair(n.Content[i], n.Content[i+1], p.trivia(at), indent, inFlow || flow)
		out.Items = append(out.Items, item)
		at = item.End()
		if out.Braces {
			at = p.comma(at)
		}
	}
	out.End = at
	if out.Braces {
		out.End = p.trivia(at) + 1
	}
}

// pair reads a key and its value.
func (p *parts) pair(key, val *yaml.Node, at, indent int, flow bool) Item {
	item := Item{Start: at, Colon: -1, Merge: isMerge(key)}
	if p.at(at) == '?' && isBlank(p.at(at+1)) {
		at++
	}
	item.Key = p.node(key, at, indent, flow)
	if item.Key.End < item.Start {
		item.Key.End = item.Start
	}
	floor := item.Key.End
	if colon := p.trivia(floor); p.at(colon) == ':' {
		floor = colon + 1
		item.Colon = floor
	}
	item.Value = p.node(val, floor, indent, flow)
	return item
}

// list reads the items of a list.
func (p *parts) list(out *Node, n *yaml.Node, floor, indent int) {
	at := p.trivia(floor)
	out.Content = at
	if out.Form == FlowList {
		at++
		out.Braces = true
		for _, one := range n.Content {
			item := Item{Start: p.trivia(at), Colon: -1, Value: p.node(one, at, indent, true)}
			if item.Value.Empty() && item.Value.Anchor == "" && item.Value.Tag == "" {
				item.Start = item.Value.Start
			}
			out.Items = append(out.Items, item)
			at = p.comma(item.End())
		}
		out.End = p.trivia(at) + 1
		return
	}
	indent = p.column(at)
	for _, one := range n.Content {
		dash := p.trivia(at)
		item := Item{Start: dash, Colon: dash + 1, Value: p.node(one, dash+1, indent, false)}
		out.Items = append(out.Items, item)
		at = item.End()
	}
	out.End = at
}

// comma gives the offset behind the comma that follows; at, where none does.
func (p *parts) comma(at int) int {
	if next := p.trivia(at); p.at(next) == ',' {
		return next + 1
	}
	return at
}

// column counts the characters before an offset on its line.
func (p *parts) column(at int) int {
	start := bytes.LastIndexAny(p.src[:at], "\r\n") + 1
	return utf8.RuneCount(p.src[start:at])
}
