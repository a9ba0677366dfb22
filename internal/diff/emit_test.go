package diff_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/diff"
)

// However a YAML emitter writes a value, it does not differ.
func TestFormattingNeverShows(t *testing.T) {
	styles := map[yaml.Style]int{}
	aliases, merges := 0, 0
	for seed := range rounds / 2 {
		g := newGenerator(seed)
		old := g.documents()
		e := emitter{generator: g, anchors: map[string]*yaml.Node{}}
		src := e.stream(t, old)
		new := parse(t, src)
		if changes := diff.Compare(diff.Side{Documents: old}, diff.Side{Documents: new}); len(changes) > 0 {
			t.Fatalf("seed %d: %s\n%s\nis said to differ:\n%s", seed, asJSON(old), src, lines(changes))
		}
		for _, s := range e.styles {
			styles[s]++
		}
		aliases, merges = aliases+e.aliases, merges+e.merges
	}
	if len(styles) < 6 || aliases == 0 || merges == 0 {
		t.Errorf("too little was tried: styles %v, %d aliases, %d merges", styles, aliases, merges)
	}
}

// An emitter writes values in a random style.
type emitter struct {
	generator
	anchors         map[string]*yaml.Node // of the containers of this document, by their JSON
	styles          []yaml.Style
	aliases, merges int
}

func (e *emitter) stream(t *testing.T, docs []any) string {
	t.Helper()
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2 + e.IntN(4))
	for _, doc := range docs {
		clear(e.anchors)
		if err := enc.Encode(e.node(doc, false)); err != nil {
			t.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func (e *emitter) node(v any, flow bool) *yaml.Node {
	if container := asJSON(v); e.anchors[container] != nil && e.IntN(2) == 0 {
		e.aliases++
		to := e.anchors[container]
		return &yaml.Node{Kind: yaml.AliasNode, Value: to.Anchor, Alias: to}
	}
	n := &yaml.Node{}
	if flow = flow || e.IntN(4) == 0; flow {
		n.Style = yaml.FlowStyle
	}
	switch v := v.(type) {
	case map[string]any:
		n.Kind = yaml.MappingNode
		e.mapping(n, v, flow)
	case []any:
		n.Kind = yaml.SequenceNode
		for _, item := range v {
			n.Content = append(n.Content, e.node(item, flow))
		}
	default:
		return e.scalar(v, flow)
	}
	if !flow && e.IntN(3) == 0 {
		n.HeadComment = "a comment"
	}
	if json := asJSON(v); len(json) > 2 && e.anchors[json] == nil && e.IntN(2) == 0 {
		n.Anchor = fmt.Sprintf("a%d", len(e.anchors))
		e.anchors[json] = n
	}
	e.styles = append(e.styles, n.Style)
	return n
}

func (e *emitter) mapping(n *yaml.Node, m map[string]any, flow bool) {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	e.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	if len(keys) > 1 && e.IntN(4) == 0 { // some of them, and one that is overridden, are merged
		e.merges++
		some := map[string]any{keys[0]: m[keys[0]], keys[1]: "overridden"}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!merge", Value: "<<"}, e.node(some, true))
		keys = keys[1:]
	}
	for _, key := range keys {
		n.Content = append(n.Content, e.text(key, true), e.node(m[key], flow))
	}
}

func (e *emitter) scalar(v any, flow bool) *yaml.Node {
	plain := func(from ...string) *yaml.Node {
		n := &yaml.Node{Kind: yaml.ScalarNode, Value: pickOne(e.generator, from)}
		if !flow && e.IntN(3) == 0 {
			n.LineComment = "why"
		}
		return n
	}
	switch v := v.(type) {
	case nil:
		return plain("null", "~", "Null", "NULL")
	case bool:
		if v {
			return plain("true", "True", "TRUE")
		}
		return plain("false", "False", "FALSE")
	case json.Number:
		return plain(notations(string(v))...)
	}
	return e.text(v.(string), flow)
}

// notations writes a number in several ways.
func notations(s string) []string {
	all := []string{s, s + "e0", s + "E+00"}
	if !strings.Contains(s, ".") {
		all = append(all, s+".0", s+"00e-2", s+".")
		if i, ok := new(big.Int).SetString(s, 10); ok && i.Sign() >= 0 {
			all = append(all, "+"+s, "0x"+i.Text(16), "0o"+i.Text(8))
		}
	}
	return all
}

func (e *emitter) text(s string, oneLine bool) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	styles := []yaml.Style{yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle}
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == "" && s != "null" && s != "yes" {
		styles = append(styles, 0)
	}
	if !oneLine && strings.HasSuffix(s, "\n") {
		styles = append(styles, yaml.LiteralStyle, yaml.FoldedStyle)
	}
	n.Style = pickOne(e.generator, styles)
	e.styles = append(e.styles, n.Style)
	return n
}
