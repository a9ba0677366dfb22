package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/near"
)

// explain says a fault in words, at the place where a person must type.
func (f fault) explain(doc *document.Document) []finding.Finding {
	switch f.keyword {
	case "additionalProperties", "unevaluatedProperties", "propertyNames":
		return f.unknown(doc)
	case "required", "dependentRequired":
		return f.missing(doc)
	}
	explained, ok := wordings[f.keyword]
	if !ok {
		explained = wording{"schema", func(f fault) (string, string) {
			return fmt.Sprintf("%s does not satisfy the schema: %s", show(f.value), f.reason), "compare it with a configuration that works"
		}}
	}
	message, fix := explained.words(f)
	spot := doc.Find(f.at)
	return []finding.Finding{f.finding(explained.rule, spot.Value, f.at, message, fix)}
}

func (f fault) finding(rule string, at finding.Span, tokens []string, message, fix string) finding.Finding {
	return finding.Finding{Rule: rule, Level: finding.Failure, At: at, Pointer: document.Pointer(tokens), Message: message, Fix: fix}
}

// unknown reports every property that the schema does not know, at its key.
func (f fault) unknown(doc *document.Document) []finding.Finding {
	at, m := f.at, f.value
	names := []string{}
	if f.keyword == "unevaluatedProperties" && len(f.at) > 0 {
		at, names = f.at[:len(f.at)-1], f.at[len(f.at)-1:]
	} else {
		for name := range asObject(m) {
			if !f.knows(name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	known := slices.Sorted(maps.Keys(asObject(f.schema["properties"])))
	var found []finding.Finding
	for _, name := range names {
		message := fmt.Sprintf("unknown property %s", quote(name))
		fix := "remove it"
		if meant, ok := near.Name(name, without(known, m)); ok {
			message += fmt.Sprintf("; did you mean %s?", quote(meant))
			fix = fmt.Sprintf("write %s instead of %s", quote(meant), quote(name))
		} else if len(known) > 0 {
			fix = "remove it, or use one of " + list(anys(known))
		}
		spot := doc.KeyOf(at, name)
		found = append(found, f.finding("unknown-property", cmp.Or(spot.Key, spot.Value), append(slices.Clone(at), name), message, fix))
	}
	return found
}

// knows tells whether the schema object that holds the fault names a property.
func (f fault) knows(name string) bool {
	if _, ok := asObject(f.schema["properties"])[name]; ok {
		return true
	}
	for pattern := range asObject(f.schema["patternProperties"]) {
		if re, err := regexp.Compile(pattern); err == nil && re.MatchString(name) {
			return true
		}
	}
	return false
}

// missing reports every property that must be there and is not, at the mapping's key. One that stands there misspelt is
// reported as the misspelling only.
func (f fault) missing(doc *document.Document) []finding.Finding {
	m := asObject(f.value)
	var names []string
	if f.keyword == "required" {
		for _, r := range asList(f.limit) {
			if name, ok := r.(string); ok {
				names = append(names, name)
			}
		}
	} else if name, ok := f.limit.(string); ok {
		names = []string{name}
	}
	spot := doc.Find(f.at)
	where := "at the top level of the file"
	if n := len(f.at); n > 0 {
		where = "under " + quote(f.at[n-1])
		if index(f.at[n-1], 1<<30) >= 0 {
			where = "to this item"
		}
	}
	var found []finding.Finding
	for _, name := range names {
		if _, has := m[name]; has || f.misspelt(name, m) {
			continue
		}
		found = append(found, f.finding("required", cmp.Or(spot.Key, spot.Value), f.at,
			fmt.Sprintf("missing %s", quote(name)), fmt.Sprintf("add %s %s", quote(name), where)))
	}
	return found
}

// misspelt tells whether m holds an unknown property that would be taken for name, in a schema that reports unknown ones.
func (f fault) misspelt(name string, m map[string]any) bool {
	if closed, ok := f.schema["additionalProperties"].(bool); !ok || closed {
		return false
	}
	known := without(slices.Sorted(maps.Keys(asObject(f.schema["properties"]))), m)
	for other := range m {
		if meant, ok := near.Name(other, known); ok && meant == name && !f.knows(other) {
			return true
		}
	}
	return false
}

func without(names []string, m any) []string {
	has := asObject(m)
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { _, in := has[n]; return in })
}

func asObject(v any) map[string]any { m, _ := v.(map[string]any); return m }
func asList(v any) []any            { l, _ := v.([]any); return l }

func anys(names []string) []any {
	out := make([]any, len(names))
	for i, n := range names {
		out[i] = n
	}
	return out
}

// A wording says a fault of one keyword: which rule it is, what is wrong, and what to write.
type wording struct {
	rule  string
	words func(fault) (message, fix string)
}

var wordings = map[string]wording{
	"type": {"type", func(f fault) (string, string) {
		want := typeNames(f.limit)
		return fmt.Sprintf("must be %s (found %s)", want, describe(f.value)), typeFix(f.limit, f.value)
	}},
	"enum": {"enum", func(f fault) (string, string) { return oneOfThese(f.value, cmpList(f.choices, asList(f.limit))) }},
	"const": {"enum", func(f fault) (string, string) {
		return oneOfThese(f.value, cmpList(f.choices, []any{f.limit}))
	}},
	"oneOf":            {"alternatives", alternativesWords},
	"anyOf":            {"alternatives", alternativesWords},
	"pattern":          {"pattern", patternWords},
	"format":           {"format", func(f fault) (string, string) { return formatWords(f) }},
	"minimum":          {"range", bound("must be at least %s (found %s)", "write a number of %s or more")},
	"maximum":          {"range", bound("must be at most %s (found %s)", "write a number of %s or less")},
	"exclusiveMinimum": {"range", bound("must be more than %s (found %s)", "write a number greater than %s")},
	"exclusiveMaximum": {"range", bound("must be less than %s (found %s)", "write a number smaller than %s")},
	"multipleOf":       {"range", bound("must be a multiple of %s (found %s)", "write a multiple of %s")},
	"minLength":        {"length", count("must have at least %s (has %s)", "character", "write a longer text")},
	"maxLength":        {"length", count("must have at most %s (has %s)", "character", "shorten it")},
	"minItems":         {"length", count("must have at least %s (has %s)", "item", "add items")},
	"maxItems":         {"length", count("must have at most %s (has %s)", "item", "remove items")},
	"minProperties":    {"length", count("must have at least %s (has %s)", "entry", "add entries")},
	"maxProperties":    {"length", count("must have at most %s (has %s)", "entry", "remove entries")},
	"uniqueItems": {"unique", func(f fault) (string, string) {
		return "every item must be there once only: " + f.reason, "remove the repeated item"
	}},
	"contains":    {"contains", containsWords},
	"minContains": {"contains", containsWords},
	"not": {"not-allowed", func(f fault) (string, string) {
		return show(f.value) + " is what the schema excludes here", "write another value"
	}},
	"false": {"not-allowed", func(f fault) (string, string) { return "nothing may stand here", "remove it" }},
	"additionalItems": {"length", func(f fault) (string, string) {
		return "has more items than the schema allows: " + f.reason, "remove the last items"
	}},
	"unevaluatedItems": {"length", func(f fault) (string, string) { return "this item is more than the schema allows", "remove it" }},
}

func cmpList(first, second []any) []any {
	if len(first) > 0 {
		return first
	}
	return second
}

func bound(message, fix string) func(fault) (string, string) {
	return func(f fault) (string, string) {
		limit := show(f.limit)
		if exclusive := f.keyword; strings.HasPrefix(exclusive, "exclusive") {
			if _, draft4 := f.limit.(bool); draft4 {
				limit = show(f.schema[map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}[exclusive]])
			}
		}
		return fmt.Sprintf(message, limit, show(f.value)), fmt.Sprintf(fix, limit)
	}
}

func count(message, unit, fix string) func(fault) (string, string) {
	return func(f fault) (string, string) {
		has := 0
		switch v := f.value.(type) {
		case string:
			has = len([]rune(v))
		case []any:
			has = len(v)
		case map[string]any:
			has = len(v)
		}
		return fmt.Sprintf(message, plural(show(f.limit), unit), strconv.Itoa(has)), fix
	}
}

func plural(n, unit string) string {
	if n == "1" {
		return n + " " + unit
	}
	return n + " " + strings.TrimSuffix(unit, "y") + map[bool]string{true: "ies", false: "s"}[strings.HasSuffix(unit, "y")]
}

func oneOfThese(value any, choices []any) (message, fix string) {
	var texts []any
	for _, c := range choices {
		if !slices.ContainsFunc(texts, func(o any) bool { return show(o) == show(c) }) {
			texts = append(texts, c)
		}
	}
	fix = "write one of these values"
	if len(texts) == 1 {
		fix = "write " + show(texts[0])
	}
	if meant, ok := nearest(value, texts); ok {
		fix = "write " + meant
	}
	if len(texts) == 1 {
		return fmt.Sprintf("must be %s (found %s)", show(texts[0]), describe(value)), fix
	}
	return fmt.Sprintf("%s is not one of %s", describe(value), list(texts)), fix
}

// nearest gives the choice that a text was meant to be: equal but for case, or a misspelling.
func nearest(value any, choices []any) (string, bool) {
	word, ok := value.(string)
	if !ok {
		return "", false
	}
	var names []string
	for _, c := range choices {
		if s, ok := c.(string); ok {
			if strings.EqualFold(s, word) {
				return quote(s), true
			}
			names = append(names, s)
		}
	}
	meant, ok := near.Name(word, names)
	return quote(meant), ok
}

func containsWords(fault) (string, string) {
	return "none of the items is of the kind that must be among them", "add the missing item"
}

func alternativesWords(f fault) (string, string) {
	if len(f.choices) > 0 {
		var kinds []any
		for _, c := range f.choices {
			if l, ok := c.([]any); ok {
				kinds = append(kinds, l...)
			} else {
				kinds = append(kinds, c)
			}
		}
		return fmt.Sprintf("must be %s (found %s)", typeNames(kinds), describe(f.value)), "write a value of that kind"
	}
	return fmt.Sprintf("%s matches more than one of the alternatives, and must match exactly one", show(f.value)),
		"leave out what belongs to another alternative"
}

func patternWords(f fault) (string, string) {
	about, _ := cmp.Or(f.schema["description"], f.schema["title"]).(string)
	examples := asList(f.schema["examples"])
	message := fmt.Sprintf("%s does not have the form that is asked for here", show(f.value))
	if about != "" {
		message += ": " + strings.TrimSuffix(about, ".")
	} else {
		message += fmt.Sprintf(" (%s)", show(f.limit))
	}
	if len(examples) > 0 {
		return message, "write it like " + list(examples)
	}
	return message, fmt.Sprintf("change it to match %v", f.limit)
}

func formatWords(f fault) (string, string) {
	name, _ := f.limit.(string)
	if ex, ok := formatExamples[name]; ok {
		return fmt.Sprintf("%s is not a valid %s", show(f.value), name), "write it like " + quote(ex)
	}
	return fmt.Sprintf("%s is not a valid %s", show(f.value), name), "correct the value"
}

var formatExamples = map[string]string{
	"date": "2026-01-31", "time": "09:30:00Z", "date-time": "2026-01-31T09:30:00Z", "duration": "P3D", "email": "name@example.com",
	"hostname": "www.example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "uri": "https://example.com/path", "uri-reference": "/path",
	"uuid": "123e4567-e89b-12d3-a456-426614174000", "json-pointer": "/a/b", "regex": "^[a-z]+$",
}

func typeNames(limit any) string {
	names := asList(limit)
	if s, ok := limit.(string); ok {
		names = []any{s}
	}
	var words []string
	for _, n := range names {
		if w := kindNames[fmt.Sprint(n)]; w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return strings.Join(words, " or ")
}

var kindNames = map[string]string{
	"string": "a text", "number": "a number", "integer": "a whole number", "boolean": "true or false", "object": "a mapping", "array": "a list", "null": "empty",
}

func typeFix(limit, value any) string {
	want, _ := limit.(string)
	switch v := value.(type) {
	case string:
		if json.Valid([]byte(v)) && (want == "number" || want == "integer" || want == "boolean") {
			return "remove the quotes: " + v
		}
		if want == "boolean" {
			return "write true or false"
		}
		if want == "array" {
			return `put it on a line of its own below the key, with "- " before it`
		}
	case json.Number, bool:
		if want == "string" {
			return fmt.Sprintf("put it in quotes: %s", quote(fmt.Sprint(v)))
		}
	case nil:
		return "write a value after the colon, or remove the key"
	}
	return fmt.Sprintf("write %s here", typeNames(limit))
}

// describe names a value with its kind, for people who do not see types.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return "the text " + show(v)
	case json.Number:
		return "the number " + v.String()
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	}
	return show(v)
}

// maxShown bounds how much of a value a message repeats, in characters.
const maxShown = 60

func show(v any) string {
	if s, ok := v.(string); ok {
		return quote(s)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return cut(string(b))
}

func quote(s string) string { return strconv.Quote(cut(s)) }

func cut(s string) string {
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return s
}

// maxListed bounds how many alternatives a message names.
const maxListed = 12

func list(vs []any) string {
	var words []string
	for _, v := range vs[:min(len(vs), maxListed)] {
		word := show(v)
		if s, ok := v.(string); ok {
			word = cut(s)
		}
		words = append(words, word)
	}
	if n := len(vs) - maxListed; n > 0 {
		words = append(words, fmt.Sprintf("or %d others", n))
	}
	return strings.Join(words, ", ")
}
