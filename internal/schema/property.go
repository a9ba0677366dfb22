package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/near"
)

// unknown reports every property that the schema does not know, at its key.
func (f fault) unknown(doc *document.Document) []finding.Finding {
	at, m, names := f.at, f.value, f.unknownNames()
	if f.aboutOne() {
		at, names = f.at[:len(f.at)-1], f.at[len(f.at)-1:]
		m = lookup(doc.Value, at)
	}
	free := without(f.known(), m)
	var found []finding.Finding
	if more := len(names) - maxFaults; more > 0 {
		found = append(found, moreFaults(doc, more))
		names = names[:maxFaults]
	}
	for i, name := range names {
		message := fmt.Sprintf("unknown property %s", quote(name))
		fix := "remove it: nothing may stand here"
		meant, likely := "", false
		if i < maxNear/len(names) || len(names)*len(free) <= 100*maxNear {
			meant, likely = nearName(name, free)
		}
		switch {
		case near.Alike(name, meant):
			message += fmt.Sprintf("; %s looks the same, and its letters are put together in another way: %+q, not %+q", quote(meant), cut(meant), cut(name))
			fix = fmt.Sprintf("write %s, copied from here", quote(meant))
		case likely:
			message += fmt.Sprintf("; did you mean %s?", quote(meant))
			fix = fmt.Sprintf("write %s instead of %s", quote(meant), quote(name))
		case len(free) > 0:
			fix = "remove it, or use one of " + list(anys(free))
		case len(asObject(f.schema["patternProperties"])) > 0:
			fix = "remove it, or use a name " + formsOfNames(asObject(f.schema["patternProperties"]))
		case len(f.known()) > 0:
			fix = "remove it: all that may stand here is there already"
		}
		spot := doc.KeyOf(at, name)
		span := cmp.Or(spot.Key, spot.Value)
		one := f.finding("unknown-property", span, append(slices.Clone(at), name), message, fix)
		if likely {
			one.Edit = EditText(doc, span, name, meant)
		}
		found = append(found, one)
	}
	return found
}

// formsOfNames says how names look that patterns describe, with an example where there is one.
func formsOfNames(patterns map[string]any) string {
	sources := slices.Sorted(maps.Keys(patterns))
	forms := strings.Join(sources, " or ")
	for _, source := range sources {
		if example := sample(source); example != "" {
			return fmt.Sprintf("such as %s (the form is %s)", quote(example), forms)
		}
	}
	return "of the form " + forms
}

// aboutOne tells whether the fault stands at the unknown property itself, not at the mapping that holds it.
func (f fault) aboutOne() bool { return f.limit == false && f.reason == "not allowed" && len(f.at) > 0 }

func (f fault) unknownNames() []string {
	if f.aboutOne() {
		return f.at[len(f.at)-1:]
	}
	var names []string
	for name := range asObject(f.value) {
		if !f.knows(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// known are the properties that may stand beside an unknown one.
func (f fault) known() []string {
	if f.keyword == "unevaluatedProperties" {
		return f.in.knownNames(node{f.base, f.schema}, true)
	}
	names := slices.Sorted(maps.Keys(asObject(f.schema["properties"])))
	return slices.DeleteFunc(names, func(n string) bool { return asObject(f.schema["properties"])[n] == false })
}

// knows tells whether the schema object that holds the fault names a property.
func (f fault) knows(name string) bool {
	if _, ok := asObject(f.schema["properties"])[name]; ok {
		return true
	}
	for source := range asObject(f.schema["patternProperties"]) {
		if p, err := NewPattern(source); err == nil {
			if matches, known := p.Match(name); matches || !known {
				return true
			}
		}
	}
	return false
}

func (f fault) missingNames() []string {
	if f.keyword != "required" {
		name, _ := f.limit.(string)
		return []string{name}
	}
	var names []string
	for _, r := range asList(f.limit) {
		name, ok := r.(string)
		if _, has := asObject(f.value)[name]; ok && !has && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// missing reports every property that must be there and is not, at the mapping's key. One that stands there misspelt is
// reported as the misspelling only.
func (f fault) missing(doc *document.Document) []finding.Finding {
	spot := doc.Find(f.at)
	where := f.where()
	because := ""
	if needs := f.neededBy(doc.Value); needs != "" {
		because = ", which " + quote(needs) + " needs"
	}
	var found []finding.Finding
	for _, name := range f.missingNames() {
		if f.misspelt(name, asObject(f.value)) {
			continue
		}
		found = append(found, f.finding("required", cmp.Or(spot.Key, spot.Value), f.at,
			fmt.Sprintf("missing %s%s: add it %s", quote(name), because, where), "add "+f.line(name, where)))
	}
	return found
}

// neededBy is the property that makes another one necessary.
func (f fault) neededBy(root any) string {
	if f.keyword != "dependentRequired" {
		return ""
	}
	for _, key := range []string{"dependentRequired", "dependencies"} {
		for _, name := range slices.Sorted(maps.Keys(asObject(f.schema[key]))) {
			if _, has := asObject(f.value)[name]; has && slices.Contains(asList(asObject(f.schema[key])[name]), f.limit) {
				return name
			}
		}
	}
	_, after, _ := strings.Cut(f.reason, ", if '")
	name, _, _ := strings.Cut(after, "' property")
	return name
}

// where says in words where in the file a property is to be added.
func (f fault) where() string {
	n := len(f.at)
	switch {
	case n == 0:
		return "at the top level of the file"
	case index(f.at[n-1], 1<<30) < 0:
		return "under " + quote(f.at[n-1])
	case n > 1 && index(f.at[n-2], 1<<30) < 0:
		return "to this item of " + quote(f.at[n-2])
	}
	return "to this item"
}

// line says how to add a property, with a value as the schema wants it.
func (f fault) line(name, where string) string {
	p := f.in.property(node{f.base, f.schema}, name)
	choices := f.choices
	if c, ok := p.schema["const"]; ok && choices == nil {
		choices = []any{c}
	}
	if choices == nil {
		choices = asList(p.schema["enum"])
	}
	about := ""
	if title, ok := p.schema["title"].(string); ok {
		about = " (" + strings.TrimSuffix(title, ".") + ")"
	}
	open := quote(name+": …") + " " + where + about
	switch value := p.schema["default"]; {
	case len(choices) == 1:
		return quote(name+": "+plainValue(choices[0])) + " " + where + about
	case len(choices) > 1:
		return open + ", with one of " + list(choices)
	case len(asList(p.schema["examples"])) > 0:
		return open + ", such as " + plainValue(asList(p.schema["examples"])[0])
	case value != nil && kindOf(value) != "object" && kindOf(value) != "array":
		return open + ", such as " + plainValue(value)
	}
	if kind := typeNames(p.schema["type"]); kind != "" {
		return open + ", with " + kind
	}
	return open
}

// misspelt tells whether m holds an unknown property that would be taken for name, in a schema that reports unknown ones.
func (f fault) misspelt(name string, m map[string]any) bool {
	closed := f.schema["additionalProperties"] == false || f.schema["unevaluatedProperties"] == false
	if !closed || len(asObject(f.schema["properties"]))*len(m) > 100*maxNear { // to compare each with each would take too long
		return false
	}
	all := f.known()
	if f.schema["unevaluatedProperties"] == false {
		all = f.in.knownNames(node{f.base, f.schema}, true)
	}
	known := without(all, m)
	for other := range m {
		if meant, ok := nearName(other, known); ok && meant == name && !slices.Contains(all, other) && !f.knows(other) {
			return true
		}
	}
	return false
}

func without(names []string, m any) []string {
	has := asObject(m)
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { _, in := has[n]; return in })
}

func anys(names []string) []any {
	out := make([]any, len(names))
	for i, n := range names {
		out[i] = n
	}
	return out
}

// repeated reports every item that is equal to one before it.
func (f fault) repeated(doc *document.Document) []finding.Finding {
	first := map[string]int{}
	var found []finding.Finding
	for i, item := range asList(f.value) {
		key := canonical(item)
		before, twice := first[key]
		if !twice {
			first[key] = i
			continue
		}
		at := append(slices.Clone(f.at), itoa(i))
		found = append(found, f.finding("unique", doc.Find(at).Value, at,
			fmt.Sprintf("%s is in this list already, as item %d", show(item), before+1), "remove it, or write another value"))
	}
	return found
}
