package schema

import (
	"fmt"
	"slices"
	"strings"
)

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
		if _, isText := f.value.(string); isText && slices.ContainsFunc(values, func(v any) bool { return kindOf(v) == "string" }) {
			if meant, ok := nearest(f.value, values); ok {
				return message, "write " + quote(meant)
			}
			write := "one of these values"
			if len(values) == 1 {
				write = show(values[0])
			}
			return message, "write " + write + ", or " + typeNames(anys(names))
		}
		return message, f.typeFix(names)
	case strings.HasPrefix(f.reason, "valid against"):
		return tooManyBranches(f)
	}
	return show(f.value) + " fits none of the alternatives", "compare it with a configuration that works"
}

// maxWays bounds how many alternatives a message says in full before it counts the others; a single other is said too.
const maxWays = 6

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
	if more := len(ways) - maxWays; more > 1 {
		all := strings.Join(ways[:maxWays], ", or ")
		return fmt.Sprintf("missing %s, and %d more", all, more), "add what one of them asks for, " + f.where()
	}
	all := strings.Join(ways, ", or ")
	return "missing " + all, "add " + all + " " + f.where()
}

// tooManyBranches says what of two alternatives cannot stand together.
func tooManyBranches(f fault) (string, string) {
	fix := "leave out what belongs to the others"
	if kind := kindOf(f.value); kind != "object" && kind != "array" {
		fix = "write a value that only one of them allows"
	}
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
			return fmt.Sprintf("this is both %s and %s, and must be one of them only", quote(one), quote(other)), fix
		}
	}
	return fmt.Sprintf("%s matches more than one of the alternatives, and must match exactly one", show(f.value)), fix
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
