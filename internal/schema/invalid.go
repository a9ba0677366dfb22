package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/finding"
)

// explainInvalid says what in a schema is not as its draft has it.
func (l *loader) explainInvalid(ve *jsonschema.ValidationError) []finding.Finding {
	name := l.order[len(l.order)-1] // the library does not say which file it judged: it is the one that was loaded last
	doc := l.docs[name]
	l.asWritten(ve)
	var found []finding.Finding
	for _, f := range tidy(standardSchema().faults(ve, doc.Value)) {
		for _, x := range f.explain(doc) {
			if strings.HasPrefix(x.Message, "must ") {
				x.Message = subject(f.at) + " " + x.Message
			}
			if remedy := f.remedy(); remedy != "" {
				x.Fix = remedy
			}
			x.Rule, x.File = "schema-invalid", name
			found = append(found, x)
		}
	}
	if len(found) == 0 {
		found = []finding.Finding{{Rule: "schema-invalid", Level: finding.Failure, File: name, At: doc.Find(nil).Value,
			Message: "this is not a valid JSON Schema: " + plain(ve), Fix: "compare it with a schema that works"}}
	}
	return found
}

// asWritten puts the names of patternProperties as they are written into the places of errors.
func (l *loader) asWritten(ve *jsonschema.ValidationError) {
	tokens := locationTokens(ve.InstanceLocation)
	ve.InstanceLocation = ""
	for _, t := range tokens {
		if original, ok := l.names[t]; ok {
			t = original
		}
		ve.InstanceLocation += "/" + escapeLocation(t)
	}
	for _, cause := range ve.Causes {
		l.asWritten(cause)
	}
}

// subject names what a place in a schema holds.
func subject(at []string) string {
	n := len(at)
	switch {
	case n == 0:
		return "a schema"
	case n > 1 && index(at[n-1], 1<<30) >= 0:
		return fmt.Sprintf("item %d of %q", index(at[n-1], 1<<30)+1, at[n-2])
	}
	return fmt.Sprintf("%q", at[n-1])
}

// remedies are what to write where a keyword has a value of a kind that it has in another draft.
var remedies = map[string]map[string]string{
	"items":            {"array": `write "prefixItems" instead of "items", or add "$schema": "http://json-schema.org/draft-07/schema#", by which "items" may be a list`},
	"required":         {"boolean": `write a list of the properties that must be there, beside "properties", such as "required": ["name"]`},
	"exclusiveMinimum": {"boolean": `write the number instead, and leave "minimum" out`, "number": `write the number as "minimum", and true here`},
	"exclusiveMaximum": {"boolean": `write the number instead, and leave "maximum" out`, "number": `write the number as "maximum", and true here`},
}

// typesMeant are the types of JSON Schema by what people call them elsewhere.
var typesMeant = map[string]string{
	"text": "string", "str": "string", "date": "string", "int": "integer", "float": "number", "double": "number", "decimal": "number",
	"bool": "boolean", "map": "object", "mapping": "object", "dict": "object", "list": "array", "none": "null", "nil": "null",
}

// remedy is what to write in a schema, where that is not what one would write in a configuration; "" where it is.
func (f fault) remedy() string {
	n := len(f.at)
	if n > 0 && f.at[n-1] == "type" || n > 1 && f.at[n-2] == "type" {
		word, _ := f.value.(string)
		if meant := typesMeant[strings.ToLower(word)]; meant != "" {
			return "write " + quote(meant)
		}
		if word == "" && f.keyword == "anyOf" {
			return "write one of these values in quotes, or a list of them"
		}
	}
	if f.keyword != "type" {
		return ""
	}
	if n > 0 && standardPlace(f.at[:n-1]) && remedies[f.at[n-1]][kindOf(f.value)] != "" {
		return remedies[f.at[n-1]][kindOf(f.value)]
	}
	kind, isText := f.value.(string)
	switch {
	case !slices.Equal(f.wanted(), []string{"object", "boolean"}), isText && isYes(kind):
		return ""
	case kindNames[kind] == "":
		kind = "string"
	}
	return fmt.Sprintf(`write a schema, such as {"type": %q}`, kind)
}
