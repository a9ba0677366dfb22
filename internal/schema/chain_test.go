package schema

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/document"
)

// chained is the members of a schema in whose $defs the first n of a list lead each to the next, by what a format makes of its pointer.
func chained(link string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, link+",", fmt.Sprintf(`{"$ref": "#/$defs/x/allOf/%d"}`, i+1))
	}
	return `"$ref": "#/$defs/x/allOf/0", "$defs": {"x": {"allOf": [` + b.String() + `{"type": "string"}]}}`
}

// The library follows what applies to one value by calls within calls, which end the process where they are too deep.
func TestLongChains(t *testing.T) {
	nested := strings.Repeat(`{"not": `, 120) + `{"type": "string"}` + strings.Repeat("}", 120)
	for name, src := range map[string]string{
		"references":        `{` + chained(`%s`, 150) + `}`,
		"draft 7":           `{"$schema": "http://json-schema.org/draft-07/schema#", ` + strings.Replace(chained(`%s`, 150), `"$ref"`, `"if": true, "$ref"`, 1) + `}`,
		"alternatives":      `{` + chained(`{"anyOf": [{"type": "null"}, %s]}`, 75) + `}`,
		"conditions":        `{` + chained(`{"if": {"type": "string"}, "then": %s}`, 75) + `}`,
		"below a property":  `{"properties": {"a": {"$ref": "#/$defs/x/allOf/0"}}, ` + strings.SplitN(chained(`%s`, 150), ", ", 2)[1] + `}`,
		"dependent schemas": `{` + chained(`{"dependentSchemas": {"a": %s}}`, 75) + `}`,
		"nested":            nested,
		"dynamic": `{"$dynamicRef": "#a", "$defs": {"a": {"$dynamicAnchor": "a", "$dynamicRef": "#b"}, "b": {"$dynamicAnchor": "b"},
			"c": {"$id": "c", "$defs": {"b": {"$dynamicAnchor": "b", "$ref": "tamer:///s.json#/$defs/x/allOf/0"}}}, ` + strings.SplitN(chained(`%s`, 150), `"$defs": {`, 2)[1] + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			s, found := NewSet(fstest.MapFS{"s.json": {Data: []byte(src)}}).Compile("s.json")
			if s != nil || len(found) != 1 || !strings.Contains(found[0].Message, "more than 100 references and parts of schemas lead from one to the next") || found[0].Pointer == "" {
				t.Errorf("%+v", found)
			}
		})
	}
}

// What leads deeper into the value is no chain, nor is what people write.
func TestShortChains(t *testing.T) {
	for _, src := range []string{
		`{` + chained(`{"properties": {"a": %s}}`, 500) + `}`,
		`{` + chained(`{"items": %s}`, 500) + `}`,
		`{` + chained(`%s`, 90) + `}`,
		`{"$dynamicAnchor": "node", "properties": {"children": {"items": {"$dynamicRef": "#node"}}}}`,
		`{"$schema": "https://json-schema.org/draft/2019-09/schema", "$recursiveAnchor": true, "additionalProperties": {"$recursiveRef": "#"}}`,
	} {
		if s, found := NewSet(fstest.MapFS{"s.json": {Data: []byte(src)}}).Compile("s.json"); s == nil {
			t.Errorf("%s: %v", src[:50], found)
		}
	}
}

// A chain within a schema that refers to itself is followed for each level of the value.
func TestDeepCalls(t *testing.T) {
	s := compiled(t, strings.Replace(`{`+chained(`%s`, 90)+`}`, `{"type": "string"}`, `{"items": {"$ref": "#"}, "type": "array"}`, 1))
	for depth, refused := range map[int]bool{20: false, 150: false, 900: true} {
		docs, found := document.Parse([]byte(strings.Repeat("[", depth)+strings.Repeat("]", depth)), document.Limits{Depth: 1000})
		if len(found) > 0 {
			t.Fatal(found)
		}
		found = s.Validate(docs[0])
		if (len(found) > 0) != refused || refused && !strings.Contains(found[0].Message, "its values are nested 900 deep") {
			t.Errorf("%d deep: %v", depth, found)
		}
	}
}

// A file that brings more references than the library can follow within each other is refused before it follows them.
func TestManyLeading(t *testing.T) {
	for before, refused := range map[int]bool{maxLeading - 3: false, maxLeading - 2: true} {
		l := newLoader(NewSet(fstest.MapFS{"s.json": {Data: []byte(`{"items": {"allOf": [true, {"$ref": "#/$defs/a"}]}, "$defs": {"a": {"type": "null"}}}`)}}), "s.json")
		l.leading = before
		_, err := l.load(address("s.json"))
		if (err != nil) != refused || refused && (len(l.found) != 1 || !strings.Contains(l.found[0].Message, "more than 100000 parts with references")) {
			t.Errorf("after %d: %v, %v", before, l.found, err)
		}
	}
}

// contentSchema is no keyword of draft 7: what a text holds is not judged.
func TestContentSchema(t *testing.T) {
	s := compiled(t, `{"$schema": "http://json-schema.org/draft-07/schema#", "contentMediaType": "application/json", "contentSchema": {"type": "null"}}`)
	docs, _ := document.Parse([]byte(`"[1]"`), document.Limits{})
	if found := s.Validate(docs[0]); len(found) > 0 {
		t.Error(found)
	}
}
