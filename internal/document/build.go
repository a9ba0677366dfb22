package document

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/finding"
)

// A builder turns the nodes of one document into a value. It visits every node once, whatever its aliases expand to,
// but counts them as expanded.
type builder struct {
	limits  Limits
	text    *text
	found   []finding.Finding
	nodes   int
	anchors map[*yaml.Node]anchored
	yesNo   []*yaml.Node        // see Document.YesNo
	unread  map[*yaml.Node]bool // see Document.Unread
	aborted bool                // a limit was passed: the value is of no use
}

type anchored struct {
	value any
	nodes int
	open  bool // still being built: an alias to it refers to itself
}

func (b *builder) value(n *yaml.Node, depth int) any {
	if n == nil || b.aborted {
		return nil
	}
	if b.nodes++; b.nodes > b.limits.Nodes {
		return b.abort(n, fmt.Sprintf("the document holds more than %d values after its aliases are expanded", b.limits.Nodes), "use fewer aliases, or split the file")
	}
	if depth > b.limits.Depth {
		message, fix := tooDeep(b.limits.Depth)
		return b.abort(n, message, fix)
	}
	if n.Anchor == "" || n.Kind == yaml.AliasNode {
		return b.bare(n, depth)
	}
	before := b.nodes
	b.anchor(n, anchored{open: true})
	v := b.bare(n, depth)
	b.anchor(n, anchored{value: v, nodes: b.nodes - before})
	return v
}

func tooDeep(depth int) (message, fix string) {
	return fmt.Sprintf("values are nested more than %d levels deep", depth), "nest less deeply"
}

func (b *builder) bare(n *yaml.Node, depth int) any {
	b.tag(n)
	switch n.Kind {
	case yaml.MappingNode:
		return b.mapping(n, depth)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			list = append(list, b.value(item, depth+1))
		}
		return list
	case yaml.AliasNode:
		return b.alias(n)
	default:
		return b.scalar(n)
	}
}

func (b *builder) alias(n *yaml.Node) any {
	target, ok := b.anchors[n.Alias]
	if !ok {
		return nil // its anchor stands in a key that is no text, which has a finding
	}
	if target.open {
		return b.abort(n, fmt.Sprintf("the alias *%s refers to itself", n.Value), "write the value out where it is needed")
	}
	if b.nodes += target.nodes; b.nodes > b.limits.Nodes {
		return b.abort(n, fmt.Sprintf("the document holds more than %d values after its aliases are expanded", b.limits.Nodes), "use fewer aliases, or split the file")
	}
	return target.value
}

func (b *builder) mapping(n *yaml.Node, depth int) any {
	if len(n.Content)/2 > b.limits.Keys {
		return b.abort(n, fmt.Sprintf("a mapping has %d keys; at most %d are allowed", len(n.Content)/2, b.limits.Keys), "split it into several files")
	}
	m := make(map[string]any, len(n.Content)/2)
	if b.template(n) {
		return m
	}
	var merged []merge
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if isMerge(key) {
			merged = append(merged, merge{from: val, value: b.value(val, depth+1)})
			continue
		}
		name, ok := b.key(key)
		if !ok {
			continue
		}
		v := b.value(val, depth+1)
		if _, twice := m[name]; twice {
			b.report(key, "yaml", fmt.Sprintf("the key %s stands twice in this mapping", strconv.Quote(name)), "remove one of the two, or rename it")
			continue
		}
		m[name] = v
	}
	for _, one := range merged {
		b.merge(m, one)
	}
	return m
}

// template tells whether a mapping is what other programs fill in, such as {{ name }}, and reports it.
func (b *builder) template(n *yaml.Node) bool {
	if n.Style&yaml.FlowStyle == 0 || len(n.Content) != 2 || n.Content[0].Kind != yaml.MappingNode {
		return false
	}
	start := finding.Place{Line: n.Line, Column: n.Column}
	rest := b.text.rest(start)
	inner, _, closed := strings.Cut(string(rest[:min(len(rest), 256)]), "}}")
	inner, opened := strings.CutPrefix(inner, "{{")
	if !opened || !closed || strings.ContainsAny(inner, "{}") {
		return false
	}
	whole := "{{" + inner + "}}"
	at := finding.Span{Start: start, End: finding.Place{Line: start.Line, Column: start.Column + utf8.RuneCountInString(whole)}}
	b.unreadable(n)
	b.found = append(b.found, finding.Finding{Rule: "yaml", Level: finding.Failure, At: at, Message: "a template needs quotes",
		Fix: "put it in quotes: " + short(inQuotes(whole)), Edit: &finding.Edit{At: at, Text: inQuotes(whole)}})
	return true
}

// A merge is what stands at a key <<.
type merge struct {
	from  *yaml.Node
	value any
}

// merge adds the keys of a source that m lacks (yaml.org/type/merge.html): earlier sources win over later ones.
func (b *builder) merge(m map[string]any, src merge) {
	switch v := src.value.(type) {
	case map[string]any:
		addMissing(m, v)
	case []any:
		for _, item := range v {
			from, ok := item.(map[string]any)
			if !ok {
				b.report(src.from, "yaml", "<< merges mappings only", "give an alias of a mapping, or a list of such")
				return
			}
			addMissing(m, from)
		}
	default:
		if !b.aborted {
			b.report(src.from, "yaml", "<< merges mappings only", "give an alias of a mapping, or write \"<<\" in quotes if it is meant as text")
		}
	}
}

func addMissing(m, from map[string]any) {
	for k, v := range from {
		if _, has := m[k]; !has {
			m[k] = v
		}
	}
}

// isMerge tells whether a key is <<, not in quotes. Some programs write it with its tag.
func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && (isPlain(key) || key.Style&quoted == 0 && key.ShortTag() == "!!merge")
}

// key gives the name of a key as JSON would have it: its text as written.
func (b *builder) key(n *yaml.Node) (string, bool) {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode && b.template(n) {
		return "", false
	}
	if n.Kind != yaml.ScalarNode {
		b.report(n, "yaml", "a key must be a single text, not a list or a mapping", "write a text before the colon; put a text that holds braces or brackets in quotes")
		return "", false
	}
	if len(n.Value) > b.limits.Scalar {
		b.abort(n, fmt.Sprintf("a key has %d bytes; at most %d are allowed", len(n.Value), b.limits.Scalar), "shorten it")
		return "", false
	}
	b.tag(n)
	if n.Anchor != "" {
		b.anchor(n, anchored{value: b.scalar(n), nodes: 1})
	}
	return n.Value, true
}

func (b *builder) anchor(n *yaml.Node, a anchored) {
	if b.anchors == nil {
		b.anchors = map[*yaml.Node]anchored{}
	}
	b.anchors[n] = a
}

func (b *builder) scalar(n *yaml.Node) any {
	if len(n.Value) > b.limits.Scalar {
		return b.abort(n, fmt.Sprintf("a value has %d bytes; at most %d are allowed", len(n.Value), b.limits.Scalar), "shorten it, or keep it in a store of its own and give its address")
	}
	if b.text.hasNonSpecific() && b.text.nonSpecific(n) {
		return n.Value
	}
	kind, number := resolve(n)
	switch kind {
	case kindNull:
		return nil
	case kindTrue:
		return true
	case kindFalse:
		return false
	case kindNumber:
		return json.Number(number)
	case kindNotJSON:
		b.unreadable(n)
		b.report(n, "yaml", fmt.Sprintf("%s is no number that configuration can hold", n.Value), "write a finite number with an exponent of at most 400, or put it in quotes if it is meant as text")
		return json.Number("0")
	default:
		if isYesNo(n) && len(b.yesNo) < maxYesNo {
			b.yesNo = append(b.yesNo, n)
		}
		return n.Value
	}
}

func (b *builder) unreadable(n *yaml.Node) {
	if b.unread == nil {
		b.unread = map[*yaml.Node]bool{}
	}
	b.unread[n] = true
}

func (b *builder) report(n *yaml.Node, rule, message, fix string) {
	b.found = append(b.found, finding.Finding{Rule: rule, Level: finding.Failure, At: b.text.spanOf(n), Message: message, Fix: fix})
}

func (b *builder) abort(n *yaml.Node, message, fix string) any {
	if !b.aborted {
		b.report(n, "file-size", message, fix)
	}
	b.aborted = true
	return nil
}
