package validate

import (
	"fmt"
	"strconv"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/schema"
)

// duplicateKeys finds items of one list that have the same value of the property by which they are known (x-tamer-key).
func duplicateKeys(s *schema.Schema, docs []*document.Document) []finding.Finding {
	var found []finding.Finding
	for _, doc := range docs {
		found = append(found, s.Walk(doc, schema.WithKey, func(tokens []string, ofKey bool, value any, k *schema.Keywords) {
			list, ok := value.([]any)
			if !ok || ofKey || k.Key == "" {
				return
			}
			first := map[catalog.Value][]string{}
			for i, item := range list {
				fields, _ := item.(map[string]any)
				v, ok := catalog.ValueOf(fields[k.Key])
				if !ok {
					continue
				}
				at := append(tokens[:len(tokens):len(tokens)], strconv.Itoa(i), k.Key)
				other, twice := first[v]
				if !twice {
					first[v] = at
				} else if len(found) < maxDangling {
					found = append(found, duplicateKey(doc, k.Key, v, at, other))
				}
			}
		})...)
	}
	return found
}

func duplicateKey(doc *document.Document, key string, v catalog.Value, at, other []string) finding.Finding {
	return finding.Finding{Rule: "unique", Level: finding.Failure, At: doc.Find(at).Value, Pointer: document.Pointer(at),
		Message: fmt.Sprintf("another item of this list has the %s %s already, on line %d", key, v, doc.Find(other).Value.Start.Line),
		Fix:     fmt.Sprintf("give one of the two another %s, or remove it", key)}
}
