package compat_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/compat"
)

// large gives a schema of some 2,000 lines: nested objects, lists, definitions, alternatives by kind. With change, a bound in
// every tenth property is another.
func large(change bool) string {
	defs, top := map[string]any{}, map[string]any{}
	for i := range 24 {
		props := map[string]any{"id": map[string]any{"type": "string", "pattern": "^[a-z][a-z0-9-]*$", "maxLength": 40}}
		for k := range 9 {
			n := 10*i + k
			if change && k == 3 {
				n++
			}
			props[fmt.Sprintf("number%d", k)] = map[string]any{"type": "integer", "minimum": k, "maximum": 100 + n, "description": "how many there are"}
		}
		props["tags"] = map[string]any{"type": "array", "items": map[string]any{"enum": []any{"a", "b", fmt.Sprint("c", i)}}, "uniqueItems": true}
		if i > 0 {
			props["child"] = map[string]any{"$ref": fmt.Sprintf("#/$defs/part%d", i-1)}
			props["again"] = map[string]any{"$ref": fmt.Sprintf("#/$defs/part%d", i/2)}
		}
		defs[fmt.Sprintf("part%d", i)] = map[string]any{"type": "object", "properties": props, "required": []any{"id"}, "additionalProperties": false}
		top[fmt.Sprintf("part%d", i)] = map[string]any{"$ref": fmt.Sprintf("#/$defs/part%d", i)}
	}
	var kinds []any
	for i := range 12 {
		kind := maps.Clone(defs["part1"].(map[string]any))
		kind["properties"] = map[string]any{"kind": map[string]any{"const": fmt.Sprint("kind", i)}, "value": map[string]any{"type": "number", "minimum": i}}
		kind["required"] = []any{"kind"}
		kinds = append(kinds, kind)
	}
	top["rules"] = map[string]any{"type": "array", "items": map[string]any{"oneOf": kinds}}
	b, err := json.MarshalIndent(map[string]any{"$defs": defs, "type": "object", "properties": top, "additionalProperties": false}, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(b)
}

// wide gives an object of many properties, with patterns for others.
func wide(change bool) string {
	props := map[string]any{}
	for i := range 450 {
		props[fmt.Sprint("p", i)] = map[string]any{"type": "string", "maxLength": i}
	}
	low := 1
	if change {
		low = 2
	}
	b, err := json.MarshalIndent(map[string]any{"type": "object", "properties": props,
		"patternProperties": map[string]any{"^q": map[string]any{"minimum": low}}, "additionalProperties": change}, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(b)
}

func BenchmarkCompareWide(b *testing.B) {
	old, new := compile(b, wide(false)), compile(b, wide(true))
	b.Logf("%d lines", strings.Count(wide(false), "\n"))
	for b.Loop() {
		r, err := compat.Compare(old, new)
		if err != nil {
			b.Fatal(err)
		}
		if r.Compatibility != compat.None || len(r.Changes) != 2 {
			b.Fatalf("%s, %d changes", r.Compatibility, len(r.Changes))
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	old, new := compile(b, large(false)), compile(b, large(true))
	b.Logf("%d lines", strings.Count(large(false), "\n"))
	for b.Loop() {
		r, err := compat.Compare(old, new)
		if err != nil {
			b.Fatal(err)
		}
		if r.Compatibility != compat.OnlyBackward || len(r.Changes) < 24 {
			b.Fatalf("%s, %d changes", r.Compatibility, len(r.Changes))
		}
	}
}
