package compat_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// A generator makes schemas of all keywords of a draft, changes of them, and values that have a fair chance to satisfy them.
type generator struct {
	*rand.Rand
	draft int // 4, 6, 7, 2019 or 2020
}

var draftNames = map[int]string{
	4: "http://json-schema.org/draft-04/schema#", 6: "http://json-schema.org/draft-06/schema#", 7: "http://json-schema.org/draft-07/schema#",
	2019: "https://json-schema.org/draft/2019-09/schema", 2020: "https://json-schema.org/draft/2020-12/schema",
}

var keys = []string{"a", "b", "ab", "c"}

func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

func (g *generator) root() map[string]any {
	m := g.object(2)
	m["$schema"] = draftNames[g.draft]
	m["definitions"] = map[string]any{"x": g.schema(1), "y": g.schema(1)}
	if g.draft < 2019 {
		delete(m, "$ref")
	}
	return m
}

func (g *generator) schema(depth int) any {
	if g.draft >= 6 && g.IntN(12) == 0 {
		return g.IntN(3) > 0
	}
	if g.IntN(8) == 0 {
		return map[string]any{"$ref": pick(g, "#", "#/definitions/x", "#/definitions/y")}
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
		m[pick(g, keys...)] = g.schema(depth)
	}
	return m
}

func (g *generator) names() []any {
	var out []any
	for _, i := range g.Perm(len(keys))[:1+g.IntN(2)] {
		out = append(out, keys[i])
	}
	return out
}

func number(n int) json.Number { return json.Number(fmt.Sprint(n)) }

// A word is a keyword, the first and the last draft that have it, and a value for it.
type word struct {
	name        string
	since, till int
	deep        bool
	value       func(g *generator, depth int) any
}

var words []word

func init() {
	n := func(most int) func(*generator, int) any {
		return func(g *generator, _ int) any { return number(g.IntN(most)) }
	}
	schema := func(g *generator, d int) any { return g.schema(d) }
	schemas := func(g *generator, d int) any { return g.schemas(d) }
	named := func(g *generator, d int) any { return g.named(d) }
	closing := func(g *generator, d int) any { return pick(g, any(false), false, g.schema(d)) }
	words = []word{
		{"type", 4, 2020, false, func(g *generator, _ int) any {
			return pick[any](g, "string", "number", "integer", "boolean", "null", "array", "object", "object", "object", []any{"string", "object"}, []any{"integer", "null"})
		}},
		{"enum", 4, 2020, false, func(g *generator, _ int) any { return []any{g.value(1), g.value(0)} }},
		{"const", 6, 2020, false, func(g *generator, _ int) any { return g.value(1) }},
		{"minimum", 4, 2020, false, n(5)},
		{"maximum", 4, 2020, false, n(5)},
		{"exclusiveMinimum", 6, 2020, false, n(4)},
		{"exclusiveMaximum", 6, 2020, false, n(5)},
		{"multipleOf", 4, 2020, false, func(g *generator, _ int) any { return pick(g, json.Number("2"), "3", "0.5", "1", "1.5") }},
		{"minLength", 4, 2020, false, n(3)},
		{"maxLength", 4, 2020, false, n(4)},
		{"pattern", 4, 2020, false, func(g *generator, _ int) any {
			return pick(g, "^a", "b$", "[ab]+", `^\w*$`, "^(a|b){1,2}$", `\bab\b`, "^[^a]*$", `^\D?$`, "^ab$", "^(?!a)", "^[a-c]+$", `^a.*b$`)
		}},
		{"format", 4, 2020, false, func(g *generator, _ int) any { return pick(g, "date", "ipv4", "email", "nonsense") }},
		{"minItems", 4, 2020, false, n(3)},
		{"maxItems", 4, 2020, false, n(4)},
		{"uniqueItems", 4, 2020, false, func(g *generator, _ int) any { return g.IntN(4) > 0 }},
		{"minProperties", 4, 2020, false, n(3)},
		{"maxProperties", 4, 2020, false, n(4)},
		{"required", 4, 2020, false, func(g *generator, _ int) any { return g.names() }},
		{"required", 4, 2020, false, func(g *generator, _ int) any { return g.names() }},
		{"dependentRequired", 2019, 2020, false, func(g *generator, _ int) any { return map[string]any{pick(g, keys...): g.names()} }},
		{"dependentSchemas", 2019, 2020, true, named},
		{"dependencies", 4, 7, true, func(g *generator, d int) any { return map[string]any{"a": g.schema(d), "b": g.names()} }},
		{"properties", 4, 2020, true, named},
		{"properties", 4, 2020, true, named},
		{"properties", 4, 2020, true, named},
		{"patternProperties", 4, 2020, true, func(g *generator, d int) any {
			return map[string]any{pick(g, "^a", "b$", "[ac]"): g.schema(d), pick(g, "^c", `^\w$`, "^(?!a)"): g.schema(d)}
		}},
		{"additionalProperties", 4, 2020, true, closing},
		{"additionalProperties", 4, 2020, true, closing},
		{"unevaluatedProperties", 2019, 2020, true, closing},
		{"propertyNames", 6, 2020, true, func(g *generator, d int) any { return g.schema(0) }},
		{"contains", 6, 2020, true, schema},
		{"minContains", 2019, 2020, false, n(3)},
		{"maxContains", 2019, 2020, false, n(3)},
		{"items", 4, 2020, true, func(g *generator, d int) any {
			if g.draft < 2020 && g.IntN(2) == 0 {
				return g.schemas(d)
			}
			return g.schema(d)
		}},
		{"additionalItems", 4, 2019, true, closing},
		{"prefixItems", 2020, 2020, true, schemas},
		{"unevaluatedItems", 2019, 2020, true, closing},
		{"allOf", 4, 2020, true, schemas},
		{"anyOf", 4, 2020, true, schemas},
		{"oneOf", 4, 2020, true, schemas},
		{"not", 4, 2020, true, schema},
		{"if", 7, 2020, true, schema},
		{"then", 7, 2020, true, schema},
		{"else", 7, 2020, true, schema},
	}
}

func (g *generator) object(depth int) map[string]any {
	m := map[string]any{}
	for range 1 + g.IntN(4) {
		g.add(m, depth)
	}
	return m
}

func (g *generator) add(m map[string]any, depth int) {
	w := words[g.IntN(len(words))]
	if w.since <= g.draft && g.draft <= w.till && (!w.deep || depth > 0) {
		m[w.name] = w.value(g, depth-1)
	}
}

// changed gives a schema that differs from v in one place or a few; often it means the same.
func (g *generator) changed(v any, depth int) any {
	m, ok := v.(map[string]any)
	if !ok || g.IntN(10) == 0 {
		if ok && g.draft >= 6 && g.IntN(2) == 0 {
			return map[string]any{pick(g, "allOf", "anyOf", "oneOf"): []any{v}}
		}
		return g.schema(depth)
	}
	out := map[string]any{}
	for key, below := range m {
		out[key] = below
	}
	ks := slices.Sorted(func(yield func(string) bool) {
		for key := range m {
			if key != "$schema" && !yield(key) {
				return
			}
		}
	})
	if len(ks) == 0 || g.IntN(4) == 0 {
		g.add(out, depth)
		return out
	}
	key := ks[g.IntN(len(ks))]
	switch below := m[key].(type) {
	case json.Number:
		if f, err := below.Float64(); err == nil && key != "const" && key != "multipleOf" {
			out[key] = number(max(0, int(f)+g.IntN(3)-1))
		}
	case map[string]any:
		switch key {
		case "properties", "patternProperties", "definitions", "dependentSchemas", "dependencies":
			named := map[string]any{}
			for _, k := range slices.Sorted(maps.Keys(below)) {
				s := below[k]
				named[k] = s
				if _, list := s.([]any); !list && g.IntN(2) == 0 {
					named[k] = g.changed(s, depth-1)
				}
			}
			if g.IntN(5) == 0 && key == "properties" {
				delete(named, pick(g, keys...))
			}
			out[key] = named
		case "const", "dependentRequired":
		default:
			out[key] = g.changed(below, depth-1)
		}
	case []any:
		list := slices.Clone(below)
		switch key {
		case "allOf", "anyOf", "oneOf", "prefixItems", "items":
			i := g.IntN(len(list))
			list[i] = g.changed(list[i], depth-1)
		case "required":
			list = g.names()
		case "enum":
			list = append(list, g.value(0))
		}
		out[key] = list
	default:
		if key != "$ref" || g.draft >= 2019 {
			delete(out, key)
		}
	}
	return out
}

func (g *generator) value(depth int) any {
	most := 8
	if depth > 0 {
		most = 16
	}
	switch n := g.IntN(most); n {
	case 0:
		return nil
	case 1:
		return g.IntN(2) == 0
	case 2, 3:
		return pick(g, json.Number("0"), "1", "2", "3", "4", "2.5", "0.5", "-1", "6")
	case 4:
		return pick(g, "2026-01-31", "192.0.2.1", "me@example.com")
	case 5, 6, 7:
		return pick(g, "", "a", "b", "ab", "aab", "é", "c", "x y", "ba")
	case 8, 9, 10:
		list := []any{}
		for range g.IntN(4) {
			list = append(list, g.value(depth-1))
		}
		return list
	}
	m := map[string]any{}
	for _, i := range g.Perm(len(keys))[:g.IntN(4)] {
		m[keys[i]] = g.value(depth - 1)
	}
	if g.IntN(4) == 0 {
		m["zz"] = g.value(depth - 1)
	}
	return m
}
