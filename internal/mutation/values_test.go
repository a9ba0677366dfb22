package mutation

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A mutation is a text with one fault, and the byte offsets of it that are right for the fault's place.
type mutation struct {
	text string
	at   []int
}

// A maker spoils a file at a site. It gives false where it cannot, or where the draw makes no sense.
type maker func(f *file, s site, r *rand.Rand) (mutation, bool)

var no = mutation{}

func (f *file) splice(from, to int, with string, at ...int) (mutation, bool) {
	return mutation{f.text[:from] + with + f.text[to:], at}, true
}

// replace writes another value in the place of the one at s.
func (f *file) replace(s site, with string) (mutation, bool) {
	switch {
	case s.inline:
		return f.splice(s.from, s.end, with, s.from)
	case s.key != nil && s.key.Style == 0 && s.value.Kind != yaml.ScalarNode:
		colon := s.start + len(s.key.Value) + 1
		return f.splice(colon, s.end, " "+with, colon+1)
	case s.key == nil && s.parent != nil && s.value.Kind != yaml.ScalarNode:
		return f.splice(s.from, s.end, with, s.from)
	}
	return no, false
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

func typeChange(f *file, s site, r *rand.Rand) (mutation, bool) {
	switch s.schema["type"] {
	case "string":
		return f.replace(s, pick(r, "12", "1.5", "true", "[a, b]", "{ a: b }", "null", "~"))
	case "integer":
		return f.replace(s, pick(r, "many", `"7"`, "1.5", "[1]", "true", "{ a: 1 }"))
	case "number":
		return f.replace(s, pick(r, "high", `"0.5"`, "[1]", "{ a: 1 }", "false"))
	case "boolean":
		return f.replace(s, pick(r, `"true"`, "maybe", "1", "yes", "[true]"))
	case "array":
		return f.replace(s, pick(r, "text", "7", "{ a: b }", "true"))
	case "object":
		return f.replace(s, pick(r, "text", "7", "[a]", "true", "null"))
	}
	return no, false
}

func missing(f *file, s site, r *rand.Rand) (mutation, bool) {
	if s.key == nil || !s.required() || s.parent.entries() < 2 {
		return no, false
	}
	next, prev := f.sibling(s, 1), f.sibling(s, -1)
	from, to := s.start, s.end
	if next != nil {
		to = next.start
	} else {
		from = prev.end
	}
	switch parent := s.parent; {
	case parent.parent == nil && s.i == 0:
		return f.splice(from, to, "", 0, s.start)
	case parent.parent == nil:
		return f.splice(from, to, "", 0, f.entry(s.parent, 0).start)
	case parent.key != nil:
		return f.splice(from, to, "", parent.start)
	case s.i == 0:
		return f.splice(from, to, "", parent.start, s.start)
	default:
		return f.splice(from, to, "", parent.start, f.entry(s.parent, 0).start)
	}
}

func (f *file) entry(parent *site, i int) *site {
	at := slices.IndexFunc(f.sites, func(o site) bool { return o.parent == parent && o.i == i })
	if at < 0 {
		return nil
	}
	return &f.sites[at]
}

func (f *file) sibling(s site, step int) *site { return f.entry(s.parent, s.i+step) }

func unknown(f *file, s site, r *rand.Rand) (mutation, bool) {
	if s.value.Kind != yaml.MappingNode || !s.closed() || s.entries() == 0 {
		return no, false
	}
	return f.insert(s, 1+r.IntN(s.entries()), pick(r, "flavour: 1", "zebra_count: 2", "x-note: later", "colour_of_the_sky: blue"))
}

// insert puts a new entry into the mapping s, before its entry i or at its end.
func (f *file) insert(s site, i int, entry string) (mutation, bool) {
	first := f.entry(f.self(s), 0)
	_, before, _ := cutAt(f.text, first.start)
	indent := strings.Repeat(" ", len([]rune(before)))
	if next := f.entry(f.self(s), i); next != nil {
		separator := "\n" + indent
		if s.flow() {
			separator = ", "
		}
		return f.splice(next.start, next.start, entry+separator, next.start)
	}
	last := f.entry(f.self(s), s.entries()-1)
	if s.flow() {
		return f.splice(last.end, last.end, ", "+entry, last.end+2)
	}
	end := last.end + len(upTo(f.text[last.end:], "\n"))
	return f.splice(end, end, "\n"+indent+entry, end+1+len(indent))
}

// self is the pointer by which the entries of a mapping know it.
func (f *file) self(s site) *site {
	for i := range f.sites {
		if p := f.sites[i].parent; p != nil && p.value == s.value {
			return p
		}
	}
	return nil
}

// cutAt splits a text at an offset: the lines before, the part of its line before it, and the rest.
func cutAt(text string, at int) (lines, before, rest string) {
	start := strings.LastIndexByte(text[:at], '\n') + 1
	return text[:start], text[start:at], text[at:]
}

func misspelt(f *file, s site, r *rand.Rand) (mutation, bool) {
	if s.key == nil || s.key.Style != 0 || !s.parent.closed() || len(s.name()) < 3 {
		return no, false
	}
	name := misspell(s.name(), r)
	if _, known := lookup(s.parent.schema, "properties", name); known || name == s.name() {
		return no, false
	}
	return f.splice(s.start, s.start+len(s.name()), name, s.start)
}

func misspell(name string, r *rand.Rand) string {
	i := r.IntN(len(name) - 1)
	switch r.IntN(4) {
	case 0:
		return name[:i+1] + name[i+2:]
	case 1:
		return name[:i+1] + name[i:]
	case 2:
		return name[:i] + name[i+1:i+2] + name[i:i+1] + name[i+2:]
	default:
		return name[:i+1] + "q" + name[i+2:]
	}
}

func enum(f *file, s site, r *rand.Rand) (mutation, bool) {
	if s.schema["enum"] == nil && s.schema["const"] == nil || s.value.Kind != yaml.ScalarNode {
		return no, false
	}
	v := s.value.Value
	return f.replace(s, pick(r, v+"x", strings.ToUpper(v[:1])+v[1:], "nonsense", misspell(v+"-", r)))
}

func pattern(f *file, s site, r *rand.Rand) (mutation, bool) {
	if s.schema["pattern"] == nil || s.value.Kind != yaml.ScalarNode {
		return no, false
	}
	v := s.value.Value
	return f.replace(s, pick(r, `"Not Right!"`, "Ünwahr", `"#12"`, `"`+v+` "`, `"-`+v+`"`, strings.ToUpper(v), "http://example.com/x", "25.00"))
}

func length(f *file, s site, r *rand.Rand) (mutation, bool) {
	if most, ok := s.schema["maxLength"].(float64); ok && r.IntN(4) > 0 {
		return f.replace(s, strings.Repeat("x", int(most)+1+r.IntN(9)))
	}
	if _, ok := s.schema["minLength"]; ok {
		return f.replace(s, pick(r, `""`, `''`))
	}
	if least, ok := s.schema["minItems"].(float64); ok && s.value.Kind == yaml.SequenceNode {
		if least > 1 && s.entries() >= int(least) {
			return f.splice(f.entry(f.self(s), int(least)-2).end, f.entry(f.self(s), s.entries()-1).end, "", s.from)
		}
		return f.replace(s, "[]")
	}
	return no, false
}

func outOfRange(f *file, s site, r *rand.Rand) (mutation, bool) {
	var beyond []string
	for _, k := range []string{"minimum", "exclusiveMinimum"} {
		if v, ok := s.schema[k].(float64); ok {
			beyond = append(beyond, fmt.Sprint(v-1), fmt.Sprint(v-7))
		}
	}
	for _, k := range []string{"maximum", "exclusiveMaximum"} {
		if v, ok := s.schema[k].(float64); ok {
			beyond = append(beyond, fmt.Sprint(v+1), fmt.Sprint(v*10))
		}
	}
	if len(beyond) == 0 || s.value.Kind != yaml.ScalarNode {
		return no, false
	}
	with := pick(r, beyond...)
	if !json.Valid([]byte(with)) {
		return no, false
	}
	return f.replace(s, with)
}

func duplicate(f *file, s site, r *rand.Rand) (mutation, bool) {
	if s.key == nil || s.key.Style != 0 || !s.inline && s.parent.flow() {
		return no, false
	}
	n := s.parent.entries()
	return f.insert(*s.parent, s.i+1+r.IntN(n-s.i), f.text[s.start:s.end])
}

// nested spoils a value below oneOf or anyOf in any of the ways above.
func nested(f *file, s site, r *rand.Rand) (mutation, bool) {
	if !s.alternative && (s.parent == nil || !s.parent.alternative) {
		return no, false
	}
	return []maker{typeChange, missing, unknown, misspelt, enum, pattern, length, outOfRange}[r.IntN(8)](f, s, r)
}
