package schema

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
)

const realistic = `{
  "type": "object", "required": ["campaigns"], "additionalProperties": false,
  "properties": {"campaigns": {"type": "array", "items": {"$ref": "#/$defs/campaign"}}},
  "$defs": {"campaign": {
    "type": "object", "required": ["id", "segment", "channel"], "additionalProperties": false,
    "properties": {
      "id": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"}, "segment": {"type": "string", "minLength": 1},
      "channel": {"enum": ["email", "sms", "push"]}, "from": {"type": "string", "format": "date"},
      "discount": {"type": "number", "minimum": 0, "maximum": 1}, "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": true},
      "target": {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}]}
    }}}
}`

// BenchmarkValidate sets our validation of a valid document beside that of the library alone.
func BenchmarkValidate(b *testing.B) {
	var src strings.Builder
	src.WriteString("campaigns:\n")
	for i := range 50 {
		fmt.Fprintf(&src, "  - {id: c-%d, segment: all, channel: email, from: 2026-01-31, discount: 0.25, tags: [a, b], target: {url: x}}\n", i)
	}
	docs, _ := document.Parse([]byte(src.String()), document.Limits{})
	s, found := NewSet(fstest.MapFS{"s.json": {Data: []byte(realistic)}}).Compile("s.json")
	if s == nil {
		b.Fatal(found)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	if err := c.AddResource("tamer:///s.json", bytes.NewReader([]byte(realistic))); err != nil {
		b.Fatal(err)
	}
	raw := c.MustCompile("tamer:///s.json")
	b.Run("tamer", func(b *testing.B) {
		for b.Loop() {
			if found := s.Validate(docs[0]); len(found) > 0 {
				b.Fatal(found)
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			if err := raw.Validate(docs[0].Value); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tamer, every item wrong", func(b *testing.B) {
		bad, _ := document.Parse([]byte(strings.ReplaceAll(src.String(), "email", "mail")), document.Limits{})
		for b.Loop() {
			if found := s.Validate(bad[0]); len(found) != 50 {
				b.Fatal(len(found))
			}
		}
	})
	b.Run("walk", func(b *testing.B) {
		ref := `"x-tamer-ref": {"type": "segments", "path": "/segments/*/id"}`
		annotated := strings.NewReplacer(`"segment": {`, `"segment": {`+ref+`, `, `"url": {`, `"url": {`+ref+`, `).Replace(realistic)
		s := compiled(b, annotated)
		for b.Loop() {
			visits := 0
			if found := s.Walk(docs[0], Judged, func([]string, bool, any, *Keywords) { visits++ }); found != nil || visits != 100 {
				b.Fatal(visits, found)
			}
		}
	})
}
