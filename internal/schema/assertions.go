package schema

import (
	"maps"
	"slices"
)

// annotations are the keywords of which no verdict on a file depends. Source: JSON Schema Validation (2020-12), section 9;
// Core, section 8.3; and those of tamer that only tell.
var annotations = []string{"title", "description", "default", "examples", "deprecated", "readOnly", "$comment",
	"x-tamer-message", "x-tamer-owners", "x-tamer-unit"}

// Assertions gives the content of a schema file without its annotations. It changes no value that it is given.
func Assertions(content any) any {
	switch s := content.(type) {
	case []any: // such as allOf
		all := make([]any, len(s))
		for i, item := range s {
			all[i] = Assertions(item)
		}
		return all
	case map[string]any:
		out := maps.Clone(s)
		for _, name := range annotations {
			delete(out, name)
		}
		for keyword, v := range out {
			named, isMap := v.(map[string]any)
			switch {
			case slices.Contains(dataKeywords, keyword):
			case slices.Contains(schemasByName, keyword) && isMap: // a name may look like a keyword, and is none
				byName := make(map[string]any, len(named))
				for name, sub := range named {
					byName[name] = Assertions(sub)
				}
				out[keyword] = byName
			default:
				out[keyword] = Assertions(v)
			}
		}
		return out
	}
	return content
}
