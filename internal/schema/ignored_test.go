package schema

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/examples"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/schemas"
)

// A schema is doubtful where a draft ignores what somebody meant to be checked; annotations of other tools are left alone.
func TestIgnored(t *testing.T) {
	const draft4, draft7 = `"$schema": "http://json-schema.org/draft-04/schema#", `, `"$schema": "http://json-schema.org/draft-07/schema#", `
	for _, c := range []struct {
		schema string
		want   []string // of each finding: where, message, fix
	}{
		{`{"propertys":{"a":{"type":"integer"}},"requierd":["a"],"additionalProprties":false}`, []string{
			`1:2 "propertys" is no keyword of JSON Schema, so it checks nothing; did you mean "properties"?; write "properties" instead of "propertys"`,
			`1:39 "requierd" is no keyword of JSON Schema, so it checks nothing; did you mean "required"?; write "required" instead of "requierd"`,
			`1:56 "additionalProprties" is no keyword of JSON Schema, so it checks nothing; did you mean "additionalProperties"?; write "additionalProperties" instead of "additionalProprties"`}},
		{"properties:\n  a:\n    min-length: 3\n", []string{
			`3:5 "min-length" is no keyword of JSON Schema, so it checks nothing; did you mean "minLength"?; write "minLength" instead of "min-length"`}},
		{`{"parts": {"a": {"minimun": 1}}, "$ref": "#/parts/a"}`, []string{
			`1:18 "minimun" is no keyword of JSON Schema, so it checks nothing; did you mean "minimum"?; write "minimum" instead of "minimun"`}},
		{`{` + draft7 + `"dependentRequired": {"a": ["b"]}}`, []string{
			`1:56 draft-07 does not know "dependentRequired", so it checks nothing; use "dependencies", or name 2020-12 in "$schema"`}},
		{`{` + draft4 + `"properties": {"a": {"const": 1}}}`, []string{
			`1:77 draft-04 does not know "const", so it checks nothing; use "enum" with one value, or name 2020-12 in "$schema"`}},
		{`{` + draft7 + `"unevaluatedProperties": false}`, []string{
			`1:56 draft-07 does not know "unevaluatedProperties", so it checks nothing; name 2020-12 in "$schema"`}},
		{`{"items": {"type": "string"}, "additionalItems": false}`, []string{
			`1:31 2020-12, which counts where no "$schema" names another, does not know "additionalItems", so it checks nothing; use "items", which is for all items after those of "prefixItems"`}},
		{`{` + draft7 + `"$defs": {}, "examples": [1], "deprecated": true, "dependencies": {"a": ["b"]}}`, nil},
		{`{"definitions": {}, "dependencies": {"a": ["b"]}, "id": "x", "x-requierd": 1}`, nil},
		{`{"markdownDescription": "a", "enumNames": [], "nullable": true, "example": 1, "defaultSnippets": [], "deprecated": true, "comment": "",
			"_comment": "", "$$description": [], "_requierd": [], "note": "", "errorMessage": "", "patternErrorMessage": "", "deprecationMessage": "", "enumDescriptions": [],
			"markdownEnumDescriptions": [], "doNotSuggest": true, "suggestSortText": "", "allowComments": true, "allowTrailingCommas": true,
			"discriminator": {}, "xml": {}, "externalDocs": {}, "tsType": "", "javaType": "", "fileMatch": [], "propertyOrder": 1, "options": {},
			"defs": {}, "links": [], "base": "", "media": {}, "version": "1", "name": "", "label": "", "unit": "", "order": 1, "group": ""}`, nil},
		{`{"properties": {"requierd": {"enum": [{"requierd": 1}], "const": {"requierd": 1}, "default": {"requierd": 1}, "examples": [{"requierd": 1}]}},
			"x-form": {"requierd": []}, "form": {"requierd": []}}`, nil},
	} {
		var got []string
		for _, f := range compiled(t, c.schema).Doubts() {
			if f.Rule != "schema-keyword" || f.Level != finding.Warning || f.File != "s.yaml" {
				t.Errorf("%s: %+v", c.schema, f)
			}
			got = append(got, fmt.Sprintf("%d:%d %s; %s", f.At.Start.Line, f.At.Start.Column, f.Message, f.Fix))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %s\nwant %s", c.schema, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
}

// Schemas that people wrote give no false alarm.
func TestNothingIgnored(t *testing.T) {
	_, registry := golden.Aqua(t)
	for name, files := range map[string]fs.FS{"ours": schemas.FS, "examples": examples.Shop(), "aqua": fstest.MapFS{"registry.schema.json": {Data: registry}}} {
		fs.WalkDir(files, ".", func(path string, _ fs.DirEntry, err error) error {
			if !strings.Contains(path, ".schema.") || err != nil || registry == nil && name == "aqua" {
				return err
			}
			s, found := NewSet(files).Compile(path)
			if s == nil {
				t.Errorf("%s: %v", path, found)
			} else if d := s.Doubts(); len(d) > 0 {
				t.Errorf("%s: %v", path, d)
			}
			return nil
		})
	}
}
