package document

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/tamerhq/tamer/internal/finding"
)

// A Spot is where one value of a document stands.
type Spot struct {
	Key   finding.Span // of the mapping's key; zero for an item or the root
	Value finding.Span
	Exact bool // false: the value itself is not there, and the spot is of the nearest one around it
}

// Find tells where the value that the tokens of a JSON Pointer lead to stands. A value that came through an alias or a merge
// stands where the alias is written.
func (d *Document) Find(tokens []string) Spot {
	n := d.root
	if n == nil {
		return Spot{Value: d.text.spanAt(0), Exact: len(tokens) == 0}
	}
	spot := Spot{Value: d.text.spanOf(n), Exact: true}
	fixed := false // below an alias: positions stay at the alias
	for _, token := range tokens {
		if n.Kind == yaml.AliasNode {
			n, fixed = n.Alias, true
		}
		key, val, via := d.child(n, token)
		if val == nil {
			spot.Exact = false
			return spot
		}
		n = val
		if fixed {
			continue
		}
		if via != nil {
			spot = Spot{Key: d.text.spanOf(via), Value: d.text.spanOf(via), Exact: true}
			fixed = true
			continue
		}
		spot = Spot{Value: d.text.spanOf(val), Exact: true}
		if key != nil {
			spot.Key = d.text.spanOf(key)
		}
	}
	return spot
}

// At gives what tokens lead to as a document of its own, whose places are those in the file; nil where there is nothing.
func (d *Document) At(tokens []string) *Document {
	n, value := d.root, d.Value
	for _, token := range tokens {
		if n == nil {
			return nil
		}
		switch v := value.(type) {
		case map[string]any:
			value = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		}
		_, n, _ = d.child(target(n), token)
	}
	if n == nil {
		return nil
	}
	return &Document{Value: value, root: n, text: d.text, unread: d.unread}
}

// Unread tells whether Parse has found that the value which tokens lead to could not be read as the file means it: a schema need
// not judge it.
func (d *Document) Unread(tokens []string) bool {
	if len(d.unread) == 0 {
		return false
	}
	n := d.root
	for _, token := range tokens {
		if n == nil {
			return false
		}
		_, n, _ = d.child(target(n), token)
	}
	return n != nil && d.unread[target(n)]
}

// Keys gives the keys of the mapping that tokens lead to, in the order of the file, without those that are merged into it.
func (d *Document) Keys(tokens []string) []string {
	at := d.At(tokens)
	if at == nil {
		return nil
	}
	var keys []string
	if n := target(at.root); n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := target(n.Content[i]); !isMerge(n.Content[i]) {
				keys = append(keys, key.Value)
			}
		}
	}
	return keys
}

// KeyOf tells where the key name of the mapping at tokens stands.
func (d *Document) KeyOf(tokens []string, name string) Spot {
	return d.Find(append(tokens[:len(tokens):len(tokens)], name))
}

// child gives the value that token leads to, with its key for a mapping; via is the merge key's value it came through.
func (d *Document) child(n *yaml.Node, token string) (key, val, via *yaml.Node) {
	switch n.Kind {
	case yaml.SequenceNode:
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(n.Content) {
			return nil, nil, nil
		}
		return nil, n.Content[i], nil
	case yaml.MappingNode:
		if i := d.keyIndex(n, token); i >= 0 {
			return n.Content[i], n.Content[i+1], nil
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if isMerge(n.Content[i]) {
				if val := d.mergedChild(n.Content[i+1], token); val != nil {
					return nil, val, n.Content[i+1]
				}
			}
		}
	}
	return nil, nil, nil
}

// manyKeys is from how many keys on a mapping gets an index: asking for each key of it then stays linear.
const manyKeys = 32

// keyIndex is where in the content of a mapping the key stands that is a text; -1 if there is none. Of two, it is the first.
func (d *Document) keyIndex(n *yaml.Node, name string) int {
	if len(n.Content) < 2*manyKeys {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if k, ok := keyText(n.Content[i]); ok && k == name {
				return i
			}
		}
		return -1
	}
	index, ok := d.keys[n]
	if !ok {
		index = make(map[string]int, len(n.Content)/2)
		for i := len(n.Content)/2*2 - 2; i >= 0; i -= 2 {
			if k, ok := keyText(n.Content[i]); ok {
				index[k] = i
			}
		}
		if d.keys == nil {
			d.keys = map[*yaml.Node]map[string]int{}
		}
		d.keys[n] = index
	}
	if i, ok := index[name]; ok {
		return i
	}
	return -1
}

func keyText(key *yaml.Node) (string, bool) {
	k := target(key)
	return k.Value, k.Kind == yaml.ScalarNode && !isMerge(key)
}

func (d *Document) mergedChild(src *yaml.Node, token string) *yaml.Node {
	src = target(src)
	if src.Kind == yaml.SequenceNode {
		for _, one := range src.Content {
			if val := d.mergedChild(one, token); val != nil {
				return val
			}
		}
		return nil
	}
	_, val, _ := d.child(src, token)
	return val
}

func target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// ValueAt gives what the tokens of a JSON Pointer lead to within a value of a document; false where that is nothing. The position of
// an item has no needless zeros (RFC 6901, section 4).
func ValueAt(v any, tokens []string) (any, bool) {
	for _, token := range tokens {
		switch at := v.(type) {
		case map[string]any:
			below, there := at[token]
			if !there {
				return nil, false
			}
			v = below
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(at) || strconv.Itoa(i) != token {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// Tokens splits a JSON Pointer (RFC 6901) into its unescaped tokens.
func Tokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
	}
	return parts
}

// Pointer is the JSON Pointer of tokens.
func Pointer(tokens []string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(t, "~", "~0"), "/", "~1"))
	}
	return b.String()
}
