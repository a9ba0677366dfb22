package compat

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/schema"
)

func pointer(tokens ...string) string { return document.Pointer(tokens) }

// pieces takes both schemas apart by keyword, but for the schemas below keywords that both have: those are walked through.
func pieces(a, b *schema.Node) []piece {
	out := scalarPieces(a, b)
	out = append(out, namePieces(a, b)...)
	out = append(out, propertyPieces(a, b)...)
	out = append(out, itemPieces(a, b)...)
	return append(out, logicPieces(a, b)...)
}

// add appends a piece if one of both has the keyword.
func add(out *[]piece, word string, old, new *schema.Node, was, is any) {
	if old != nil || new != nil {
		*out = append(*out, piece{pointer(word), word, old, new, was, is})
	}
}

// when gives the schema if the keyword is there.
func when(there bool, n schema.Node) *schema.Node {
	if !there {
		return nil
	}
	return &n
}

func scalarPieces(a, b *schema.Node) []piece {
	var out []piece
	both := func(word string, of func(n *schema.Node) *schema.Node) {
		add(&out, word, of(a), of(b), a.Raw[word], b.Raw[word])
	}
	both("type", func(n *schema.Node) *schema.Node { return when(n.Types != nil, schema.Node{Types: n.Types}) })
	both("enum", func(n *schema.Node) *schema.Node { return when(n.Enum != nil, schema.Node{Enum: n.Enum}) })
	both("const", func(n *schema.Node) *schema.Node { return when(n.Const != nil, schema.Node{Const: n.Const}) })
	rats := []struct {
		word string
		of   func(n *schema.Node) **big.Rat
	}{
		{"minimum", func(n *schema.Node) **big.Rat { return &n.Minimum }}, {"maximum", func(n *schema.Node) **big.Rat { return &n.Maximum }},
		{"exclusiveMinimum", func(n *schema.Node) **big.Rat { return &n.Above }}, {"exclusiveMaximum", func(n *schema.Node) **big.Rat { return &n.Below }},
		{"multipleOf", func(n *schema.Node) **big.Rat { return &n.MultipleOf }},
	}
	for _, r := range rats {
		one := func(n *schema.Node) (*schema.Node, any) {
			if *r.of(n) == nil {
				return nil, nil
			}
			var out schema.Node
			*r.of(&out) = *r.of(n)
			return &out, decimal(*r.of(n))
		}
		old, was := one(a)
		new, is := one(b)
		add(&out, r.word, old, new, was, is)
	}
	sizes := []struct {
		word string
		of   func(n *schema.Node) **int
	}{
		{"minLength", func(n *schema.Node) **int { return &n.MinLength }}, {"maxLength", func(n *schema.Node) **int { return &n.MaxLength }},
		{"minItems", func(n *schema.Node) **int { return &n.MinItems }}, {"maxItems", func(n *schema.Node) **int { return &n.MaxItems }},
		{"minProperties", func(n *schema.Node) **int { return &n.MinProperties }}, {"maxProperties", func(n *schema.Node) **int { return &n.MaxProperties }},
	}
	for _, s := range sizes {
		both(s.word, func(n *schema.Node) *schema.Node {
			var out schema.Node
			*s.of(&out) = *s.of(n)
			return when(*s.of(n) != nil, out)
		})
	}
	both("pattern", func(n *schema.Node) *schema.Node { return when(n.Pattern != nil, schema.Node{Pattern: n.Pattern}) })
	both("format", func(n *schema.Node) *schema.Node { return when(n.Format != "", schema.Node{Format: n.Format}) })
	both("uniqueItems", func(n *schema.Node) *schema.Node { return when(n.Unique, schema.Node{Unique: true}) })
	return out
}

// namePieces are those of keywords that hold names of properties, one piece for each name.
func namePieces(a, b *schema.Node) []piece {
	var out []piece
	required := func(n *schema.Node, name string) *schema.Node {
		return when(slices.Contains(n.Required, name), schema.Node{Required: []string{name}})
	}
	for _, name := range sortedSet(slices.Concat(a.Required, b.Required)) {
		if slices.Contains(a.Required, name) != slices.Contains(b.Required, name) {
			out = append(out, piece{pointer("required"), "required", required(a, name), required(b, name), name, name})
		}
	}
	names := map[string]bool{}
	for _, n := range []*schema.Node{a, b} {
		for name := range n.NeedsNames {
			names[name] = true
		}
	}
	for _, name := range sortedNames(names) {
		of := func(n *schema.Node) *schema.Node {
			return when(n.NeedsNames[name] != nil, schema.Node{NeedsNames: map[string][]string{name: n.NeedsNames[name]}})
		}
		out = append(out, piece{pointer("dependentRequired", name), "dependentRequired", of(a), of(b), a.NeedsNames[name], b.NeedsNames[name]})
	}
	names = map[string]bool{}
	for _, n := range []*schema.Node{a, b} {
		for name := range n.NeedsSchemas {
			names[name] = true
		}
	}
	for _, name := range sortedNames(names) {
		of := func(n *schema.Node) *schema.Node {
			return when(n.NeedsSchemas[name] != nil, schema.Node{NeedsSchemas: map[string]*schema.Node{name: n.NeedsSchemas[name]}})
		}
		out = append(out, piece{pointer("dependentSchemas", name), "dependentSchemas", of(a), of(b), name, name})
	}
	return out
}

// propertyPieces are those of properties that only one has, with what the other says of their names, and of the rest.
func propertyPieces(a, b *schema.Node) []piece {
	var out []piece
	for _, name := range sortedNames(b.Properties) {
		if _, there := a.Properties[name]; !there {
			out = append(out, piece{pointer("properties", name), "property-added", saysOf(a, name), saysOf(b, name), name, name})
		}
	}
	for _, name := range sortedNames(a.Properties) {
		if _, there := b.Properties[name]; !there {
			out = append(out, piece{pointer("properties", name), "property-removed", saysOf(a, name), saysOf(b, name), name, name})
		}
	}
	patternOf := func(n *schema.Node, source string) *schema.Node {
		for _, p := range n.Patterns {
			if p.Pattern.Source() == source {
				return &schema.Node{Patterns: []schema.PatternNode{p}}
			}
		}
		return nil
	}
	var sources []string
	for _, p := range slices.Concat(a.Patterns, b.Patterns) {
		sources = append(sources, p.Pattern.Source())
	}
	for _, source := range sortedSet(sources) {
		old, new := patternOf(a, source), patternOf(b, source)
		if (old == nil) != (new == nil) {
			out = append(out, piece{pointer("patternProperties", source), "patternProperties", old, new, source, source})
		}
	}
	if !isSchema(a.Additional) || !isSchema(b.Additional) {
		of := func(n *schema.Node) *schema.Node { return when(n.Additional != nil, *additionalOf(n, n.Additional)) }
		if constant(a.Additional) != constant(b.Additional) {
			add(&out, "additionalProperties", of(a), of(b), written(a.Additional), written(b.Additional))
		}
	}
	if (a.Names == nil) != (b.Names == nil) {
		add(&out, "propertyNames", when(a.Names != nil, schema.Node{Names: a.Names}), when(b.Names != nil, schema.Node{Names: b.Names}), written(a.Names), written(b.Names))
	}
	if a.UnevaluatedProperties != nil || b.UnevaluatedProperties != nil {
		out = append(out, unevaluatedPiece("unevaluatedProperties", a, b, a.UnevaluatedProperties, b.UnevaluatedProperties))
	}
	return out
}

// unevaluatedPiece takes the whole schema for the piece: what is evaluated is told by the keywords beside.
func unevaluatedPiece(word string, a, b, old, new *schema.Node) piece {
	p := piece{word: pointer(word), kind: word, was: written(old), is: written(new)}
	if old != nil {
		p.old = a
	}
	if new != nil {
		p.new = b
	}
	return p
}

// constant tells schemas that are true, false or missing from each other and from all others.
func constant(n *schema.Node) string {
	switch {
	case n == nil:
		return "true"
	case n.Bool != nil:
		return fmt.Sprint(*n.Bool)
	}
	return "schema"
}

func itemPieces(a, b *schema.Node) []piece {
	var out []piece
	if len(a.Prefix) != len(b.Prefix) || constant(a.Rest) != constant(b.Rest) {
		of := func(n *schema.Node) *schema.Node {
			return when(n.Rest != nil || n.Prefix != nil, schema.Node{Prefix: n.Prefix, Rest: n.Rest})
		}
		word := "items"
		if b.Prefix != nil && b.Raw["prefixItems"] != nil {
			word = "prefixItems"
		}
		add(&out, word, of(a), of(b), itemsWords(a), itemsWords(b))
	}
	contains := func(n *schema.Node) *schema.Node {
		return when(n.Contains != nil, schema.Node{Contains: n.Contains, MinContains: n.MinContains, MaxContains: n.MaxContains, ContainsEvaluates: n.ContainsEvaluates})
	}
	was, is := a.Raw["contains"], b.Raw["contains"]
	if a.Contains != nil && b.Contains != nil && reflect.DeepEqual(was, is) {
		was, is = timesOf(a), timesOf(b)
	}
	add(&out, "contains", contains(a), contains(b), was, is)
	if a.UnevaluatedItems != nil || b.UnevaluatedItems != nil {
		out = append(out, unevaluatedPiece("unevaluatedItems", a, b, a.UnevaluatedItems, b.UnevaluatedItems))
	}
	return out
}

func logicPieces(a, b *schema.Node) []piece {
	var out []piece
	both := func(word string, of func(n *schema.Node) *schema.Node) {
		add(&out, word, of(a), of(b), nil, nil)
	}
	if len(a.AllOf) != len(b.AllOf) {
		both("allOf", func(n *schema.Node) *schema.Node { return when(n.AllOf != nil, schema.Node{AllOf: n.AllOf}) })
	}
	if len(a.Refs) != len(b.Refs) {
		both("$ref", func(n *schema.Node) *schema.Node { return when(n.Refs != nil, schema.Node{Refs: n.Refs}) })
	}
	if len(a.AnyOf) != len(b.AnyOf) {
		both("anyOf", func(n *schema.Node) *schema.Node { return when(n.AnyOf != nil, schema.Node{AnyOf: n.AnyOf}) })
	}
	if len(a.OneOf) != len(b.OneOf) {
		both("oneOf", func(n *schema.Node) *schema.Node { return when(n.OneOf != nil, schema.Node{OneOf: n.OneOf}) })
	}
	both("not", func(n *schema.Node) *schema.Node { return when(n.Not != nil, schema.Node{Not: n.Not}) })
	both("if", func(n *schema.Node) *schema.Node {
		return when(n.If != nil && (n.Then != nil || n.Else != nil), schema.Node{If: n.If, Then: n.Then, Else: n.Else})
	})
	return out
}
