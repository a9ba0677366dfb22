package schema

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// Of a $ref that leads nowhere, or in a circle, the place is told, and what was likely meant.
func TestAstray(t *testing.T) {
	for _, c := range []struct {
		schema string
		want   []string // of each finding: where, message, fix
	}{
		{`{"properties": {"a": {"$ref": "#/definitions/nope"}}, "definitions": {"Nope": {}}}`, []string{
			`s.yaml:1:31 "#/definitions/nope" leads to nothing; did you mean "#/definitions/Nope"?; write "#/definitions/Nope" instead of "#/definitions/nope"`}},
		{`{"properties": {"a": {"$ref": "#/definitions/nope"}}, "$defs": {"nope": {}}}`, []string{
			`s.yaml:1:31 "#/definitions/nope" leads to nothing; did you mean "#/$defs/nope"?; write "#/$defs/nope" instead of "#/definitions/nope"`}},
		{"items: {$ref: '#/$defs/a'}\nnot: {$ref: '#/$defs/b'}\ncontains: {$ref: part.yaml#/$defs/nmae}\nif: {$ref: part.yaml#/texts/text}\n", []string{
			`s.yaml:1:15 "#/$defs/a" leads to nothing; correct it, or add to this file what it is to lead to`,
			`s.yaml:2:13 "#/$defs/b" leads to nothing; correct it, or add to this file what it is to lead to`,
			`s.yaml:3:18 "part.yaml#/$defs/nmae" leads to nothing; did you mean "part.yaml#/$defs/name"?; write "part.yaml#/$defs/name" instead of "part.yaml#/$defs/nmae"`,
			`s.yaml:4:12 "part.yaml#/texts/text" leads to the text "none", which is no schema; have it lead to a schema, such as one below "$defs"`}},
		{`{"items": {"$ref": "#nope"}}`, []string{
			`s.yaml:1:20 "#nope" leads to nothing; correct it: it needs an "$anchor" or "$id" of that name, or write it as "#/$defs/NAME"`}},
		{`{"$id": "https://example.com/s.json", "$defs": {"p": {"$id": "p.json"}}, "items": {"$ref": "p.json#/nope"}}`, []string{
			`s.yaml:1:92 "p.json#/nope" leads to nothing; correct it: it needs an "$anchor" or "$id" of that name, or write it as "#/$defs/NAME"`}},
		{`{"$ref": "#"}`, []string{
			`s.yaml:1:10 "#" leads in a circle: what it refers to refers back to it, without end; take one "$ref" out of the circle: a schema may refer to itself only below "properties", "items" and the like`}},
		{`{"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"$ref": "#/$defs/a"}}}`, []string{
			`s.yaml:1:111 "#/$defs/a" leads in a circle: what it refers to refers back to it, without end; take one "$ref" out of the circle: a schema may refer to itself only below "properties", "items" and the like`}},
	} {
		_, found := NewSet(fstest.MapFS{"s.yaml": {Data: []byte(c.schema)}, "part.yaml": {Data: []byte(`{$defs: {name: {}}, texts: {text: none}}`)}}).Compile("s.yaml")
		var got []string
		for _, f := range found {
			got = append(got, fmt.Sprintf("%s:%d:%d %s; %s", f.File, f.At.Start.Line, f.At.Start.Column, f.Message, f.Fix))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %s\nwant %s", c.schema, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
}
