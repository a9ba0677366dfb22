package infer

import (
	"maps"
	"regexp"
	"slices"
	"time"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

const (
	// mostChoices is how many different values an enum has at most.
	mostChoices = 16
	// longest is up to how many bytes a text is taken for a name or a choice.
	longest = 80
)

// A textual is what texts have in common.
type textual struct {
	n        int
	empty    bool
	seen     map[string]int // nil when there are too many
	many     bool
	not      [len(kinds)]bool
	skeleton string // what all are made of; "" where they differ
}

// A kind is a way to write texts.
type kind struct {
	name    string
	format  string // of JSON Schema; else pattern
	pattern string
	match   func(string) bool
	name1   bool // the texts are names, of which there are more than have been seen
}

func matches(pattern string) func(string) bool { return regexp.MustCompile(pattern).MatchString }

func timeLike(layout string) func(string) bool {
	return func(s string) bool { _, err := time.Parse(layout, s); return err == nil }
}

// kinds go from the narrowest to the widest: the first one that all texts fit counts.
var kinds = [...]kind{
	{name: "dates", format: "date", match: timeLike(time.DateOnly)},
	{name: "times", format: "date-time", match: timeLike(time.RFC3339)},
	{name: "UUIDs", format: "uuid", match: matches(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)},
	{name: "mail addresses", format: "email", match: matches(`^[A-Za-z0-9][A-Za-z0-9_+-]*(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9]+([.-][A-Za-z0-9]+)*\.[A-Za-z]+$`)},
	{name: "web addresses", format: "uri", match: matches(`^https?://[A-Za-z0-9]+([.-][A-Za-z0-9]+)*(:[0-9]+)?(/[A-Za-z0-9._~/+:@,;=&?-]*)?$`)},
	{name: "versions", pattern: `^[0-9]+\.[0-9]+\.[0-9]+$`},
	{name: "lengths of time", pattern: `^[0-9]+(ms|s|m|h|d|w)$`},
	{name: "times of day", pattern: `^[0-9]{2}:[0-9]{2}$`},
	{name: "schedules of cron", pattern: `^([0-9*/,-]+ ){4}[0-9A-Za-z*/,-]+$`},
	{name: "colours", pattern: `^#[0-9a-f]{6}$`},
	{name: "names", pattern: `^[a-z][a-z0-9_]*$`, name1: true},
	{name: "names", pattern: `^[a-z][a-z0-9-]*$`, name1: true},
	{name: "names", pattern: `^[A-Za-z0-9][A-Za-z0-9._-]*$`, name1: true},
	{name: "single words", pattern: `^\S+$`, name1: true},
}

func init() {
	for i := range kinds {
		if kinds[i].match == nil {
			kinds[i].match = matches(kinds[i].pattern)
		}
	}
}

func (t *textual) add(s string) {
	if t.n++; s == "" {
		t.empty = true
	}
	for i, k := range kinds {
		t.not[i] = t.not[i] || !k.match(s)
	}
	if own := skeleton(s); t.n == 1 {
		t.skeleton = own
	} else if own != t.skeleton {
		t.skeleton = ""
	}
	if t.many {
		return
	}
	if t.seen == nil {
		t.seen = map[string]int{}
	}
	if t.seen[s]++; len(t.seen) > mostChoices || len(s) > longest {
		t.many, t.seen = true, nil
	}
}

// kind gives the narrowest one that all texts fit; nil where there is none, or too few texts to tell.
func (t *textual) kind() *kind {
	for i := range kinds {
		if k := &kinds[i]; !t.not[i] {
			if t.n < 2 || k.format == "" && (t.n < fewestSeen || !t.many && len(t.seen) < 3) {
				return nil
			}
			return k
		}
	}
	return nil
}

// choices are the few values that all texts are; nil where they are no choice among few.
func (t *textual) choices() []string {
	if t.many || t.n < fewestSeen || t.n < 3*len(t.seen) {
		return nil
	}
	if k := t.kind(); k != nil && !k.name1 {
		return nil
	}
	for _, n := range t.seen {
		if n < 2 {
			return nil
		}
	}
	return sortedKeys(t.seen)
}

// skeleton is a pattern for texts like one that has no blanks: runs of letters and digits, with the signs between them as they are.
func skeleton(s string) string {
	if len(s) > longest {
		return ""
	}
	out, last := "", ""
	for _, c := range []byte(s) {
		part := ""
		switch {
		case c >= '0' && c <= '9':
			part = "[0-9]+"
		case c >= 'a' && c <= 'z':
			part = "[a-z]+"
		case c >= 'A' && c <= 'Z':
			part = "[A-Z]+"
		case c > ' ' && c < 0x7f:
			part = regexp.QuoteMeta(string(c))
		default:
			return ""
		}
		if part != last || len(part) < 4 {
			out += part
		}
		last = part
	}
	return out
}

// pattern is what the texts are written like, as far as that can be told: a pattern or a format.
func (t *textual) pattern() (pattern, format string) {
	k := t.kind()
	switch {
	case k == nil:
		return "", ""
	case k.format != "":
		return "", k.format
	case k.pattern == `^\S+$` || k.pattern == kinds[len(kinds)-2].pattern:
		if t.skeleton != "" && t.many {
			return "^" + t.skeleton + "$", ""
		}
	}
	return k.pattern, ""
}
