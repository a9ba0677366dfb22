package schema

import (
	"fmt"
	"strings"
	"testing"
)

func TestLikeness(t *testing.T) {
	const segments = `properties: {segments: {type: array, items: {properties: {id: {type: string, title: Id}, label: {type: string}}}}}`
	for _, c := range []struct{ name, a, b, want string }{
		{"itself", segments, segments, "1.00 /segments /segments/* /segments/*/id /segments/*/label"},
		{"nothing in common", segments, `properties: {limits: {type: object}}`, "0.00"},
		{"nothing at all", `{}`, `{}`, "0.00"},
		{"through references", segments, `{properties: {segments: {$ref: "#/$defs/s"}}, $defs: {s: {type: array, items: {allOf: [{properties: {id: {type: string, title: ID}}}, {properties: {label: {enum: [a]}}}]}}}}`,
			"1.00 /segments /segments/* /segments/*/id /segments/*/label"},
		{"other types", `properties: {a: {type: string}}`, `properties: {a: {type: number}}`, "0.33 /a"},
		{"one more", segments, `properties: {segments: {type: array, items: {properties: {id: {type: string, title: Id}, label: {type: string}, rule: {type: string}}}}}`,
			"0.80 /segments /segments/* /segments/*/id /segments/*/label"},
		{"odd names", `properties: {a/b: {type: string}}`, `properties: {a/b: {type: string}, c: {}}`, "0.67 /a~1b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, y := compiled(t, c.a), compiled(t, c.b)
			share, shared := Likeness(x, y)
			if got := strings.TrimSpace(fmt.Sprintf("%.2f %s", share, strings.Join(shared, " "))); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if other, _ := Likeness(y, x); other != share {
				t.Errorf("the other way round it is %v", other)
			}
		})
	}
}

// A schema that refers to itself in many ways has an outline of bounded size.
func TestLikenessIsBounded(t *testing.T) {
	s := compiled(t, `properties: {a: {$ref: "#"}, b: {$ref: "#"}, c: {$ref: "#"}, d: {$ref: "#"}, e: {items: {$ref: "#"}}}`)
	if share, shared := Likeness(s, s); share != 1 || len(shared) > maxOutline {
		t.Errorf("likeness %v by %d paths", share, len(shared))
	}
}
