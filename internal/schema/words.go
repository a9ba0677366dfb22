package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/near"
)

func otherWords(f fault) (string, string) {
	return fmt.Sprintf("%s does not satisfy the schema: %s", show(f.value), f.reason), "compare it with a configuration that works"
}

func typeWords(f fault) (string, string) {
	want := f.wanted()
	if n, ok := f.value.(json.Number); ok && slices.Contains(want, "integer") && !slices.Contains(want, "number") {
		return fmt.Sprintf("must be %s (found %s)", typeNames(f.limit), n), "write a number without a fraction" + rounded(n)
	}
	message := fmt.Sprintf("must be %s (found %s)", typeNames(f.limit), describe(f.value))
	if f.value == nil && len(f.at) == 0 {
		return fmt.Sprintf("must be %s, and holds nothing", typeNames(f.limit)), "write " + map[bool]string{true: `"name: value" lines`, false: kindList(want)}[slices.Contains(want, "object")]
	}
	if s, ok := f.value.(string); ok && slices.Contains(want, "boolean") && isYes(s) {
		message = fmt.Sprintf("must be %s: %s is a text in YAML 1.2", typeNames(f.limit), quote(s))
	}
	return message, f.typeFix(want)
}

func rounded(n json.Number) string {
	r, ok := new(big.Rat).SetString(n.String())
	if !ok || r.IsInt() && !strings.ContainsAny(n.String(), ".eE") {
		return ""
	}
	whole := new(big.Int).Quo(r.Num(), r.Denom())
	return ", such as " + whole.String()
}

func isYes(s string) bool {
	b, ok := truth[strings.ToLower(s)]
	return ok && b != strings.ToLower(s)
}

func (f fault) typeFix(want []string) string {
	switch v := f.value.(type) {
	case string:
		if text, ok := unquoted(v, want); ok {
			if text != v {
				return "write " + text
			}
			return "remove the quotes: " + text
		}
		switch {
		case leadingNumber.MatchString(v) && len(want) == 1 && (want[0] == "integer" || want[0] == "number"):
			return "write the number alone: " + leadingNumber.FindStringSubmatch(v)[1]
		case slices.Contains(want, "array") && len(want) == 1:
			return f.asItem()
		case slices.Contains(want, "boolean"):
			return "write true or false"
		case slices.Contains(want, "object") && gluedEntry.MatchString(v):
			entry := gluedEntry.FindStringSubmatch(v)
			return "put an ordinary space after the colon: " + quote(strings.TrimSpace(entry[1]+": "+entry[2]))
		}
	case json.Number, bool:
		if slices.Contains(want, "string") {
			return fmt.Sprintf("put it in quotes: %s", quote(fmt.Sprint(v)))
		}
		if slices.Contains(want, "array") && len(want) == 1 {
			return f.asItem()
		}
		if b, ok := map[string]string{"1": "true", "0": "false"}[fmt.Sprint(v)]; ok && slices.Contains(want, "boolean") {
			return "write " + b
		}
	case nil:
		return "write a value after the colon, or remove the key"
	case map[string]any:
		if f.brackets && slices.Contains(want, "array") {
			return f.asItem()
		} else if f.brackets {
			return "write " + kindList(want) + " in place of what is between { and }"
		}
		if slices.Contains(want, "array") {
			return `begin each item of the list with "- "`
		}
		if len(v) > 0 {
			return fmt.Sprintf("write %s in place of the lines below the key", kindList(want))
		}
	case []any:
		if f.brackets && slices.Contains(want, "object") {
			return "write names with their values between { and } in place of the list"
		}
		if slices.Contains(want, "object") {
			return `write "name: value" lines in place of the list, without "- "`
		}
		if len(v) == 1 {
			return fmt.Sprintf("write %s after the colon, not a list", kindList(want))
		}
	}
	return fmt.Sprintf("write %s here", kindList(want))
}

// asItem says how to make a list of the one value that stands there.
func (f fault) asItem() string {
	if f.brackets {
		return "put [ before it and ] after it"
	}
	return `put it on a line of its own below the key, with "- " before it`
}

// kindList is what may be written; that the value may be left out is not among it.
func kindList(names []string) string {
	if len(names) > 1 {
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "null" })
	}
	return typeNames(anys(names))
}

var leadingNumber = regexp.MustCompile(`^(-?[0-9]+) ?[A-Za-z%€$]+$`)

// gluedEntry is a key and its value on one line without a space between them, or with one that is no space in YAML.
var gluedEntry = regexp.MustCompile(`^([A-Za-z_][\w.-]*):\x{a0}*([^/\s][^\n]{0,60})?$`)

func enumWords(f fault) (message, fix string) {
	return oneOfThese(f.value, cmpList(f.choices, allowed(f)))
}

func cmpList(first, second []any) []any {
	if len(first) > 0 {
		return first
	}
	return second
}

func oneOfThese(value any, choices []any) (message, fix string) {
	var texts []any
	seen := map[string]bool{}
	for _, c := range choices {
		if text := show(c); !seen[text] {
			seen[text] = true
			texts = append(texts, c)
		}
	}
	if len(texts) == 0 {
		return "no value is allowed here", "remove it"
	}
	fix = "write one of these values"
	if len(texts) > maxListed {
		fix = "write one of the values that the schema lists"
	}
	if len(texts) == 1 {
		fix = "write " + show(texts[0])
	}
	if meant, ok := nearest(value, texts); ok {
		fix = "write " + quote(meant)
	}
	if other, ok := alike(value, texts); ok {
		return fmt.Sprintf("%s looks the same as a value that is allowed here, and its letters are put together in another way: %+q, not %+q", show(value), cut(fmt.Sprint(value)), cut(other)),
			"write " + quote(other) + ", copied from here"
	}
	if len(texts) == 1 {
		return fmt.Sprintf("must be %s (found %s)", show(texts[0]), describe(value)), fix
	}
	for _, c := range texts {
		if kindOf(c) != kindOf(value) && fmt.Sprint(c) == fmt.Sprint(value) {
			if kindOf(c) == "string" {
				return fmt.Sprintf("%s without quotes is no text, and not one of %s", show(value), list(texts)), "put it in quotes: " + show(c)
			}
			return fmt.Sprintf("%s in quotes is a text, and not one of %s", show(value), list(texts)), "remove the quotes: " + show(c)
		}
	}
	if value == nil {
		return "has no value: must be one of " + list(texts), "write one of these values after the colon"
	}
	return fmt.Sprintf("%s is not one of %s", found(value), list(texts)), fix
}

// alike gives the choice that looks the same as a text.
func alike(value any, choices []any) (string, bool) {
	word, _ := value.(string)
	for _, c := range choices {
		if s, ok := c.(string); ok && near.Alike(s, word) {
			return s, true
		}
	}
	return "", false
}

// found is how a value is named at the beginning of a message.
func found(v any) string {
	switch v.(type) {
	case string, json.Number, bool:
		return show(v)
	}
	return describe(v)
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
				return s, true
			}
			names = append(names, s)
		}
	}
	return nearName(word, names)
}

// bareName is a name without what people often write otherwise.
func bareName(s string) string { return near.Fold(withoutJoints.Replace(s)) }

var withoutJoints = strings.NewReplacer("-", "", "_", "", " ", "")

// maxNear bounds how many names are compared with one that may be misspelt.
const maxNear = 2000

// nearName is near.Name for what people write: capitals, dashes and underscores matter less. A word of one or two letters is near
// to every other, so it must begin like the name.
func nearName(word string, names []string) (string, bool) {
	if len(names) > maxNear {
		return "", false
	}
	if own, ok := strings.CutPrefix(word, ownPrefix); ok && own != "" { // else the prefix counts as letters that are right
		var others []string
		for _, n := range names {
			if other, ok := strings.CutPrefix(n, ownPrefix); ok {
				others = append(others, other)
			}
		}
		if meant, found := nearName(own, others); found {
			return ownPrefix + meant, true
		}
		return "", false
	}
	bare := bareName(word)
	for _, n := range names {
		if bareName(n) == bare {
			return n, true
		}
	}
	if first := []rune(word); len(first) < 3 {
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return word == "" || !strings.HasPrefix(n, string(first[:1])) })
	}
	return near.Name(word, names)
}

// aboutSchema says in a few words what a schema wants.
func aboutSchema(m map[string]any) string {
	if t, ok := m["title"].(string); ok {
		return quote(t)
	}
	if c, ok := m["const"]; ok {
		return show(c)
	}
	if choices := asList(m["enum"]); len(choices) > 0 {
		return "one of " + list(choices)
	}
	for _, name := range slices.Sorted(mapKeys(asObject(m["properties"]))) {
		if c, ok := asObject(asObject(m["properties"])[name])["const"]; ok {
			return "an item with " + name + ": " + plainValue(c)
		}
	}
	if req := requiredOnly(m); req != "" {
		return "an item with " + req
	}
	if kind := typeNames(m["type"]); kind != "" {
		return kind
	}
	if p, ok := m["pattern"].(string); ok {
		return "a text of the form " + p
	}
	return "an item of the kind that the schema asks for"
}

// excluded is the property that a "not" excludes, where that is all it says.
func excluded(f fault) []string {
	if names := asList(asObject(f.limit)["required"]); len(names) > 0 {
		name, _ := names[len(names)-1].(string)
		return append(slices.Clone(f.at), name)
	}
	return f.at
}

func notWords(f fault) (string, string) {
	m := asObject(f.limit)
	if f.limit == true || m != nil && len(m) == 0 { // then nothing is allowed
		return falseWords(f)
	}
	if f.value == nil && m["type"] == "null" {
		return "must not be empty", "write a value after the colon, or remove the key"
	}
	if names := asList(m["required"]); len(names) == 1 {
		return show(names[0]) + " must not stand here", "remove " + show(names[0])
	} else if len(names) > 1 {
		return requiredTogether(names) + " cannot stand together", "remove one of them"
	}
	if _, ok := m["const"]; ok {
		return found(f.value) + " is not allowed here", "write another value"
	}
	if choices := asList(m["enum"]); len(choices) > 0 {
		return fmt.Sprintf("%s is not allowed here, nor are the others of %s", found(f.value), list(choices)), "write another value"
	}
	if kind := typeNames(m["type"]); kind != "" {
		return fmt.Sprintf("must not be %s (found %s)", kind, describe(f.value)), "write a value of another kind, or remove it"
	}
	if p, ok := m["pattern"].(string); ok {
		return fmt.Sprintf("%s has a form that is not allowed here: it must not match %s", show(f.value), p), "write another text"
	}
	return describe(f.value) + " is what the schema excludes here", "write another value"
}

func requiredTogether(names []any) string {
	var out []string
	for _, n := range names {
		out = append(out, show(n))
	}
	return strings.Join(out, " and ")
}

func falseWords(f fault) (string, string) {
	if n := len(f.at); n > 0 {
		if places := len(asList(f.schema["prefixItems"])); places > 0 {
			return fmt.Sprintf("must have at most %s, and this is one more", plural(places, "item")), "remove it"
		}
		if index(f.at[n-1], 1<<30) >= 0 {
			return "there is no place for this item", "remove it"
		}
		return fmt.Sprintf("%s is not allowed here", quote(f.at[n-1])), "remove " + quote(f.at[n-1])
	}
	return "nothing may stand in this file", "remove the file"
}

func typeNames(limit any) string {
	names := asList(limit)
	if s, ok := limit.(string); ok {
		names = []any{s}
	}
	var words []string
	for _, n := range names {
		if n == "integer" && slices.Contains(names, any("number")) {
			continue
		}
		if n == "boolean" && len(names) > 1 {
			words = append(words, "true", "false")
		} else if w := kindNames[fmt.Sprint(n)]; w != "" && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	if n := len(words); n > 2 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, " or ")
}

var kindNames = map[string]string{
	"string": "a text", "number": "a number", "integer": "a whole number", "boolean": "true or false", "object": "a mapping", "array": "a list", "null": "left empty",
}
