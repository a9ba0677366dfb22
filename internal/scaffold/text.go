package scaffold

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/near"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// interpolated puts values in the place of ${name}; a text that is one parameter and nothing else becomes its value, of whatever type.
// $${ is a ${ that is meant as it is.
func interpolated(s string, values map[string]any) (any, error) {
	var b strings.Builder
	for rest := s; ; {
		at := strings.Index(rest, "${")
		if at < 0 {
			return b.String() + rest, nil
		}
		if at > 0 && rest[at-1] == '$' {
			b.WriteString(rest[:at-1] + "${")
			rest = rest[at+2:]
			continue
		}
		name, after, closed := strings.Cut(rest[at+2:], "}")
		name = strings.TrimSpace(name)
		v, known := values[name]
		switch {
		case !closed:
			return nil, fmt.Errorf("%q has a ${ without its }; write $${ for one that is meant as it is", s)
		case !known:
			meant := ""
			if like, ok := near.Name(name, sorted(values)); ok {
				meant = fmt.Sprintf(": did you mean ${%s}?", like)
			}
			return nil, fmt.Errorf("${%s} has no value%s; give one with --set %s=VALUE, or a default in template.yaml", name, meant, name)
		case at == 0 && after == "" && b.Len() == 0:
			return v, nil
		}
		text, err := plain(v)
		if err != nil {
			return nil, fmt.Errorf("${%s} stands within a text: %w", name, err)
		}
		b.WriteString(rest[:at] + text)
		rest = after
	}
}

func plain(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case json.Number:
		return string(v), nil
	case bool:
		return strconv.FormatBool(v), nil
	case nil:
		return "", nil
	}
	return "", fmt.Errorf("a list or mapping can only be a value as a whole")
}
