package schema

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tamerhq/tamer/internal/document"
)

// Each file of walk.txtar is a schema, ===, a document, ===, and what is visited: pointer, value, and the keyword's word.
func TestWalk(t *testing.T) {
	src, err := os.ReadFile("testdata/walk.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range txtar.Parse(src).Files {
		t.Run(c.Name, func(t *testing.T) {
			parts := strings.Split(string(c.Data), "===\n")
			s, doc := compiled(t, parts[0]), parsed(t, parts[1])
			if got := walked(t, s, doc, WithRef); got != parts[2] {
				t.Errorf("got\n%swant\n%s", got, parts[2])
			}
		})
	}
}

func walked(t *testing.T, s *Schema, doc *document.Document, wanted Kind) string {
	t.Helper()
	var b strings.Builder
	if found := s.Walk(doc, wanted, func(tokens []string, ofKey bool, value any, k *Keywords) {
		key := ""
		if ofKey {
			key = "key "
		}
		said := k.Title
		if k.Ref != nil {
			said = k.Ref.Type
		}
		fmt.Fprintf(&b, "%s: %s%v %s\n", cmp.Or(document.Pointer(tokens), "/"), key, show(value), said)
	}); found != nil {
		t.Error(found)
	}
	return b.String()
}

func compiled(t testing.TB, schema string) *Schema {
	t.Helper()
	s, found := NewSet(fstest.MapFS{"s.yaml": {Data: []byte(schema)}}).Compile("s.yaml")
	if s == nil {
		t.Fatal(found)
	}
	return s
}

func parsed(t testing.TB, file string) *document.Document {
	t.Helper()
	docs, found := document.Parse([]byte(file), document.Limits{})
	if len(docs) != 1 || len(found) > 0 {
		t.Fatal(found)
	}
	return docs[0]
}

// Schemas that would take forever if every way through them were gone: a finding, or all visits, and soon.
func TestWalkOfHostileSchemas(t *testing.T) {
	deep := strings.Repeat("[", 60) + "1" + strings.Repeat("]", 60)
	for name, schema := range map[string]string{
		"two ways down":         `{"x-tamer-ref":{"type":"a","path":"/b"},"anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]}`,
		"two ways down, old":    `{"$schema":"http://json-schema.org/draft-07/schema#","x-tamer-ref":{"type":"a","path":"/b"},"anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]}`,
		"two ways, both always": `{"x-tamer-ref":{"type":"a","path":"/b"},"allOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			s, doc := compiled(t, schema), parsed(t, deep)
			visits := 0
			found := s.Walk(doc, WithRef, func([]string, bool, any, *Keywords) { visits++ })
			if visits != 61 && len(found) != 1 {
				t.Errorf("%d visits and no finding", visits)
			}
			if found := s.Validate(doc); len(found) > 1 {
				t.Error(found)
			}
		})
	}
}

// One schema walks beside many documents at once.
func TestWalkAtOnce(t *testing.T) {
	s := compiled(t, `properties: {a: {oneOf: [{type: string, x-tamer-ref: {type: t, path: /a}}, {type: number, title: N}]}, b: {items: {$ref: "#"}}}`)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				doc := parsed(t, "{a: x, b: [{a: 1}, {a: y}]}")
				if got := walked(t, s, doc, WithRef); got != "/a: \"x\" t\n/b/1/a: \"y\" t\n" {
					t.Error(got)
				}
				if got := walked(t, s, doc, WithWords); got != "/b/0/a: 1 N\n" {
					t.Error(got)
				}
			}
		})
	}
	wg.Wait()
}

// A part of a document is visited as it is in the whole, with what is around it, and nothing else is.
func TestWalkIn(t *testing.T) {
	s := compiled(t, `
title: root
properties:
  a: {title: a, additionalProperties: {title: below}, propertyNames: {title: key}}
  b: {items: {title: item}}
  c: {title: c}
if: {properties: {c: {const: 1}}}
then: {properties: {a: {title: then}}}
`)
	doc := parsed(t, "{a: {x: 1, y: 2}, b: [1, 2], c: 1}")
	for _, c := range []struct {
		part Part
		want string
	}{
		{nil, "root, /a a, /a then, /a/x key, /a/x below, /a/y key, /a/y below, /b/0 item, /b/1 item, /c c"},
		{Part{}, "root"},
		{Part{"a": {"y": nil}, "gone": nil}, "root, /a a, /a then, /a/y key, /a/y below"},
		{Part{"b": nil, "c": nil}, "root, /b/0 item, /b/1 item, /c c"},
		{Part{"b": {}}, "root, /b/0 item, /b/1 item"},
	} {
		var got []string
		s.WalkIn(doc, c.part, WithWords, func(tokens []string, _ bool, _ any, k *Keywords) {
			got = append(got, strings.TrimSpace(document.Pointer(tokens)+" "+k.Title))
		})
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("of %v visited are\n%s\nwant\n%s", c.part, s, c.want)
		}
	}
}
