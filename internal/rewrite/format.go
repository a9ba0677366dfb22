package rewrite

import (
	"errors"
	"slices"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// Format puts files into the one style, with their keys in the order of their schemas' x-tamer-order. Nothing changes in meaning.
// Those that are in it already are left out. Of what cannot be read Problems say why; what would not mean the same afterwards is
// left as it is, and Unstyled.
func (j Job) Format(files []policy.File) ([]File, error) {
	return j.each(files, j.format)
}

func (j Job) format(f policy.File) (*File, error) {
	out, docs, err := j.read(f)
	if docs == nil {
		return out, err
	}
	text, err := edit.Format(f.Path, out.Old, docs, orderOf(j.Catalog.SchemaOf(f.Type), docs), j.Limits)
	switch {
	case errors.Is(err, edit.ErrStyle):
		out.Unstyled = true
	case err != nil:
		out.Problems = []string{err.Error()}
	default:
		out.New = text
	}
	return out, nil
}

// orderOf gives the order of keys that a schema wants; nil where it wants none.
func orderOf(s *schema.Schema, docs []*document.Document) edit.Order {
	if s == nil || !s.Carries(schema.WithOrder) {
		return nil
	}
	wanted := make([]map[string][]string, len(docs))
	for i, d := range docs {
		wanted[i] = map[string][]string{}
		s.Walk(d, schema.WithOrder, func(tokens []string, ofKey bool, _ any, k *schema.Keywords) {
			if at := document.Pointer(tokens); !ofKey {
				wanted[i][at] = slices.Concat(wanted[i][at], k.Order)
			}
		})
	}
	return func(doc int, path []string) []string { return wanted[doc][document.Pointer(path)] }
}
