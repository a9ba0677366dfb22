package schema

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
)

// A generator makes schemas of all keywords of a draft, and values that have a fair chance to satisfy them.
type generator struct {
	*rand.Rand
	draft int // 4, 6, 7, 2019 or 2020
}

var draftNames = map[int]string{
	4: "http://json-schema.org/draft-04/schema#", 6: "http://json-schema.org/draft-06/schema#", 7: "http://json-schema.org/draft-07/schema#",
	2019: "https://json-schema.org/draft/2019-09/schema", 2020: "https://json-schema.org/draft/2020-12/schema",
}

var propertyNames = []string{"a", "b", "ab", "c d", "e/f~g%"}

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

// root is a whole schema file with definitions that refer to each other.
func (g *generator) root() map[string]any {
	m := g.object(3)
	m["$schema"] = draftNames[g.draft]
	m[g.defs()] = map[string]any{"x": g.schema(2), "y": g.schema(1)}
	if g.draft < 2019 {
		delete(m, "$ref") // it would hide the definitions
	}
	return m
}

func (g *generator) defs() string {
	if g.draft >= 2019 {
		return "$defs"
	}
	return "definitions"
}

func (g *generator) schema(depth int) any {
	if g.draft >= 6 && g.IntN(12) == 0 {
		return g.IntN(3) > 0
	}
	if g.IntN(8) == 0 {
		return map[string]any{"$ref": "#/" + g.defs() + "/" + pick(g, "x", "y")}
	}
	return g.object(depth)
}

func (g *generator) schemas(depth int) []any {
	out := []any{g.schema(depth)}
	for range g.IntN(3) {
		out = append(out, g.schema(depth))
	}
	return out
}

func (g *generator) named(depth int) map[string]any {
	m := map[string]any{}
	for range 1 + g.IntN(3) {
		m[pick(g, propertyNames...)] = g.schema(depth)
	}
	return m
}

func (g *generator) names() []any {
	n := g.Perm(len(propertyNames))[:1+g.IntN(2)]
	var out []any
	for _, i := range n {
		out = append(out, propertyNames[i])
	}
	return out
}

// A keyword is a name, the first draft that has it, and a value for it.
type keyword struct {
	name  string
	since int
	deep  bool // holds schemas
	value func(g *generator, depth int) any
}

func number(n int) json.Number { return json.Number(fmt.Sprint(n)) }

var keywords []keyword

func init() { // some of the functions lead back to it
	keywords = []keyword{
		{"type", 4, false, func(g *generator, _ int) any {
			return pick[any](g, "string", "number", "integer", "boolean", "null", "array", "object", "object", []any{"string", "object"}, []any{"integer", "null"})
		}},
		{"enum", 4, false, func(g *generator, _ int) any { return []any{g.value(1), g.value(0)} }},
		{"const", 6, false, func(g *generator, _ int) any { return g.value(1) }},
		{"minimum", 4, false, func(g *generator, _ int) any { return number(g.IntN(5)) }},
		{"maximum", 4, false, func(g *generator, _ int) any { return json.Number(fmt.Sprintf("%d.5", g.IntN(5))) }},
		{"exclusiveMinimum", 6, false, func(g *generator, _ int) any { return number(g.IntN(3)) }},
		{"exclusiveMaximum", 6, false, func(g *generator, _ int) any { return number(g.IntN(5)) }},
		{"multipleOf", 4, false, func(g *generator, _ int) any {
			return pick(g, json.Number("2"), "0.1", "0.01", "1e-3", "12345678901234567890")
		}},
		{"minLength", 4, false, func(g *generator, _ int) any { return number(g.IntN(3)) }},
		{"maxLength", 4, false, func(g *generator, _ int) any { return number(g.IntN(4)) }},
		{"pattern", 4, false, func(g *generator, _ int) any {
			return pick(g, "^a", "b$", "[ab]+", `^\w*$`, "^(a|b){1,2}$", `\bab\b`, "^[^a]*$", `^\D?$`, "é", `a\/b|x`)
		}},
		{"format", 4, false, func(g *generator, _ int) any {
			return pick(g, "date", "ipv4", "uuid", "json-pointer", "email", "date-time", "nonsense")
		}},
		{"minItems", 4, false, func(g *generator, _ int) any { return number(g.IntN(3)) }},
		{"maxItems", 4, false, func(g *generator, _ int) any { return number(g.IntN(4)) }},
		{"uniqueItems", 4, false, func(g *generator, _ int) any { return g.IntN(2) == 0 }},
		{"minProperties", 4, false, func(g *generator, _ int) any { return number(g.IntN(3)) }},
		{"maxProperties", 4, false, func(g *generator, _ int) any { return number(1 + g.IntN(3)) }},
		{"required", 4, false, func(g *generator, _ int) any { return g.names() }},
		{"dependentRequired", 2019, false, func(g *generator, _ int) any { return map[string]any{pick(g, propertyNames...): g.names()} }},
		{"dependentSchemas", 2019, true, func(g *generator, d int) any { return g.named(d) }},
		{"dependencies", 4, true, func(g *generator, d int) any {
			return map[string]any{"a": g.schema(d), "b": g.names()}
		}},
		{"properties", 4, true, func(g *generator, d int) any { return g.named(d) }},
		{"properties", 4, true, func(g *generator, d int) any { return g.named(d) }},
		{"patternProperties", 4, true, func(g *generator, d int) any {
			return map[string]any{pick(g, "^a", "b$", `\s`, "[~]"): g.schema(d), pick(g, "^c", `^\w$`): g.schema(d)}
		}},
		{"additionalProperties", 4, true, func(g *generator, d int) any { return pick(g, any(false), false, true, g.schema(d)) }},
		{"unevaluatedProperties", 2019, true, func(g *generator, d int) any { return pick(g, any(false), g.schema(d)) }},
		{"propertyNames", 6, true, func(g *generator, d int) any { return g.schema(0) }},
		{"contains", 6, true, func(g *generator, d int) any { return g.schema(d) }},
		{"minContains", 2019, false, func(g *generator, _ int) any { return number(g.IntN(3)) }},
		{"maxContains", 2019, false, func(g *generator, _ int) any { return number(1 + g.IntN(2)) }},
		{"items", 4, true, func(g *generator, d int) any {
			if g.draft < 2020 && g.IntN(2) == 0 {
				return g.schemas(d)
			}
			return g.schema(d)
		}},
		{"additionalItems", 4, true, func(g *generator, d int) any { return pick(g, any(false), g.schema(d)) }},
		{"prefixItems", 2020, true, func(g *generator, d int) any { return g.schemas(d) }},
		{"unevaluatedItems", 2019, true, func(g *generator, d int) any { return pick(g, any(false), g.schema(d)) }},
		{"allOf", 4, true, func(g *generator, d int) any { return g.schemas(d) }},
		{"anyOf", 4, true, func(g *generator, d int) any { return g.schemas(d) }},
		{"oneOf", 4, true, func(g *generator, d int) any { return g.schemas(d) }},
		{"not", 4, true, func(g *generator, d int) any { return g.schema(d) }},
		{"if", 7, true, func(g *generator, d int) any { return g.schema(d) }},
		{"then", 7, true, func(g *generator, d int) any { return g.schema(d) }},
		{"else", 7, true, func(g *generator, d int) any { return g.schema(d) }},
	}
}

func (g *generator) object(depth int) map[string]any {
	m := map[string]any{}
	for range 1 + g.IntN(4) {
		k := keywords[g.IntN(len(keywords))]
		if k.since > g.draft || k.deep && depth == 0 || k.name == "additionalItems" && g.draft >= 2020 {
			continue
		}
		m[k.name] = k.value(g, depth-1)
	}
	if g.draft == 4 && g.IntN(6) == 0 {
		m["minimum"], m["exclusiveMinimum"] = number(g.IntN(3)), true
	}
	return m
}

func (g *generator) value(depth int) any {
	kinds := 8
	if depth > 0 {
		kinds = 14
	}
	switch n := g.IntN(kinds); n {
	case 0:
		return nil
	case 1:
		return g.IntN(2) == 0
	case 2, 3:
		return pick(g, json.Number("0"), "1", "2", "3", "4", "2.5", "0.3", "-1", "1e2", "24691357802469135780", "0.0010")
	case 4:
		return pick(g, "2026-01-31", "2026-02-30", "192.0.2.1", "123e4567-e89b-12d3-a456-426614174000", "/a", "me@example.com", "2026-01-31T09:30:00Z")
	case 5, 6, 7:
		return pick(g, "", "a", "b", "ab", "aab", "é", "🙂🙂", "a/b", "x y")
	case 8, 9:
		list := []any{}
		for range g.IntN(4) {
			list = append(list, g.value(depth-1))
		}
		return list
	default:
		m := map[string]any{}
		for _, i := range g.Perm(len(propertyNames))[:g.IntN(4)] {
			m[propertyNames[i]] = g.value(depth - 1)
		}
		return m
	}
}

// plainFor tells whether a value holds no number that draft 4 and v5 see differently: one with a fraction of zeros, or an exponent.
func plainFor(draft int, v any) bool {
	switch v := v.(type) {
	case json.Number:
		return draft != 4 || v != "1e2" && v != "0.0010"
	case []any:
		return !slices.ContainsFunc(v, func(x any) bool { return !plainFor(draft, x) })
	case map[string]any:
		for _, x := range v {
			if !plainFor(draft, x) {
				return false
			}
		}
	}
	return true
}
