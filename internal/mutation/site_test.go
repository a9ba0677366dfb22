package mutation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// A site is one property of a mapping or one item of a list, with the schema that it must satisfy.
type site struct {
	key    *yaml.Node // nil for an item and for the root
	value  *yaml.Node
	parent *site // nil for the root
	i      int   // which of its parent's entries

	start, end int  // byte offsets of the whole entry: from its key, or its value, to the end of its value
	from       int  // byte offset of the value
	inline     bool // the value ends on the line that it begins on

	schema      map[string]any // without $ref and alternatives
	pointer     string         // of that schema
	alternative bool           // it stands in a branch of oneOf or anyOf
}

func (s site) name() string {
	if s.key == nil {
		return ""
	}
	return s.key.Value
}

// required tells whether the schema of the parent insists on this property.
func (s site) required() bool {
	list, _ := s.parent.schema["required"].([]any)
	return slices.Contains(list, any(s.name()))
}

// closed tells whether a mapping takes only the properties that its schema names.
func (s site) closed() bool { return s.schema["additionalProperties"] == false }

func (s site) entries() int {
	if s.value.Kind == yaml.MappingNode {
		return len(s.value.Content) / 2
	}
	return len(s.value.Content)
}

func (s site) flow() bool { return s.value.Style&yaml.FlowStyle != 0 }

type walker struct {
	file  *file
	lines []int
	sites []site
	odd   bool // there is a value whose end is not known
}

// walk puts the site and what is below it on the list, in the order of the text.
func (w *walker) walk(s site, alternative bool) {
	s.schema, s.pointer, s.alternative = w.resolve(s.pointer, s.value, alternative)
	s.from = w.offset(s.value)
	s.start = s.from
	if s.key != nil {
		s.start = w.offset(s.key)
	}
	s.end, s.inline = w.end(s.value)
	w.sites = append(w.sites, s)
	me := &s
	at := len(w.sites) - 1
	switch s.value.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(s.value.Content); i += 2 {
			key := s.value.Content[i]
			w.walk(site{key: key, value: s.value.Content[i+1], parent: me, i: i / 2, pointer: w.property(s, key.Value)}, s.alternative)
		}
	case yaml.SequenceNode:
		for i, item := range s.value.Content {
			w.walk(site{value: item, parent: me, i: i, pointer: s.pointer + "/items"}, s.alternative)
		}
	}
	for _, below := range w.sites[at+1:] {
		s.end = max(s.end, below.end)
	}
	w.sites[at].end = s.end
}

func (w *walker) property(s site, name string) string {
	if _, ok := lookup(s.schema, "properties", name); ok {
		return s.pointer + "/properties/" + name
	}
	if _, ok := lookup(s.schema, "additionalProperties"); ok {
		return s.pointer + "/additionalProperties"
	}
	return ""
}

func lookup(v any, path ...string) (any, bool) {
	for _, p := range path {
		switch c := v.(type) {
		case map[string]any:
			if v = c[p]; v == nil {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i >= len(c) {
				return nil, false
			}
			v = c[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// resolve follows $ref, and of alternatives chooses the one that the value satisfies.
func (w *walker) resolve(pointer string, n *yaml.Node, alternative bool) (map[string]any, string, bool) {
	for {
		var v any = w.file.judge.raw
		if pointer != "" {
			v, _ = lookup(v, strings.Split(pointer[1:], "/")...)
		}
		m, _ := v.(map[string]any)
		if ref, ok := m["$ref"].(string); ok {
			pointer = strings.TrimPrefix(ref, "#")
			continue
		}
		next := ""
		for _, keyword := range []string{"oneOf", "anyOf"} {
			branches, _ := m[keyword].([]any)
			for i := range branches {
				branch := fmt.Sprintf("%s/%s/%d", pointer, keyword, i)
				if next == "" && w.file.judge.part(branch).Validate(value(n)) == nil {
					next = branch
				}
			}
		}
		if next == "" {
			return m, pointer, alternative
		}
		pointer, alternative = next, true
	}
}

func lineStarts(text string) []int {
	starts := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func (w *walker) offset(n *yaml.Node) int {
	at := w.lines[n.Line-1]
	for range n.Column - 1 {
		_, size := utf8.DecodeRuneInString(w.file.text[at:])
		at += size
	}
	return at
}

// end gives the byte offset after a value, and whether it is on one line. That of a block is the end of the last value in it.
func (w *walker) end(n *yaml.Node) (int, bool) {
	text, from := w.file.text, w.offset(n)
	line := from + len(upTo(text[from:], "\n"))
	switch {
	case n.Kind != yaml.ScalarNode && n.Style&yaml.FlowStyle == 0:
		return line, false
	case n.Kind != yaml.ScalarNode:
		end, ok := closing(text, from, line)
		w.odd = w.odd || !ok
		return end, ok
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		indent := 0
		for at := line; at < len(text); {
			next := at + 1 + len(upTo(text[at+1:], "\n"))
			body := strings.TrimLeft(text[at+1:next], " ")
			if body != "" && indent == 0 {
				indent = next - at - 1 - len(body)
			}
			if body != "" && next-at-1-len(body) < indent {
				break
			}
			line, at = next, next
		}
		return line, false
	case n.Style&yaml.DoubleQuotedStyle != 0, n.Style&yaml.SingleQuotedStyle != 0:
		end, ok := quoteEnd(text, from, line)
		w.odd = w.odd || !ok
		return end, ok
	case strings.HasPrefix(text[from:], n.Value):
		return from + len(n.Value), true
	}
	w.odd = w.odd || n.Value != ""
	return line, false
}

func upTo(s, stop string) string {
	before, _, _ := strings.Cut(s, stop)
	return before
}

// quoteEnd is the end of the quoted text that begins at from; the second result is false where it is not on this line.
func quoteEnd(text string, from, line int) (int, bool) {
	for i := from + 1; i < line; i++ {
		switch {
		case text[i] == '\\' && text[from] == '"':
			i++
		case text[i] == text[from] && text[from] == '\'' && i+1 < line && text[i+1] == '\'':
			i++
		case text[i] == text[from]:
			return i + 1, true
		}
	}
	return line, false
}

// closing is the end of the flow collection that begins at from.
func closing(text string, from, line int) (int, bool) {
	depth := 0
	for i := from; i < line; i++ {
		switch text[i] {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1, true
			}
		case '"', '\'':
			if strings.IndexByte(" [{,", text[i-1]) < 0 {
				continue
			}
			end, ok := quoteEnd(text, i, line)
			if !ok {
				return line, false
			}
			i = end - 1
		}
	}
	return line, false
}

// lineStart is the offset of the first byte of the line that holds at, and indent the spaces that the line begins with.
func lineStart(text string, at int) (start, indent int) {
	start = strings.LastIndexByte(text[:at], '\n') + 1
	return start, len(text[start:]) - len(strings.TrimLeft(text[start:], " "))
}
