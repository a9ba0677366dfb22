package manual

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// A reader goes through the places that a schema describes.
type reader struct {
	doc  *document.Document
	out  *Type
	open map[string]bool // schema objects that are being read: one that refers to itself is shown once
	veil veil
	// within tells that what is read lies in something secret, and so is secret itself.
	within bool
}

// deepest is how far a page goes down, and mostProperties how much it shows.
const (
	deepest        = 8
	mostProperties = 2000
)

// at gives the schema object that tokens lead to, through references within the file.
func (r reader) at(tokens []string) ([]string, map[string]any) {
	for range deepest {
		v, _ := document.ValueAt(r.doc.Value, tokens)
		m := object(v)
		ref := words(m["$ref"])
		if !strings.HasPrefix(ref, "#/") && ref != "#" {
			return tokens, m
		}
		tokens = document.Tokens(strings.TrimPrefix(ref, "#"))
	}
	return tokens, nil
}

// read shows what lies below the value that a schema object describes.
func (r reader) read(tokens []string, path string, depth int) {
	tokens, m := r.at(tokens)
	at := document.Pointer(tokens)
	if depth > deepest || len(r.out.Properties) > mostProperties || r.open[at] {
		return
	}
	r.open[at] = true
	defer delete(r.open, at)
	required := list(m["required"])
	for _, name := range r.doc.Keys(below(tokens, "properties")) {
		r.property(below(tokens, "properties", name), path+document.Pointer([]string{name}), slices.Contains(required, any(name)), depth)
	}
	for _, each := range []string{"items", "additionalProperties"} {
		if _, is := m[each].(map[string]any); is {
			r.property(below(tokens, each), path+"/*", false, depth)
		}
	}
	for _, name := range r.doc.Keys(below(tokens, "patternProperties")) {
		r.property(below(tokens, "patternProperties", name), path+"/*", false, depth)
	}
	for _, several := range []string{"allOf", "oneOf", "anyOf"} {
		for i := range list(m[several]) {
			r.read(below(tokens, several, strconv.Itoa(i)), path, depth+1)
		}
	}
	for _, then := range []string{"then", "else"} {
		if m[then] != nil {
			r.read(below(tokens, then), path, depth+1)
		}
	}
}

func below(tokens []string, names ...string) []string { return slices.Concat(tokens, names) }

// property shows one place; what stands beside a $ref says more of it.
func (r reader) property(tokens []string, path string, required bool, depth int) {
	here, _ := document.ValueAt(r.doc.Value, tokens)
	_, m := r.at(tokens)
	all := maps.Clone(m)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, object(here))
	delete(all, "$ref")
	if r.within = r.within || secret(all); r.within {
		for _, value := range []string{"default", "examples", "enum", "const"} {
			delete(all, value)
		}
	}
	p := Property{Path: path, What: allowed(all), Title: words(all["title"]), Required: required, Deprecated: deprecated(all), Examples: []string{}}
	if text := words(all["description"]); text != "" {
		p.Title = strings.TrimPrefix(p.Title+". "+text, ". ")
	}
	if v, has := all["default"]; has {
		p.Default, _ = r.veil.shown(v)
	}
	for _, v := range list(all["examples"]) {
		if text, may := r.veil.shown(v); may {
			p.Examples = append(p.Examples, text)
		}
	}
	if ref := object(all["x-tamer-ref"]); ref != nil {
		p.RefersTo = words(ref["type"]) + " " + words(ref["path"])
		r.out.refs = append(r.out.refs, reference{path, words(ref["type"]), words(ref["path"])})
	}
	if r.within {
		p.What = strings.TrimPrefix(p.What+", secret", ", ")
	}
	if !r.known(p) {
		r.out.Properties = append(r.out.Properties, p)
	}
	r.read(tokens, path, depth+1)
}

// known tells whether another branch has shown the same already.
func (r reader) known(p Property) bool {
	return slices.ContainsFunc(r.out.Properties, func(q Property) bool { return p.Path == q.Path && p.What == q.What && p.Title == q.Title })
}

// allowed tells which values a schema object allows.
func allowed(m map[string]any) string {
	var parts []string
	add := func(format string, v any) {
		if v != nil {
			parts = append(parts, fmt.Sprintf(format, shown(v)))
		}
	}
	switch t := m["type"].(type) {
	case string:
		parts = append(parts, named(t))
	case []any:
		var all []string
		for _, one := range t {
			all = append(all, named(words(one)))
		}
		parts = append(parts, strings.Join(all, " or "))
	}
	if choices := list(m["enum"]); choices != nil {
		var all []string
		for _, v := range choices {
			all = append(all, shown(v))
		}
		parts = append(parts, "one of "+strings.Join(all, ", "))
	}
	add("%s", m["const"])
	if format := words(m["format"]); format != "" {
		parts = append(parts, "a "+format)
	}
	add("like %s", m["pattern"])
	add("at least %s", m["minimum"])
	add("more than %s", m["exclusiveMinimum"])
	add("at most %s", m["maximum"])
	add("less than %s", m["exclusiveMaximum"])
	add("at least %s characters", m["minLength"])
	add("at most %s characters", m["maxLength"])
	add("at least %s items", m["minItems"])
	add("at most %s items", m["maxItems"])
	if m["uniqueItems"] == true {
		parts = append(parts, "each once")
	}
	if key := words(m["x-tamer-key"]); key != "" {
		parts = append(parts, "known by "+key)
	}
	if unit := words(m["x-tamer-unit"]); unit != "" {
		parts = append(parts, "in "+unit)
	}
	return strings.Join(parts, ", ")
}

func named(typ string) string {
	for _, pair := range [][2]string{{"string", "text"}, {"integer", "whole number"}, {"boolean", "true or false"}, {"array", "list"}, {"object", "mapping"}} {
		if typ == pair[0] {
			return pair[1]
		}
	}
	return typ
}

// shown writes a value of the schema: a text as it is, anything else as JSON.
func shown(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return ""
	}
	text := strings.TrimSpace(b.String())
	if len(text) < 80 {
		text = strings.Join(strings.Fields(text), " ")
	}
	return text
}
