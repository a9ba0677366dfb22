package schema

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/finding"
)

func TestWrongKeywords(t *testing.T) {
	for _, c := range []struct{ name, schema, want string }{
		{"misspelt", `properties: {a: {x-tamer-rfe: {type: b, path: /c}}}`,
			`1:18 schema-invalid /properties/a/x-tamer-rfe: unknown property "x-tamer-rfe"; did you mean "x-tamer-ref"? | write "x-tamer-ref" instead of "x-tamer-rfe"`},
		{"unheard of", `x-tamer-background: red`, `1:1 schema-invalid /x-tamer-background: unknown property "x-tamer-background" | use one of x-tamer-deprecated, x-tamer-key, x-tamer-live, x-tamer-message, x-tamer-migrate, x-tamer-order, x-tamer-owners, x-tamer-ref, x-tamer-renamed-from, x-tamer-renamed-values, x-tamer-rules, x-tamer-secret, x-tamer-unit`},
		{"without path", "properties:\n  a:\n    x-tamer-ref: {type: b}", `3:5 schema-invalid /properties/a/x-tamer-ref: missing "path": add it under "x-tamer-ref" | add "path: …" under "x-tamer-ref" (Path of the values in it), such as /segments/*/id`},
		{"scope", `x-tamer-ref: {type: b, path: /c, scope: everywhere}`, `1:41 schema-invalid /x-tamer-ref/scope: "everywhere" is not one of customer, shared, any | write one of these values`},
		{"a property of that name", `properties: {x-tamer-rfe: {}}`, ``},
		{"in a value", `default: {x-tamer-rfe: 1}`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, found := NewSet(fstest.MapFS{"s.yaml": {Data: []byte(c.schema)}}).Compile("s.yaml")
			var got []string
			for _, f := range found {
				got = append(got, fmt.Sprintf("%d:%d %s %s: %s | %s", f.At.Start.Line, f.At.Start.Column, f.Rule, f.Pointer, f.Message, f.Fix))
			}
			if strings.Join(got, "\n") != c.want || (s == nil) != (c.want != "") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), c.want)
			}
		})
	}
}

const annotated = `x-tamer-owners: ["@shop/data"]
title: All
properties:
  a:
    $ref: b.yaml
    description: Short.
    default: null
    writeOnly: true
  n: {x-tamer-unit: ms, deprecated: true, x-tamer-live: {source: s, query: q, args: {n: 1}}}
  rules:
    x-tamer-key: id
    x-tamer-rules:
      - {expr: self.a < 1, message: m}
      - expr: "self.b"
        message: m
        level: warning
        at: /b
      - expr: |
          self.c &&
            self.d
        message: m
      - {expr: "self.e == \"x\"", message: m}
`

func TestKeywords(t *testing.T) {
	files := fstest.MapFS{"s.yaml": {Data: []byte(annotated)}, "b.yaml": {Data: []byte(`x-tamer-ref: {type: t, path: /a, acyclic: true}`)}}
	s, found := NewSet(files).Compile("s.yaml")
	if s == nil {
		t.Fatal(found)
	}
	var got []string
	for _, k := range s.Keywords() {
		line := fmt.Sprintf("%s#%s %d:%d", k.Site.File, k.Site.Pointer, k.Site.At.Start.Line, k.Site.At.Start.Column)
		if k.Ref != nil {
			line += fmt.Sprintf(" ref %s %s %s %v at %v", k.Ref.Type, k.Ref.Path, k.Ref.Scope, k.Ref.Acyclic, k.Ref.TypeAt.Start)
		}
		if k.Live != nil {
			line += fmt.Sprintf(" live %s %s %v", k.Live.Source, k.Live.Query, k.Live.Args)
		}
		if k.Deprecated != nil {
			line += " deprecated"
		}
		got = append(got, fmt.Sprintf("%s %v %q %q %q %v %v", line, k.Owners, k.Title, k.Description, k.Unit, k.Secret, k.HasDefault))
	}
	want := []string{
		`b.yaml# 1:1 ref t /a customer true at {1 21} [] "" "" "" false false`,
		`s.yaml# 1:1 [@shop/data] "All" "" "" false false`,
		`s.yaml#/properties/a 5:5 [] "" "Short." "" true true`,
		`s.yaml#/properties/n 9:6 live s q map[n:1] deprecated [] "" "" "ms" false false`,
		`s.yaml#/properties/rules 11:5 [] "" "" "" false false`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !s.Carries(WithLive) || !s.Carries(WithKey|WithRef) || s.Carries(0) {
		t.Error("Carries tells something else than Keywords")
	}
	rules := s.Keywords()[4].Rules
	if r := rules[1]; r.Level != finding.Warning || r.At != "/b" || rules[0].Level != "" {
		t.Errorf("rules %+v", rules)
	}
	for i, c := range []struct{ line, column, wantLine, wantColumn int }{{1, 6, 13, 21}, {1, 6, 14, 21}, {2, 3, 20, 13}, {1, 12, 22, 29}} {
		if got := rules[i].Place(c.line, c.column); got != (finding.Place{Line: c.wantLine, Column: c.wantColumn}) {
			t.Errorf("rule %d: %d:%d stands at %v, want %d:%d", i, c.line, c.column, got, c.wantLine, c.wantColumn)
		}
	}
}

func TestDigest(t *testing.T) {
	digest := func(a, b string) string {
		s, found := NewSet(fstest.MapFS{"a.yaml": {Data: []byte(a)}, "b.yaml": {Data: []byte(b)}, "c.yaml": {Data: []byte(b)}}).Compile("a.yaml")
		if s == nil {
			t.Fatal(found)
		}
		return s.Digest()
	}
	first := digest(`$ref: b.yaml`, `type: string`)
	if again := digest(`$ref: b.yaml`, `type: string`); again != first {
		t.Error("the same files have two digests")
	}
	for _, other := range [][2]string{{`$ref: b.yaml`, `type: number`}, {`$ref: c.yaml`, `type: string`}, {`$ref: b.yaml #`, `type: string`}} {
		if digest(other[0], other[1]) == first {
			t.Errorf("%q has the digest of other files", other)
		}
	}
}
