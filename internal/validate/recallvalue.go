package validate

import (
	"path"
	"slices"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// A file whose schema has changed must be judged again, but need not be read and parsed again to see that nothing is wrong with it: its
// values do for that. Where anything is wrong, or values refer to others, places are needed, and the file is read as if nothing were
// known.

// valuesKey is the digest of what the values of a content rest on.
func (r *recall) valuesKey(f policy.File, object string) Key {
	return keyOf("values", r.salt, path.Ext(f.Path), object)
}

// byValues judges a file by the values that are kept of its content; nil where that cannot be done, or where something is found.
func (s *side) byValues(f policy.File) (*judged, error) {
	if s.recall == nil || !s.opts.KeepValues || !s.altered[f.Type] || f.Object == "" {
		return nil, nil
	}
	defs, err := s.Definitions()
	if err != nil {
		return nil, err
	}
	compiled, why := schemaOf(s.Catalog, f.Type)
	if compiled == nil || defs.Of(f.Type).Digest != "" || compiled.Carries(schema.WithRef) {
		return nil, nil
	}
	b := s.recall.get(s.recall.valuesKey(f, f.Object))
	if b == nil {
		return nil, nil
	}
	docs, whole := unpackValues(b)
	if !whole || slices.ContainsFunc(docs, func(doc *document.Document) bool { return !compiled.Certainly(doc.Value) }) {
		return nil, nil
	}
	j := judgeDocuments(docs, nil, f.Path, compiled, why, defs.Of(f.Type))
	if len(j.found) > 0 || len(j.facts.Refs) > 0 || len(j.facts.Targets) > 0 || j.facts.Unread {
		return nil, nil
	}
	key, err := s.fileKey(f, f.Object)
	if err != nil {
		return nil, err
	}
	j.object = f.Object
	s.recall.put(key, packJudged(j, f.Path))
	return j, nil
}

// keepValues keeps the values of a content for the day on which its schema changes. What holds a secret stays where it is.
func (s *side) keepValues(f policy.File, object string, docs []*document.Document, compiled *schema.Schema) {
	if s.recall == nil || !s.opts.KeepValues || object == "" || compiled == nil || compiled.Carries(schema.WithSecret) {
		return
	}
	if b := packValues(docs); b != nil {
		s.recall.put(s.recall.valuesKey(f, object), b)
	}
}
