package schema

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

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
	"email": {"an email address", "name@example.com"}, "idn-email": {"an email address", "name@example.com"}, "hostname": {"the name of a host", "www.example.com"},
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
