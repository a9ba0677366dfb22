package manual

import (
	"slices"
	"strconv"

	"github.com/tamerhq/tamer/internal/schema"
)

// A veil tells what of a default or an example must not be shown, where that is a mapping or list which may hold a secret.
type veil struct {
	names map[string]bool // values at these keys
	all   bool            // nothing is shown: which values are secret is not told by their keys alone
}

// veilOf finds the secrets of a schema. compiled knows of those in other files, too; nil is as if there were some.
func (r reader) veilOf(compiled *schema.Schema) veil {
	v := veil{names: map[string]bool{}}
	if compiled != nil && !compiled.Carries(schema.WithSecret) {
		return v
	}
	r.secrets(&v, r.doc.Value, nil, "", true)
	return v
}

// secrets adds what is secret in a schema object, which is that of the property name, if that is not empty. One that is not applied
// where it stands counts where something refers to it.
func (r reader) secrets(v *veil, s any, at []string, name string, applied bool) {
	m, isObject := s.(map[string]any)
	if !isObject {
		return
	}
	_, target := r.at(at)
	switch {
	case target == nil || target["$ref"] != nil || target["$dynamicRef"] != nil:
		v.all = true // it leads to another file, or in circles
	case applied && (secret(m) || secret(target)):
		v.names[name], v.all = true, v.all || name == ""
	}
	for key, below := range m {
		here := slices.Concat(at, []string{key})
		switch key {
		case "enum", "const", "default", "examples":
		case "properties", "$defs", "definitions", "patternProperties", "dependentSchemas", "dependencies":
			for each, one := range object(below) {
				property := ""
				if key == "properties" {
					property = each
				}
				r.secrets(v, one, slices.Concat(here, []string{each}), property, key != "$defs" && key != "definitions")
			}
		default:
			r.secrets(v, below, here, "", true)
			for i, one := range list(below) {
				r.secrets(v, one, slices.Concat(here, []string{strconv.Itoa(i)}), "", true)
			}
		}
	}
}

func secret(m map[string]any) bool { return m["x-tamer-secret"] == true || m["writeOnly"] == true }

// shown writes a value for people; false where it must not be.
func (v veil) shown(value any) (string, bool) {
	switch value.(type) {
	case map[string]any, []any:
		if v.all {
			return "", false
		}
	}
	return shown(v.hidden(value)), true
}

// hidden gives a value with a word in the place of what is secret.
func (v veil) hidden(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for key, below := range value {
			if out[key] = "(secret)"; !v.names[key] {
				out[key] = v.hidden(below)
			}
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, below := range value {
			out[i] = v.hidden(below)
		}
		return out
	}
	return value
}
