package schema

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

const people = `{
  "type": "object",
  "required": ["owner", "kind"],
  "additionalProperties": false,
  "properties": {
    "owner": {"type": "string"},
    "kind": {"enum": ["hourly", "daily", "monthly"]},
    "threshold": {"type": "number", "maximum": 1},
    "days": {"type": "integer", "exclusiveMinimum": 0},
    "code": {"type": "string", "pattern": "^[a-z]{3}$", "description": "Three small letters.", "examples": ["abc"]},
    "free": {"pattern": "^x"},
    "tags": {"type": "array", "uniqueItems": true, "minItems": 2, "items": {"type": "string", "maxLength": 3}},
    "on": {"type": "boolean"},
    "a/b~c d%": {"type": "integer"},
    "target": {"oneOf": [
      {"type": "object", "required": ["type", "bucket"], "properties": {"type": {"const": "s3"}, "bucket": {"type": "string"}}, "additionalProperties": false},
      {"type": "object", "required": ["type", "url"], "properties": {"type": {"const": "http"}, "url": {"type": "string", "format": "uri"}}, "additionalProperties": false}
    ]},
    "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    "nested": {"type": "array", "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}
  }
}`

// Each line of want is "line:column rule: message | fix".
func TestWords(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"valid", "owner: a\nkind: daily\n", ""},
		{"missing", "owner: a\n", `1:1 required: missing "kind": add it at the top level of the file | add "kind: …" at the top level of the file, with one of hourly, daily, monthly`},
		{"unknown", "owner: a\nkind: daily\nzzzzzz: 1\n", `3:1 unknown-property: unknown property "zzzzzz" | remove it, or use one of a/b~c d%, code, days, either, free, nested, on, tags, target, threshold`},
		{"misspelt", "owner: a\nkind: daily\ntreshold: 1\n", `3:1 unknown-property: unknown property "treshold"; did you mean "threshold"? | write "threshold" instead of "treshold"`},
		{"a misspelt key is not also missing", "ownr: a\nkind: daily\n", `1:1 unknown-property: unknown property "ownr"; did you mean "owner"? | write "owner" instead of "ownr"`},
		{"enum", "owner: a\nkind: weekly\n", `2:7 enum: "weekly" is not one of hourly, daily, monthly | write one of these values`},
		{"enum by case", "owner: a\nkind: Daily\n", `2:7 enum: "Daily" is not one of hourly, daily, monthly | write "daily"`},
		{"maximum", "owner: a\nkind: daily\nthreshold: 1.5\n", `3:12 range: must be at most 1 (found 1.5) | write a number of 1 or less`},
		{"exclusive", "owner: a\nkind: daily\ndays: 0\n", `3:7 range: must be more than 0 (found 0) | write a number greater than 0`},
		{"quoted number", "owner: a\nkind: daily\nthreshold: \"0.5\"\n", `3:12 type: must be a number (found the text "0.5") | remove the quotes: 0.5`},
		{"number for text", "owner: 7\nkind: daily\n", `1:8 type: must be a text (found the number 7) | put it in quotes: "7"`},
		{"yes for true", "owner: a\nkind: daily\non: yes\n", `3:5 type: must be true or false: "yes" is a text in YAML 1.2 | write true`},
		{"nothing", "owner:\nkind: daily\n", `1:7 type: must be a text (found nothing) | write a value after the colon, or remove the key`},
		{"text for list", "owner: a\nkind: daily\ntags: x\n", `3:7 type: must be a list (found the text "x") | put it on a line of its own below the key, with "- " before it`},
		{"pattern with words", "owner: a\nkind: daily\ncode: ABCD\n", `3:7 pattern: "ABCD" does not have the form that is asked for here: Three small letters | write it like abc`},
		{"pattern alone", "owner: a\nkind: daily\nfree: y\n", `3:7 pattern: "y" does not have the form that is asked for here | write a text such as "x" (the form is ^x)`},
		{"items", "owner: a\nkind: daily\ntags: [abcd]\n", "3:7 length: must have at least 2 items (has 1) | add 1 item\n3:8 length: must have at most 3 characters (has 4) | shorten it by 1 character"},
		{"twice in a set", "owner: a\nkind: daily\ntags: [a, a]\n", `3:11 unique: "a" is in this list already, as item 1 | remove it, or write another value`},
		{"the branch that was meant", "owner: a\nkind: daily\ntarget:\n  type: s3\n  buket: x\n", `5:3 unknown-property: unknown property "buket"; did you mean "bucket"? | write "bucket" instead of "buket"`},
		{"no branch was meant", "owner: a\nkind: daily\ntarget:\n  type: ftp\n  url: x\n", `4:9 enum: "ftp" is not one of s3, http | write one of these values`},
		{"wrong kind for all branches", "owner: a\nkind: daily\ntarget: 1\neither: []\n", "3:9 alternatives: must be a mapping (found the number 1) | write a mapping here\n4:9 alternatives: must be a text or a whole number (found an empty list) | write a text or a whole number here"},
		{"missing in an item", "owner: a\nkind: daily\nnested:\n  - id: x\n  - name: y\n", `5:5 required: missing "id": add it to this item of "nested" | add "id: …" to this item of "nested", with a text`},
		{"odd property names", "owner: a\nkind: daily\na/b~c d%: x\n", `3:11 type: must be a whole number (found the text "x") | write a whole number here`},
		{"not a mapping", "- a\n", `1:1 type: must be a mapping (found a list) | write "name: value" lines in place of the list, without "- "`},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := fstest.MapFS{"s.json": {Data: []byte(people)}}
			if got := judge(t, files, "s.json", c.in); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func judge(t *testing.T, files fstest.MapFS, path, in string) string {
	t.Helper()
	s, found := NewSet(files).Compile(path)
	if s == nil {
		return lines(found)
	}
	docs, found := document.Parse([]byte(in), document.Limits{})
	if len(found) > 0 {
		t.Fatal(found)
	}
	return lines(s.Validate(docs[0]))
}

func lines(found []finding.Finding) string {
	var out []string
	for _, f := range found {
		line := fmt.Sprintf("%d:%d %s: %s | %s", f.At.Start.Line, f.At.Start.Column, f.Rule, f.Message, f.Fix)
		if f.Level != finding.Failure {
			line += " (" + string(f.Level) + ")"
		}
		if f.File != "" {
			line = f.File + ":" + line
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestSchemaFiles(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		in    string
		want  string
	}{
		{"a $ref to another file", map[string]string{"schemas/a.json": `{"properties":{"x":{"$ref":"common dir/ü.json#/$defs/n"}}}`, "schemas/common dir/ü.json": `{"$defs":{"n":{"type":"integer"}}}`},
			"x: y\n", `1:4 type: must be a whole number (found the text "y") | write a whole number here`},
		{"a $ref by the address that goes with the path", map[string]string{
			"schemas/a.json": `{"$id":"https://example.com/schemas/a.json","properties":{"x":{"$ref":"lib/b.json"}}}`, "schemas/lib/b.json": `{"$ref":"../c.json"}`, "schemas/c.json": `{"type":"integer"}`},
			"x: y\n", `1:4 type: must be a whole number (found the text "y") | write a whole number here`},
		{"a $ref by the $id of another file", map[string]string{
			"schemas/a.json": `{"properties":{"x":{"$ref":"https://example.com/shared/number#/$defs/n"}}}`, "schemas/b.json": `{"$id":"https://example.com/shared/number","$defs":{"n":{"type":"integer"}}}`},
			"x: y\n", `1:4 type: must be a whole number (found the text "y") | write a whole number here`},
		{"a $ref by a relative $id", map[string]string{
			"schemas/a.json": `{"$id":"https://example.com/types/shop","properties":{"x":{"$ref":"number"}}}`, "schemas/b.yaml": "$id: https://example.com/types/number\ntype: integer\n"},
			"x: y\n", `1:4 type: must be a whole number (found the text "y") | write a whole number here`},
		{"a $ref to a part of a draft", map[string]string{"schemas/a.json": `{"$schema":"http://json-schema.org/draft-07/schema#","properties":{
			"a":{"$ref":"http://json-schema.org/draft-04/schema#/properties/maxLength"},"b":{"$ref":"http://json-schema.org/draft-06/schema#/definitions/nonNegativeInteger"},
			"c":{"$ref":"http://json-schema.org/draft-07/schema#/properties/title"},"d":{"$ref":"https://json-schema.org/draft/2019-09/schema#/properties/definitions"},
			"e":{"$ref":"https://json-schema.org/draft/2020-12/schema#/properties/definitions"}}}`},
			"a: x\nb: -1\nc: 1\nd: 1\ne: {f: 1}\n", `1:4 type: must be a whole number (found the text "x") | write a whole number here
2:4 range: must be at least 0 (found -1) | write a number of 0 or more
3:4 type: must be a text (found the number 1) | put it in quotes: "1"
4:4 type: must be a mapping (found the number 1) | write a mapping here
5:8 type: must be a mapping, true or false (found the number 1) | write true`},
		{"a $ref to a draft that is none", map[string]string{"schemas/a.json": `{"$ref":"https://json-schema.org/draft/2031-01/schema#/x"}`}, "",
			`schemas/a.json:1:9 schema-invalid: a $ref leads outside of this repository: "https://json-schema.org/draft/2031-01/schema" | copy that schema into the repository and refer to it by a relative path`},
		{"two files that refer to each other", map[string]string{
			"schemas/a.json": `{"$schema":"http://json-schema.org/draft-07/schema#","$id":"https://example.com/a.json","properties":{"x":{"$ref":"b.json"},"n":{"type":"integer"}}}`, "schemas/b.json": `{"$id":"https://example.com/b.json","properties":{"y":{"$ref":"a.json"}}}`},
			"x: {y: {n: z}}\n", `1:12 type: must be a whole number (found the text "z") | write a whole number here`},
		{"an unknown standard", map[string]string{"schemas/a.json": "{\n  \"$schema\": \"https://json-schema.org/draft/2031-01/schema\"}"}, "",
			`schemas/a.json:2:14 schema-invalid: "$schema" names a standard that tamer does not know: "https://json-schema.org/draft/2031-01/schema" | write "https://json-schema.org/draft/2020-12/schema", or one of the drafts 2019-09, draft-07, draft-06 and draft-04 of json-schema.org`},
		{"a standard that is no text", map[string]string{"schemas/a.json": `{"$schema": 7}`}, "",
			`schemas/a.json:1:13 schema-invalid: "$schema" names a standard that tamer does not know: 7 | write "https://json-schema.org/draft/2020-12/schema", or one of the drafts 2019-09, draft-07, draft-06 and draft-04 of json-schema.org`},
		{"patterns that are none", map[string]string{"schemas/a.json": "{\"pattern\": \"[a\",\n\"properties\": {\"pattern\": {\"patternProperties\": {\"(\": true}}}}"}, "",
			`schemas/a.json:1:13 schema-invalid: "[a" is no regular expression: the "[" at character 1 is never closed | correct the expression; it follows the rules of JavaScript (ECMA-262)
schemas/a.json:2:50 schema-invalid: "(" is no regular expression: the "(" at character 1 is never closed | correct the expression; it follows the rules of JavaScript (ECMA-262)`},
		{"what looks like a pattern in data is none", map[string]string{"schemas/a.json": `{"enum":[{"pattern":"("}],"default":{"pattern":"("},"properties":{"default":{"pattern":"^(?!a)"}}}`},
			"{pattern: (}\n", ""},
		{"formats are warnings from 2019-09 on, whatever stands around them", map[string]string{"schemas/a.json": `{"properties":{"a":{"format":"date"},"b":{"anyOf":[{"format":"date"},{"format":"ipv4"}]},"c":{"not":{"format":"date"}},"d":{"oneOf":[{"format":"date"},{"type":"string"}]}}}`},
			"a: x\nb: x\nc: 2026-01-31\nd: 1\n", `1:4 format: "x" is not a date written as year-month-day | write it like 2026-01-31 (warning)
2:4 format: "x" is not a date written as year-month-day | write it like 2026-01-31 (warning)
3:4 not-allowed: the text "2026-01-31" is what the schema excludes here | write another value`},
		{"a schema without end", map[string]string{"schemas/a.json": `{"anyOf":[{"items":{"$ref":"#"},"minItems":1},{"items":{"$ref":"#"},"maxItems":1,"minItems":1}]}`},
			strings.Repeat("[", 150) + strings.Repeat("]", 150), `1:1 schema-invalid: the schema cannot judge this file: its references lead from one to the other too often | ask whoever keeps the schema to make it simpler at that point`},
		{"a pattern without end", map[string]string{"schemas/a.json": `{"pattern":"^(?!b)(a+)+$"}`},
			strings.Repeat("a", 60) + "b", `1:1 schema-invalid: the schema cannot judge this file: it takes too long to compare its texts with the pattern "^(?!b)(a+)+$", which backtracks | ask whoever keeps the schema to write the pattern without (?=, (?!, (?<=, (?<!, references such as \1 and more than 1,000 repetitions: it then takes no time`},
		{"a schema with an $id", map[string]string{"schemas/a.json": `{"$id":"https://example.com/a.json","$ref":"#/$defs/n","$defs":{"n":{"required":["k"]}}}`},
			"x: y\n", `1:1 required: missing "k": add it at the top level of the file | add "k: …" at the top level of the file`},
		{"a schema in YAML", map[string]string{"schemas/a.json": `{"$ref":"b.yaml"}`, "schemas/b.yaml": "type: object\nproperties:\n  x: {maximum: 3}\n"},
			"x: 4\n", `1:4 range: must be at most 3 (found 4) | write a number of 3 or less`},
		{"a schema in YAML with the name of JSON", map[string]string{"schemas/a.json": `{"type":"object",}`},
			"", `schemas/a.json:1:17 yaml: JSON takes no comma after the last item | remove the comma`},
		{"no such file", nil, "", `schemas/a.json:1:1 schema-invalid: there is no such schema file | add it, or change the layout in .tamer.yaml`},
		{"$ref to a missing file", map[string]string{"schemas/a.json": `{"$ref":"b.json"}`}, "", `schemas/a.json:1:9 schema-invalid: a $ref leads to a file that is not there: schemas/b.json | correct the $ref, or add the file`},
		{"$ref to the disk", map[string]string{"schemas/a.json": `{"$ref":"file:///etc/passwd"}`}, "", `schemas/a.json:1:9 schema-invalid: a $ref leads outside of this repository: "file:///etc/passwd" | copy that schema into the repository and refer to it by a relative path`},
		{"$ref to the net", map[string]string{"schemas/a.json": `{"$ref":"https://example.com/x.json"}`}, "", `schemas/a.json:1:9 schema-invalid: a $ref leads outside of this repository: "https://example.com/x.json" | copy that schema into the repository and refer to it by a relative path`},
		{"$ref that climbs", map[string]string{"schemas/a.json": `{"$ref":"../../x.json"}`}, "", `schemas/a.json:1:9 schema-invalid: a $ref leads to a file that is not there: x.json | correct the $ref, or add the file`},
		{"not a schema", map[string]string{"schemas/a.json": "{\n \"type\": \"strin\"}"}, "", `schemas/a.json:2:10 schema-invalid: "type" must be a list, or one of array, boolean, integer, "null", number, object, string (found the text "strin") | write "string"`},
		{"a list as schema", map[string]string{"schemas/a.json": "[]"}, "", `schemas/a.json:1:1 schema-invalid: a schema must be a mapping, true or false (found an empty list) | write a schema, such as {"type": "string"}`},
		{"broken JSON", map[string]string{"schemas/a.json": "{\n"}, "", `schemas/a.json:1:1 yaml: this "{" is never closed | close the mapping with "}", put a comma between its entries, and put texts that hold brackets or braces in quotes`},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for path, src := range c.files {
				files[path] = &fstest.MapFile{Data: []byte(src)}
			}
			if got := judge(t, files, "schemas/a.json", c.in); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// A file far away is found by its $id only where the tree lists it, and none is read for a $ref that its path answers.
func TestListedSchemas(t *testing.T) {
	files := fstest.MapFS{
		"schemas/a.json":    {Data: []byte(`{"properties":{"x":{"$ref":"https://example.com/number"}}}`)},
		"schemas/near.json": {Data: []byte(`{"$ref":"b.json"}`)},
		"schemas/b.json":    {Data: []byte(`{"type":"object"}`)},
		"other/n.json":      {Data: []byte(`{"$id":"https://example.com/number","type":"integer"}`)},
	}
	asked := 0
	set := NewListedSet(files, func() ([]string, error) { asked++; return []string{"schemas/a.json", "other/n.json"}, nil }, nil)
	if s, found := set.Compile("schemas/near.json"); s == nil || asked != 0 {
		t.Errorf("%v, and the list was asked for %d times", found, asked)
	}
	if s, found := set.Compile("schemas/a.json"); s == nil || asked != 1 || len(s.Files()) != 2 {
		t.Errorf("%v, and the list was asked for %d times", found, asked)
	}
	if s, _ := NewSet(files).Compile("schemas/a.json"); s != nil {
		t.Error("a file that nobody lists is found")
	}
}
