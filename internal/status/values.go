package status

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
)

// maxText is how much of a value is shown, in bytes.
const maxText = 400

// flatten gives the scalars within a value, and its empty mappings and lists, in the order of their keys. What is hidden is given as such, and
// nothing within it.
func flatten(path []string, value any, hidden func(path []string) bool, to func(path []string, text string)) {
	if hidden(path) {
		to(path, diff.Secret{}.String())
		return
	}
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			flatten(append(path[:len(path):len(path)], key), v[key], hidden, to)
		}
		if len(v) == 0 {
			to(path, "{}")
		}
	case []any:
		for i, item := range v {
			flatten(append(path[:len(path):len(path)], strconv.Itoa(i)), item, hidden, to)
		}
		if len(v) == 0 {
			to(path, "[]")
		}
	default:
		to(path, text(value))
	}
}

// text gives a value as JSON, cut off where it is long.
func text(value any) string {
	if secret, ok := value.(diff.Secret); ok {
		return secret.String()
	}
	b, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	s := string(b)
	if len(s) > maxText {
		return strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}

// pointer gives a place as the pages write it: a JSON Pointer, and before it the number of the document where there are several.
func pointer(doc int, path []string) string {
	p := document.Pointer(path)
	if doc > 0 {
		return strconv.Itoa(doc) + "#" + p
	}
	return p
}

// touches tells whether a change at one place can be a change of what stands at another.
func touches(change, at string) bool {
	return change == at || strings.HasPrefix(change, at+"/") || strings.HasPrefix(at, change+"/")
}
