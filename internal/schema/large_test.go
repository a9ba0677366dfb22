package schema

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// many gives a schema with so many of what format says, each with its number.
func many(format string, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strings.ReplaceAll(format, "%d", fmt.Sprint(i)))
	}
	return b.String()
}

// BenchmarkCompile compiles schemas of thousands of parts, written in ways that make a compiler search.
func BenchmarkCompile(b *testing.B) {
	const n = 2000
	words := strings.Repeat("what it is good for, and who may change it. ", 2)
	property := `"property%d": {"type": "object", "description": "` + words + `", "properties": {"name": {"type": "string", "maxLength": 40}, "count": {"type": "integer", "minimum": %d}}, "required": ["name"]}`
	for _, c := range []struct{ name, schema string }{
		{"properties", `{"properties": {` + many(property, n) + `}}`},
		{"properties of draft 7", `{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {` + many(property, n) + `}}`},
		{"definitions", `{"$defs": {` + many(strings.ReplaceAll(property, "property", "def"), n) + `}, "properties": {` + many(`"p%d": {"$ref": "#/$defs/def%d"}`, n) + `}}`},
		{"anchors", `{"$defs": {` + many(`"def%d": {"$anchor": "a%d", "type": "string"}`, n) + `}, "properties": {` + many(`"p%d": {"$ref": "#a%d"}`, n) + `}}`},
		{"identified", `{"$id": "https://example.com/s.json", "$defs": {` + many(`"def%d": {"$id": "part%d.json", "type": "string"}`, n) + `}, "properties": {` + many(`"p%d": {"$ref": "part%d.json"}`, n) + `}}`},
		{"elsewhere", `{"parts": {` + many(`"def%d": {"type": "string"}`, n) + `}, "properties": {` + many(`"p%d": {"$ref": "#/parts/def%d"}`, n) + `}}`},
		{"required", `{"required": [` + many(`"property%d"`, 2*n) + `], "enum": [` + many(`{"a": %d}`, 2*n) + `]}`},
		{"small parts", `{"properties": {` + many(`"p%d": {"anyOf": [{"const": 1}, {"const": 2}, {"const": 3}, {"const": 4}, {"const": 5}, {"const": 6}]}`, n) + `}}`},
		{"chain", `{"$defs": {` + many(`"def%d": {"allOf": [{"$ref": "#/$defs/def%dx"}]}, "def%dx": {"type": "string"}`, n) + `}, "allOf": [` + many(`{"$ref": "#/$defs/def%d"}`, n) + `]}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.schema)))
			for b.Loop() {
				if s, found := NewSet(fstest.MapFS{"s.json": {Data: []byte(c.schema)}}).Compile("s.json"); s == nil {
					b.Fatal(found)
				}
			}
		})
	}
}

// What would take the square of a file's size to read is refused, with what to write instead; the same in a small file is not.
func TestTooLarge(t *testing.T) {
	for name, c := range map[string]struct{ format, at, fix string }{
		"dynamic":   {`"d%d": {"$dynamicAnchor": "a%d"}`, "/$defs/d0", `"$ref" in place of "$dynamicRef"`},
		"anchors":   {`"d%d": {"$id": "d%d", "$anchor": "a", "items": {"$ref": "#a"}}`, "/$defs/d0/items/$ref", "#/$defs/NAME"},
		"elsewhere": {`"d%d": {"$ref": "#/$defs/d0/here%d", "here%d": {}}`, "/$defs/d0/$ref", `under "$defs"`},
		"prefixes":  {`"d%d": {"prefixItems": [{"type": "null"}]}`, "/$defs/d0/prefixItems", `"items"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, found := NewSet(fstest.MapFS{"s.json": {Data: []byte(`{"$defs": {` + many(c.format, 5000) + `}}`)}}).Compile("s.json")
			if len(found) != 1 || found[0].Pointer != c.at || !strings.Contains(found[0].Message, "takes too long to read") || !strings.Contains(found[0].Fix, c.fix) {
				t.Errorf("%+v", found)
			}
			if s, found := NewSet(fstest.MapFS{"s.json": {Data: []byte(`{"$defs": {` + many(strings.ReplaceAll(c.format, "/d0/here", "/d%d/here"), 5) + `}}`)}}).Compile("s.json"); s == nil {
				t.Error(found)
			}
		})
	}
}

// An enum without a value accepts nothing, wherever it stands, and is doubtful.
func TestEmptyEnum(t *testing.T) {
	for src, values := range map[string]map[string]bool{
		`{"enum": []}`: {"1": false, "null": false},
		`{"properties": {"a": {"enum": []}}, "default": {"enum": []}}`: {"{}": true, "{a: 1}": false},
		`{"not": {"enum": []}}`: {"1": true},
		`{"$schema": "https://json-schema.org/draft/2019-09/schema", "items": {"enum": [], "pattern": "(?!a)b"}}`: {"[]": true, "[b]": false},
		`{"unevaluatedProperties": {"enum": []}}`: {"{}": true, "{a: 1}": false},
	} {
		s := compiled(t, src)
		if d := s.Doubts(); len(d) != 1 || !strings.HasSuffix(d[0].Pointer, "enum") || d[0].Level != finding.Warning {
			t.Errorf("%s: doubts %v", src, d)
		}
		n, err := s.Tree()
		if err != nil {
			t.Fatal(err)
		}
		for value, want := range values {
			docs, _ := document.Parse([]byte(value), document.Limits{})
			if found := s.Validate(docs[0]); (len(found) == 0) != want {
				t.Errorf("%s: %s: %v", src, value, found)
			}
			if ok, err := n.Accepts(docs[0].Value); ok != want || err != nil {
				t.Errorf("%s: %s: accepted by the tree %v, %v", src, value, ok, err)
			}
		}
	}
	if d := compiled(t, `{"x-form": {"enum": []}, "const": {"enum": []}}`).Doubts(); len(d) > 0 {
		t.Errorf("%v", d)
	}
}

// Files that are given to the library in another way mean what they say: anchors, prefixItems, items after them, contains.
func TestDressed(t *testing.T) {
	s := compiled(t, `{"$defs": {"pair": {"prefixItems": [{"$ref": "#/$defs/name"}, {"type": "integer"}], "items": false}, "name": {"type": "string"}},
		"properties": {"pair": {"$ref": "#/$defs/pair"}, "first": {"$ref": "#/$defs/pair/prefixItems/0"},
			"some": {"contains": {"type": "null"}, "unevaluatedItems": {"type": "boolean"}}, "many": {"items": {"maximum": 3}}}}`)
	for file, want := range map[string]string{
		"pair: [a, 1]": "", "pair: [1, 1]": "/pair/0", "pair: [a, b]": "/pair/1", "pair: [a, 1, 2]": "/pair/2",
		"first: a": "", "first: 1": "/first", "some: [null, true]": "", "some: [null, 3]": "/some/1", "many: [1, 2]": "", "many: [1, 4]": "/many/1",
	} {
		docs, _ := document.Parse([]byte(file), document.Limits{})
		found := s.Validate(docs[0])
		if len(found) > 1 || len(found) == 1 && found[0].Pointer != want || len(found) == 0 && want != "" {
			t.Errorf("%s: %v, want one at %q", file, found, want)
		}
	}
	anchored := compiled(t, `{"$defs": {"a/b": {"$anchor": "name", "type": "string"}}, "items": {"$ref": "#name"}}`)
	docs, _ := document.Parse([]byte("[a, 1]"), document.Limits{})
	if found := anchored.Validate(docs[0]); len(found) != 1 || found[0].Pointer != "/1" {
		t.Errorf("%v, want one at /1", found)
	}
}
