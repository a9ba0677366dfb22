package rewrite

import (
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/schema"
)

// hidden leaves out of findings what they say of secret values, and of what holds some: a message may quote what it speaks of.
func hidden(s *schema.Schema, docs []*document.Document, found []finding.Finding) []finding.Finding {
	if !s.Carries(schema.WithSecret) {
		return found
	}
	var secret []string
	for _, d := range docs {
		s.Walk(d, schema.WithSecret, func(tokens []string, _ bool, _ any, _ *schema.Keywords) {
			secret = append(secret, document.Pointer(tokens))
		})
	}
	for i := range found {
		f := &found[i]
		for _, at := range secret {
			if f.Pointer == at || strings.HasPrefix(f.Pointer, at+"/") || strings.HasPrefix(at, f.Pointer+"/") {
				f.Message, f.Fix, f.Edit = "this does not fit its schema; what it holds is secret, and not shown", "look into the schema for what it allows here", nil
				break
			}
		}
	}
	return found
}
