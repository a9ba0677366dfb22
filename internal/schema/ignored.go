package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/near"
)

// drafts are the versions of the standard, the oldest first.
var drafts = []string{"draft-04", "draft-06", "draft-07", "2019-09", "2020-12"}

// keywordsSince are the keywords that came with each of drafts.
var keywordsSince = [][]string{
	{"$schema", "$ref", "id", "title", "description", "default", "definitions", "type", "enum", "format", "allOf", "anyOf", "oneOf", "not",
		"multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern",
		"items", "additionalItems", "maxItems", "minItems", "uniqueItems",
		"properties", "patternProperties", "additionalProperties", "maxProperties", "minProperties", "required", "dependencies"},
	{"$id", "const", "contains", "propertyNames", "examples"},
	{"$comment", "if", "then", "else", "readOnly", "writeOnly", "contentMediaType", "contentEncoding"},
	{"$defs", "$anchor", "$vocabulary", "$recursiveRef", "$recursiveAnchor", "dependentRequired", "dependentSchemas", "maxContains", "minContains",
		"unevaluatedItems", "unevaluatedProperties", "contentSchema", "deprecated"},
	{"prefixItems", "$dynamicRef", "$dynamicAnchor"},
}

// insteadOf is what a draft that does not know a keyword has in its place, "" for nothing. Keywords that judge no value are not among
// these: a draft that does not know them loses nothing.
var insteadOf = map[string]string{
	"const": `"enum" with one value`, "contains": "", "propertyNames": "", "if": "", "dependentRequired": `"dependencies"`,
	"dependentSchemas": `"dependencies"`, "maxContains": "", "minContains": "", "unevaluatedItems": "", "unevaluatedProperties": "",
	"prefixItems": `"items" with a list`, "$recursiveRef": `"$ref"`, "$dynamicRef": `"$ref"`,
}

// unlikely are the keywords that an unknown word is not taken for: by these nothing is judged, and other tools have words like them.
var unlikely = []string{"$comment", "examples", "$defs", "definitions", "$vocabulary"}

func draftOf(value any) int {
	name, _, _ := standardOf(value)
	last := len(drafts) - 1
	for i, draft := range drafts[:last] {
		if strings.Contains(name, draft) {
			return i
		}
	}
	return last
}

// cameWith gives the draft that a keyword came with; -1 for what is no keyword.
func cameWith(keyword string) int {
	return slices.IndexFunc(keywordsSince, func(all []string) bool { return slices.Contains(all, keyword) })
}

// An ignorance finds what a draft ignores in schema objects though somebody meant it to be checked.
type ignorance struct {
	draft  int
	named  bool              // by $schema
	likely map[string]string // what a misspelt word may have been meant for, by its bareName
	names  *near.Names       // the keys of likely
}

func newIgnorance(root any) *ignorance {
	_, named, _ := standardOf(root)
	i := &ignorance{draft: draftOf(root), named: named, likely: map[string]string{}}
	for _, keyword := range slices.Concat(keywordsSince[:i.draft+1]...) {
		if len(keyword) > 3 && !slices.Contains(unlikely, keyword) { // anything is near to the shortest
			i.likely[bareName(keyword)] = keyword
		}
	}
	i.names = near.NewNames(slices.Collect(maps.Keys(i.likely)))
	return i
}

// in gives the findings in the object that tokens lead to.
func (i *ignorance) in(m map[string]any, file string, doc *document.Document, tokens []string) []finding.Finding {
	var found []finding.Finding
	for key := range m {
		message, fix := i.about(key, m)
		if message == "" {
			continue
		}
		found = append(found, finding.Finding{Rule: "schema-keyword", Level: finding.Warning, File: file, At: doc.KeyOf(tokens, key).Key,
			Pointer: document.Pointer(slices.Concat(tokens, []string{key})), Message: message, Fix: fix})
	}
	return found
}

// about says what is wrong with a key of a schema object; "" for nothing.
func (i *ignorance) about(key string, m map[string]any) (message, fix string) {
	since := cameWith(key)
	instead, judges := insteadOf[key]
	draft := drafts[i.draft]
	switch {
	case strings.HasPrefix(key, "x-"), strings.HasPrefix(key, "_"), strings.HasPrefix(key, "$$"): // annotations, by their names
	case since < 0:
		if meant := i.nearest(key); meant != "" && !has(m, meant) {
			return fmt.Sprintf("%s is no keyword of JSON Schema, so it checks nothing; did you mean %q?", quote(key), meant),
				fmt.Sprintf("write %q instead of %s", meant, quote(key))
		}
	case since > i.draft && judges:
		fix = `name 2020-12 in "$schema"`
		if instead != "" {
			fix = "use " + instead + ", or " + fix
		}
		return fmt.Sprintf("%s does not know %q, so it checks nothing", draft, key), fix
	case key == "additionalItems" && draft == "2020-12":
		if !i.named {
			draft = `2020-12, which counts where no "$schema" names another,`
		}
		return draft + ` does not know "additionalItems", so it checks nothing`, `use "items", which is for all items after those of "prefixItems"`
	}
	return "", ""
}

// nearest gives the keyword that a word was likely meant for; "" for none. It takes fewer edits for a misspelling than nearName does:
// any annotation may stand beside keywords, and many are made of the same parts.
func (i *ignorance) nearest(word string) string {
	m := i.names.Nearest(bareName(word))
	if m.Edits > 1+len(word)/8 {
		return ""
	}
	return i.likely[m.Name]
}
