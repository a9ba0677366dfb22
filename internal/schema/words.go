package schema

import (
	"cmp"
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
	return message, typeFix(want, f.value)
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

func typeFix(want []string, value any) string {
	switch v := value.(type) {
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
			return `put it on a line of its own below the key, with "- " before it`
		case slices.Contains(want, "boolean"):
			return "write true or false"
		}
	case json.Number, bool:
		if slices.Contains(want, "string") {
			return fmt.Sprintf("put it in quotes: %s", quote(fmt.Sprint(v)))
		}
		if slices.Contains(want, "array") && len(want) == 1 {
			return `put it on a line of its own below the key, with "- " before it`
		}
		if b, ok := map[string]string{"1": "true", "0": "false"}[fmt.Sprint(v)]; ok && slices.Contains(want, "boolean") {
			return "write " + b
		}
	case nil:
		return "write a value after the colon, or remove the key"
	case map[string]any:
		if slices.Contains(want, "array") {
			return `begin each item of the list with "- "`
		}
		if len(v) > 0 {
			return fmt.Sprintf("write %s in place of the lines below the key", kindList(want))
		}
	case []any:
		if slices.Contains(want, "object") {
			return `write "name: value" lines in place of the list, without "- "`
		}
		if len(v) == 1 {
			return fmt.Sprintf("write %s after the colon, not a list", kindList(want))
		}
	}
	return fmt.Sprintf("write %s here", kindList(want))
}

// kindList is what may be written; that the value may be left out is not among it.
func kindList(names []string) string {
	if len(names) > 1 {
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "null" })
	}
	return typeNames(anys(names))
}

var leadingNumber = regexp.MustCompile(`^(-?[0-9]+) ?[A-Za-z%€$]+$`)

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
	for _, c := range choices {
		if !slices.ContainsFunc(texts, func(o any) bool { return show(o) == show(c) }) {
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

// nearName is near.Name for what people write: capitals, dashes and underscores matter less. A word of one or two letters is near
// to every other, so it must begin like the name.
func nearName(word string, names []string) (string, bool) {
	bare := func(s string) string {
		return strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(s))
	}
	for _, n := range names {
		if bare(n) == bare(word) {
			return n, true
		}
	}
	if first := []rune(word); len(first) < 3 {
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return word == "" || !strings.HasPrefix(n, string(first[:1])) })
	}
	return near.Name(word, names)
}

func alternativesWords(f fault) (string, string) {
	switch {
	case len(f.branches) > 0:
		return oneOfMissing(f)
	case len(f.choices) > 0:
		var values []any
		for _, c := range f.choices {
			if l, ok := c.(literal); ok {
				values = append(values, l.value)
			}
		}
		names := f.wanted()
		if len(names) == 0 && len(values) > 0 {
			return oneOfThese(f.value, values)
		}
		want := typeNames(anys(names))
		if len(values) == 1 {
			want += " or " + show(values[0])
		} else if len(values) > 1 {
			want += ", or one of " + list(values)
		}
		message := fmt.Sprintf("must be %s (found %s)", want, describe(f.value))
		if s, ok := f.value.(string); ok && slices.Contains(names, "boolean") && isYes(s) {
			message = fmt.Sprintf("must be %s: %s is a text in YAML 1.2", want, quote(s))
		}
		return message, typeFix(names, f.value)
	case strings.HasPrefix(f.reason, "valid against"):
		return tooManyBranches(f)
	}
	return show(f.value) + " fits none of the alternatives", "compare it with a configuration that works"
}

// oneOfMissing says which properties would satisfy one alternative or another.
func oneOfMissing(f fault) (string, string) {
	var ways []string
	for _, b := range f.branches {
		var names []string
		for _, x := range b.faults {
			for _, name := range x.missingNames() {
				names = append(names, quote(name))
			}
		}
		if way := strings.Join(names, " and "); !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	all := strings.Join(ways, ", or ")
	return "missing " + all, "add " + all + " " + f.where()
}

// tooManyBranches says what of two alternatives cannot stand together.
func tooManyBranches(f fault) (string, string) {
	var i, j int
	_, err := fmt.Sscanf(f.reason, "valid against schemas at indexes %d and %d", &i, &j)
	branches := asList(f.limit)
	if err == nil && i < len(branches) && j < len(branches) {
		first, second := requiredOnly(branches[i]), requiredOnly(branches[j])
		if first != "" && second != "" && first != second {
			return fmt.Sprintf("%s and %s cannot stand together", first, second), "keep one of them, and remove the other"
		}
		one, other := titleOf(branches[i]), titleOf(branches[j])
		if one != "" && other != "" && one != other {
			return fmt.Sprintf("this is both %s and %s, and must be one of them only", quote(one), quote(other)), "leave out what belongs to the other one"
		}
	}
	return fmt.Sprintf("%s matches more than one of the alternatives, and must match exactly one", show(f.value)), "leave out what belongs to another alternative"
}

// together is the later of the properties that cannot stand together.
func together(f fault) []string {
	var i, j int
	if _, err := fmt.Sscanf(f.reason, "valid against schemas at indexes %d and %d", &i, &j); err != nil || j >= len(asList(f.limit)) {
		return f.at
	}
	if names := asList(asObject(asList(f.limit)[j])["required"]); len(names) > 0 && requiredOnly(asList(f.limit)[i]) != "" {
		name, _ := names[len(names)-1].(string)
		return append(slices.Clone(f.at), name)
	}
	return f.at
}

func requiredOnly(v any) string {
	var names []string
	for _, r := range asList(asObject(v)["required"]) {
		names = append(names, show(r))
	}
	return strings.Join(names, " with ")
}

func titleOf(v any) string { s, _ := asObject(v)["title"].(string); return s }

func bound(message, fix string) func(fault) (string, string) {
	return func(f fault) (string, string) {
		limit := show(f.limit)
		word := strings.TrimPrefix(strings.ToLower(f.keyword), "exclusive")
		if _, draft4 := f.limit.(bool); draft4 {
			limit = show(f.schema[word])
		} else if f.schema["exclusive"+strings.ToUpper(f.keyword[:1])+f.keyword[1:]] == true {
			message = map[string]string{"minimum": "must be more than %s (found %s)", "maximum": "must be less than %s (found %s)"}[f.keyword]
			fix = map[string]string{"minimum": "write a number greater than %s", "maximum": "write a number smaller than %s"}[f.keyword]
		}
		return fmt.Sprintf(message, limit, show(f.value)), fmt.Sprintf(fix, limit)
	}
}

func multipleWords(f fault) (string, string) {
	message := fmt.Sprintf("must be a multiple of %s (found %s)", show(f.limit), show(f.value))
	v, ok := new(big.Rat).SetString(fmt.Sprint(f.value))
	step, ok2 := new(big.Rat).SetString(fmt.Sprint(f.limit))
	if !ok || !ok2 || step.Sign() == 0 {
		return message, "write a multiple of " + show(f.limit)
	}
	q := new(big.Rat).Quo(v, step)
	low := new(big.Int).Div(q.Num(), q.Denom())
	if low.BitLen() > 60 {
		return message, "write a multiple of " + show(f.limit)
	}
	below := new(big.Rat).Mul(step, new(big.Rat).SetInt(low))
	return message, fmt.Sprintf("write %s or %s", decimal(below), decimal(new(big.Rat).Add(below, step)))
}

func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(12), "0")
}

func lengthWords(f fault) (string, string) {
	s, _ := f.value.(string)
	has, limit := len([]rune(s)), intOf(f.limit)
	switch {
	case f.keyword == "maxLength":
		return fmt.Sprintf("must have at most %s (has %d)", plural(limit, "character"), has), "shorten it by " + plural(has-limit, "character")
	case has == 0:
		return "must not be empty", "write " + withExample("a text", f.schema)
	default:
		return fmt.Sprintf("must have at least %s (has %d)", plural(limit, "character"), has), "add at least " + plural(limit-has, "character") + suchAs(f.schema)
	}
}

func sizeWords(unit string) func(fault) (string, string) {
	return func(f fault) (string, string) {
		has, limit := len(asList(f.value))+len(asObject(f.value)), intOf(f.limit)
		switch {
		case strings.HasPrefix(f.keyword, "max"):
			return fmt.Sprintf("must have at most %s (has %d)", plural(limit, unit), has), "remove " + plural(has-limit, unit)
		case has == 0:
			return fmt.Sprintf("must not be empty: at least %s must stand here", plural(limit, unit)), "add " + plural(limit, unit)
		default:
			return fmt.Sprintf("must have at least %s (has %d)", plural(limit, unit), has), "add " + plural(limit-has, unit)
		}
	}
}

func surplusWords(f fault) (string, string) {
	if n := len(asList(f.schema["items"])) + len(asList(f.schema["prefixItems"])); n > 0 {
		return "must have at most " + plural(n, "item"), "remove this item and those after it"
	}
	return "this item is more than the schema allows", "remove it"
}

func containsWords(f fault) (string, string) {
	wants := asObject(f.schema["contains"])
	what := aboutSchema(wants)
	if f.keyword == "maxContains" {
		return fmt.Sprintf("may hold %s at most %s", what, plural(intOf(f.limit), "time")), "remove what is too much"
	}
	if n := intOf(f.limit); f.keyword == "minContains" && n > 1 {
		return fmt.Sprintf("must hold %s at least %s", what, plural(n, "time")), "add what is missing"
	}
	return "must hold " + what, "add " + what + " to the list"
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

func contentWords(f fault) (string, string) {
	return fmt.Sprintf("this text is not %s", show(f.limit)), "write it in that encoding"
}

func patternWords(f fault) (string, string) {
	source, _ := f.limit.(string)
	about, _ := cmp.Or(f.schema["description"], f.schema["title"]).(string)
	message := show(f.value) + " does not have the form that is asked for here"
	example, sampled := exampleOf(f.schema), ""
	if start := notAtStart.FindStringSubmatch(source); start != nil && about == "" && strings.HasPrefix(fmt.Sprint(f.value), start[1]) {
		return fmt.Sprintf("%s must not begin with %s", show(f.value), quote(start[1])), "write another text" + suchAs(f.schema)
	}
	if example == "" {
		sampled = sample(source)
	}
	switch {
	case about != "":
		message += ": " + strings.TrimSuffix(about, ".")
	case allowedCharacters(source) != "":
		message = fmt.Sprintf("%s may hold only %s%s", show(f.value), allowedCharacters(source), culprit(source, f.value))
	case example == "" && sampled == "":
		message += " (" + source + ")"
	}
	switch {
	case example != "":
		return message, "write it like " + example
	case sampled != "":
		return message, fmt.Sprintf("write a text such as %s (the form is %s)", quote(sampled), source)
	}
	return message, "change it to match " + source
}

func formatWords(f fault) (string, string) {
	name, _ := f.limit.(string)
	noun, known := formatNouns[name]
	if !known {
		noun = formatNoun{"a valid " + name, ""}
	}
	message := fmt.Sprintf("%s is not %s", show(f.value), noun.name)
	if s, ok := f.value.(string); ok && name == "date" && dateShape.MatchString(s) {
		message = fmt.Sprintf("there is no such day as %s", s)
	}
	if example := exampleOf(f.schema); example != "" {
		return message, "write it like " + example
	}
	if noun.example != "" {
		return message, "write it like " + plainValue(noun.example)
	}
	return message, "correct the value"
}

type formatNoun struct{ name, example string }

var formatNouns = map[string]formatNoun{
	"date": {"a date written as year-month-day", "2026-01-31"}, "time": {"a time of day with its time zone", "09:30:00Z"},
	"date-time": {"a date and time with its time zone", "2026-01-31T09:30:00Z"}, "duration": {"a duration", "P3D"},
	"email": {"an email address", "name@example.com"}, "hostname": {"the name of a host", "www.example.com"},
	"ipv4": {"an IPv4 address", "192.0.2.1"}, "ipv6": {"an IPv6 address", "2001:db8::1"}, "uri": {"a full address (URI)", "https://example.com/path"},
	"uri-reference": {"an address (URI) or a path", "/path"}, "iri": {"a full address (IRI)", "https://example.com/path"},
	"iri-reference": {"an address (IRI) or a path", "/path"}, "uuid": {"a UUID", "123e4567-e89b-12d3-a456-426614174000"},
	"uri-template": {"an address with places to fill in", "https://example.com/{id}"}, "json-pointer": {"a JSON Pointer", "/a/b"},
	"relative-json-pointer": {"a relative JSON Pointer", "1/name"}, "regex": {"a regular expression", "^[a-z]+$"},
}

var (
	dateShape  = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	notAtStart = regexp.MustCompile(`^\^\(\?!([A-Za-z0-9_ -]+)\)`)
)

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
