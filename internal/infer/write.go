package infer

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// An object is a part of a schema file, in the order in which it is written.
type object []member

type member struct {
	name  string
	value any // object, []any, []string, or what encoding/json writes
}

func (o *object) set(name string, value any) { *o = append(*o, member{name, value}) }

// widest is up to how many characters an object is written on one line.
const widest = 120

// text writes a value as JSON, indented where it does not fit on one line.
func text(v any, indent string) string {
	if one := oneLine(v); len(one)+len(indent) <= widest && !strings.Contains(one, `"properties"`) {
		return one
	}
	deeper := indent + "  "
	var parts []string
	marks := "{}"
	switch v := v.(type) {
	case object:
		for _, m := range v {
			parts = append(parts, quoted(m.name)+": "+text(m.value, deeper))
		}
	case []any:
		marks = "[]"
		for _, item := range v {
			parts = append(parts, text(item, deeper))
		}
	case []string:
		marks = "[]"
		for _, item := range v {
			parts = append(parts, quoted(item))
		}
	default:
		return oneLine(v)
	}
	return marks[:1] + "\n" + deeper + strings.Join(parts, ",\n"+deeper) + "\n" + indent + marks[1:]
}

func oneLine(v any) string {
	var parts []string
	switch v := v.(type) {
	case object:
		for _, m := range v {
			parts = append(parts, quoted(m.name)+": "+oneLine(m.value))
		}
		if len(parts) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	case []any:
		for _, item := range v {
			parts = append(parts, oneLine(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []string:
		for _, item := range v {
			parts = append(parts, quoted(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return quoted(v)
}

func quoted(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "null"
	}
	return strings.TrimRight(b.String(), "\n")
}

// schema writes what the shape has found, as the keywords of one object; refs are references by path.
func (s *shape) schema(refs map[string]Reference) object {
	var o object
	types := s.types()
	switch {
	case len(types) == 0:
		return o
	case len(types) == 1 && types[0] == "object" && s.branches != nil:
		return s.oneOf(refs)
	case len(types) == 1:
		o.set("type", types[0])
	default:
		o.set("type", types)
	}
	if s.texts > 0 {
		s.ofText(&o, refs, len(types) == 1)
	}
	if s.integers+s.numbers > 0 {
		s.ofNumber(&o)
	}
	if s.lists > 0 {
		s.ofList(&o, refs)
	}
	if s.maps > 0 {
		s.ofMapping(&o, refs)
	}
	return o
}

func (s *shape) types() []string {
	var all []string
	for _, t := range []struct {
		name string
		n    int
	}{{"object", s.maps}, {"array", s.lists}, {"string", s.texts}, {"number", s.numbers}, {"boolean", s.booleans}, {"null", s.nulls}} {
		if t.name == "number" && t.n == 0 && s.integers > 0 {
			t.name, t.n = "integer", s.integers
		}
		if t.n > 0 {
			all = append(all, t.name)
		}
	}
	return all
}

func (s *shape) ofText(o *object, refs map[string]Reference, only bool) {
	if r, ok := refs[s.path]; ok {
		o.set("x-tamer-ref", object{{"type", r.To}, {"path", r.Path}, {"scope", r.Scope}})
		return
	}
	if choices := s.text.choices(); choices != nil && only && !slices.ContainsFunc(identifying, func(name string) bool { return strings.HasSuffix(s.path, "/*/"+name) }) {
		if len(choices) == 1 {
			o.set("const", choices[0])
		} else {
			o.set("enum", choices)
		}
		*o = slices.DeleteFunc(*o, func(m member) bool { return m.name == "type" })
		return
	}
	pattern, format := s.text.pattern()
	switch {
	case format != "":
		o.set("format", format)
	case pattern != "":
		o.set("pattern", pattern)
	case !s.text.empty && s.text.n >= fewestSeen:
		o.set("minLength", 1)
	}
}

func (s *shape) ofNumber(o *object) {
	if n := s.integers + s.numbers; n >= 2*fewestSeen {
		least := -above(-s.min, n)
		if s.min > 1 {
			least = 0
		}
		o.set("minimum", number(least))
		o.set("maximum", number(above(s.max, n)))
	}
}

func number(f float64) json.Number { return json.Number(strconv.FormatFloat(f, 'f', -1, 64)) }

// round are the bounds that people choose, within a power of ten.
var round = []float64{1, 1.2, 1.5, 2, 2.4, 2.5, 3, 3.65, 4, 5, 6, 7.5, 8, 9, 10}

// above gives the bound that people would choose for the largest of n values: one that is round, and not just above it where there
// are few. That of values from -1 down is -1.
func above(largest float64, n int) float64 {
	if largest <= 0 && largest > -1 {
		return 0
	}
	if largest < 0 {
		return -1
	}
	if n < 100 && largest > 1 {
		largest *= 1.5
	}
	if largest <= 32 && largest > 1 {
		return math.Ceil(largest)
	}
	power := math.Pow(10, math.Floor(math.Log10(largest)))
	for _, r := range round {
		if r*power >= largest {
			if bound, err := strconv.ParseFloat(strconv.FormatFloat(r*power, 'g', 3, 64), 64); err == nil && bound >= largest {
				return bound
			}
		}
	}
	return power * 10
}

func (s *shape) ofList(o *object, refs map[string]Reference) {
	if key := s.key(); key != "" {
		o.set("x-tamer-key", key)
	}
	if s.item != nil && s.item.n > 0 {
		o.set("items", s.item.schema(refs))
	}
	if s.least > 0 && s.lists >= fewestSeen {
		o.set("minItems", 1)
	}
	if s.sets && s.several && s.lists >= fewestSeen {
		o.set("uniqueItems", true)
	}
}

func (s *shape) ofMapping(o *object, refs map[string]Reference) {
	if s.branches != nil { // beside values that are no mapping
		one := s.oneOf(refs)
		o.set("if", object{{"type", "object"}})
		o.set("then", one)
		return
	}
	if s.open() {
		if pattern, _ := s.keys.pattern(); pattern != "" {
			o.set("propertyNames", object{{"pattern", pattern}})
		}
		o.set("additionalProperties", s.value.schema(refs))
		return
	}
	o.set("additionalProperties", false)
	var required []string
	var props object
	for _, name := range s.ordered() {
		if s.props[name].n == s.maps {
			required = append(required, name)
		}
		props.set(name, s.props[name].schema(refs))
	}
	if len(required) > 0 {
		o.set("required", required)
	}
	if len(props) > 0 {
		o.set("properties", props)
	}
}

// ordered are the names of properties: what identifies first, then what is always there.
func (s *shape) ordered() []string {
	rank := func(name string) int {
		if at := slices.Index(identifying, name); at >= 0 {
			return at
		}
		if s.props[name].n == s.maps {
			return len(identifying)
		}
		return len(identifying) + 1
	}
	return slices.SortedStableFunc(slices.Values(s.names), func(a, b string) int { return cmp.Or(rank(a)-rank(b), strings.Compare(a, b)) })
}

// oneOf writes the branches, each with the values of the tag that lead to it.
func (s *shape) oneOf(refs map[string]Reference) object {
	var all []any
	for _, b := range s.branches {
		if b.shape.maps == 0 {
			continue
		}
		o := b.shape.schema(refs)
		for i, m := range o {
			if m.name != "properties" {
				continue
			}
			props := slices.Clone(m.value.(object))
			for j := range props {
				if props[j].name == s.tag {
					props[j].value = object{{"enum", b.values}}
					if len(b.values) == 1 {
						props[j].value = object{{"const", b.values[0]}}
					}
				}
			}
			o[i].value = props
		}
		all = append(all, o)
	}
	if len(all) == 1 {
		return all[0].(object)
	}
	return object{{"oneOf", all}}
}
