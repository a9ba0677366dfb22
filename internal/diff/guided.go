package diff

import (
	"slices"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/schema"
)

// A guidedSide is one version of a file, with what the schemas say of it, and with the schema's defaults filled in.
type guidedSide struct {
	Side
	full   Side
	filled bool // there may be defaults in full
}

// A reading is one version of a file and the schema that counts for it, which may be nil.
type reading struct {
	docs   []*document.Document
	full   []*document.Document // with the schema's defaults filled in; the same where there are none
	schema *schema.Schema
}

// read fills in the defaults. The text says why a document could not be read by its schema.
func read(docs []*document.Document, s *schema.Schema) (r reading, problem string) {
	r = reading{docs: docs, schema: s}
	for _, doc := range docs {
		full, found := withDefaults(doc, s)
		if len(found) > 0 {
			return r, found[0].Message
		}
		r.full = append(r.full, full)
	}
	return r, ""
}

// partOf gives the part of both versions in which they differ, where a schema need not be asked about the rest: that says the same
// of it in both. Nil: all of them.
func partOf(a, b reading) schema.Part {
	if a.schema == nil || b.schema == nil || a.schema.Digest() != b.schema.Digest() || len(a.docs) != 1 || len(b.docs) != 1 {
		return nil
	}
	pairs := [][2]any{{a.docs[0].Value, b.docs[0].Value}}
	if a.full[0] != a.docs[0] {
		pairs = append(pairs, [2]any{a.full[0].Value, b.full[0].Value})
	}
	part, differ := differing(pairs)
	if !differ {
		return schema.Part{}
	}
	return part
}

// differing tells whether the values of some pair are not the same, and the part outside of which they are.
func differing(pairs [][2]any) (part schema.Part, differ bool) {
	for _, pair := range pairs {
		if !isMapping(pair[0]) || !isMapping(pair[1]) {
			return nil, slices.ContainsFunc(pairs, func(pair [2]any) bool { return !Equal(pair[0], pair[1]) })
		}
	}
	var seen []map[string]any // each key is looked at once: what lies below would else be gone through twice at each level
	for _, pair := range pairs {
		for _, side := range pair {
			m := side.(map[string]any)
			for key := range m {
				if slices.ContainsFunc(seen, func(m map[string]any) bool { _, has := m[key]; return has }) {
					continue
				}
				if below, differ := differingAt(pairs, key); differ {
					if part == nil {
						part = schema.Part{}
					}
					part[key] = below
				}
			}
			seen = append(seen, m)
		}
	}
	return part, len(part) > 0
}

func isMapping(v any) bool { _, ok := v.(map[string]any); return ok }

// differingAt is differing for what mappings hold at a key.
func differingAt(pairs [][2]any, key string) (part schema.Part, differ bool) {
	var held [][2]any
	for _, pair := range pairs {
		old, had := pair[0].(map[string]any)[key]
		now, has := pair[1].(map[string]any)[key]
		switch {
		case had != has:
			return nil, true
		case has:
			held = append(held, [2]any{old, now})
		}
	}
	return differing(held)
}

// guided asks the schemas about what lies in a part of a file. What other schemas, as that of the other version, call secret is secret too,
// so that a change of the schema does not show what it was to hide. The text says why a document could not be read by its schema.
func (r reading) guided(part schema.Part, others ...*schema.Schema) (g guidedSide, problem string) {
	own := r.schema
	for i, doc := range r.docs {
		said, full := notes{}, r.full[i]
		var found []finding.Finding
		walk := func(s *schema.Schema, wanted schema.Kind, visit func([]string, bool, any, *schema.Keywords)) {
			if found = append(found, s.WalkIn(doc, part, wanted, visit)...); full != doc && len(found) == 0 {
				found = s.WalkIn(full, part, wanted, visit)
			}
		}
		if own != nil {
			walk(own, schema.Any&^judgedOnly, said.add)
		}
		if own != nil && own.Carries(schema.WithSecret) && len(found) == 0 && !fits(own, doc, full) {
			walk(own, schema.WithSecret, said.addSecret)
		}
		for _, other := range others {
			if other != nil && (own == nil || own.Digest() != other.Digest()) && len(found) == 0 {
				walk(other, schema.WithSecret, said.addSecret)
			}
		}
		if len(found) > 0 {
			return g, found[0].Message
		}
		g.Documents, g.Guides = append(g.Documents, doc.Value), append(g.Guides, said.guide())
		g.full.Documents = append(g.full.Documents, full.Value)
		g.filled = g.filled || full != doc
	}
	g.full.Guides = g.Guides
	return g, ""
}

// withDefaults gives a document whose value has the schema's defaults filled in; the same document where there are none.
func withDefaults(doc *document.Document, s *schema.Schema) (*document.Document, []finding.Finding) {
	if s == nil || !slices.ContainsFunc(s.Keywords(), func(k *schema.Keywords) bool { return k.HasDefault }) {
		return doc, nil
	}
	value, found := s.Effective(doc)
	empty, _ := document.Parse(nil, document.Limits{})
	full := empty[0]
	full.Value = value
	return full, found
}

// fits tells whether a document satisfies its schema, and so some branch of each of its alternatives: what is not satisfied is asked
// for secrets once more.
func fits(s *schema.Schema, doc, full *document.Document) bool {
	return len(s.Validate(doc)) == 0 && (full == doc || len(s.Validate(full)) == 0)
}

// judgedOnly are the keywords that say nothing about differences.
const judgedOnly = schema.WithRef | schema.WithRules | schema.WithLive

// notes are what the schema says of the values of one document, by JSON Pointer.
type notes map[string]Note

// guide is nil where there is nothing to say.
func (n notes) guide() Guide {
	if len(n) == 0 {
		return nil
	}
	return n.at
}

func (n notes) at(tokens []string) Note { return n[document.Pointer(tokens)] }

func (n notes) merge(tokens []string, note Note) {
	at := document.Pointer(tokens)
	n[at] = n[at].and(note)
}

func (n notes) add(tokens []string, ofKey bool, _ any, k *schema.Keywords) {
	if ofKey {
		return
	}
	n.merge(tokens, Note{Key: k.Key, Unique: k.Unique, Secret: k.Secret, Title: k.Title, Description: k.Description, Unit: k.Unit,
		Deprecated: deprecated(k.Deprecated), Owners: slices.Clone(k.Owners)})
}

func (n notes) addSecret(tokens []string, ofKey bool, _ any, k *schema.Keywords) {
	if !ofKey && k.Secret {
		n.merge(tokens, Note{Secret: true})
	}
}

// deprecated says since when a value is on its way out, and what takes its place.
func deprecated(d *schema.Deprecated) string {
	switch {
	case d == nil:
		return ""
	case d.Since == "" && d.Use == "":
		return "by the schema"
	case d.Use == "":
		return "since " + d.Since
	case d.Since == "":
		return "use " + d.Use
	}
	return "since " + d.Since + ", use " + d.Use
}
