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

// guided reads documents by the schema that counts for them. What the other version's schema calls secret is secret too, so that a
// change of the schema does not show what it was to hide. Either schema may be nil. The text says why a document could not be read
// by its schema.
func guided(docs []*document.Document, own, other *schema.Schema) (g guidedSide, problem string) {
	for _, doc := range docs {
		said := notes{}
		full, found := withDefaults(doc, own)
		if own != nil && len(found) == 0 {
			found = walk(own, doc, full, schema.Any&^judgedOnly, said.add)
		}
		if own != nil && own.Carries(schema.WithSecret) && len(found) == 0 && !fits(own, doc, full) {
			found = walk(own, doc, full, schema.WithSecret, said.addSecret)
		}
		if other != nil && (own == nil || own.Digest() != other.Digest()) && len(found) == 0 {
			found = walk(other, doc, full, schema.WithSecret, said.addSecret)
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

// walk visits what is written in a document, and what is filled in.
func walk(s *schema.Schema, doc, full *document.Document, wanted schema.Kind, visit func([]string, bool, any, *schema.Keywords)) []finding.Finding {
	found := s.Walk(doc, wanted, visit)
	if full != doc && len(found) == 0 {
		found = s.Walk(full, wanted, visit)
	}
	return found
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
