package diff

import (
	"fmt"
	"slices"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/schema"
)

// An Origin is where a value of the new documents stood in the old ones.
type Origin struct {
	Document int      // from 0
	Path     []string // tokens of a JSON Pointer
	Same     bool     // it means what it meant; what is only moved, or written in another way, does
}

// OriginOf follows the value at a path of the new side, whose documents count from 0, back to the old side. It gives false where
// the value was not there before. The order of a list is part of what the list means, but not of what its items mean.
//
// With the sides exchanged it tells what has become of an old value.
func OriginOf(old, new Side, document int, path []string) (Origin, bool, error) {
	if alongKeys(old, new, document, path) {
		return Origin{document, path, true}, true, nil
	}
	changes := Compare(old, new)
	if len(changes) == 0 {
		return Origin{document, path, true}, true, nil
	}
	root, err := applied(old.Documents, changes)
	if err != nil {
		return Origin{}, false, fmt.Errorf("follow a value back: %w", err)
	}
	target := in(document+1, path)
	around, i, err := root.parent(target)
	if err != nil {
		return Origin{}, false, nil
	}
	n := around.keys[target[len(target)-1]]
	if around.isList && i < len(around.items) {
		n = around.items[i]
	}
	if n == nil || n.from == nil {
		return Origin{}, false, nil
	}
	return Origin{n.from.document(), n.from.tokens(), n.whole()}, true, nil
}

// alongKeys tells whether a value evidently is what it was: keys alone lead to it, which mean the same on both sides, and it is equal.
func alongKeys(old, new Side, document int, path []string) bool {
	if len(old.Documents) != 1 || len(new.Documents) != 1 || document != 0 {
		return false
	}
	a, b := old.Documents[0], new.Documents[0]
	for _, key := range path {
		was, isMapping := a.(map[string]any)
		is, both := b.(map[string]any)
		if !isMapping || !both {
			return false
		}
		var had, has bool
		a, had = was[key]
		if b, has = is[key]; !had || !has {
			return false
		}
	}
	return Equal(a, b)
}

// whole tells whether nothing has changed in a value that was there before.
func (n *node) whole() bool {
	if n.touched || n.from == nil {
		return false
	}
	for _, below := range n.keys {
		if !below.whole() {
			return false
		}
	}
	return !slices.ContainsFunc(n.items, func(item *node) bool { return !item.whole() })
}

// ReadSide reads one version of a file, to follow values through; nil is a file that is not there. Of the schema, which may be nil,
// it takes only what tells items of lists apart, so that no secret hides a change. The text says why the file cannot be read.
func ReadSide(src []byte, s *schema.Schema, limits document.Limits) (side Side, problem string) {
	docs, problem := parse(src, limits)
	for _, doc := range docs {
		said := notes{}
		if s != nil {
			s.Walk(doc, schema.WithKey|schema.WithWords, func(tokens []string, ofKey bool, _ any, k *schema.Keywords) {
				if !ofKey && (k.Key != "" || k.Unique) {
					said.merge(tokens, Note{Key: k.Key, Unique: k.Unique})
				}
			})
		}
		side.Documents, side.Guides = append(side.Documents, doc.Value), append(side.Guides, said.guide())
	}
	return side, problem
}

// About gives what a schema says of one value, with the owners of all that is around it. It is secret also where something around or
// within it is, and where the schema cannot tell.
func About(s *schema.Schema, doc *document.Document, path []string) Note {
	var about Note
	said := func(tokens []string) bool {
		n := min(len(tokens), len(path))
		return slices.Equal(tokens[:n], path[:n])
	}
	untold := s.Walk(doc, schema.WithSecret, func(tokens []string, ofKey bool, _ any, k *schema.Keywords) {
		about.Secret = about.Secret || !ofKey && k.Secret && said(tokens)
	})
	untold = append(untold, s.Walk(doc, schema.WithWords|schema.WithDeprecated|schema.WithOwners, func(tokens []string, ofKey bool, _ any, k *schema.Keywords) {
		if ofKey || !said(tokens) {
			return
		}
		var note Note
		if len(tokens) <= len(path) {
			note.Owners = slices.Clone(k.Owners)
		}
		if len(tokens) == len(path) {
			note.Title, note.Description, note.Unit, note.Deprecated = k.Title, k.Description, k.Unit, deprecated(k.Deprecated)
		}
		about = about.and(note)
	})...)
	about.Secret = about.Secret || len(untold) > 0
	return about
}
