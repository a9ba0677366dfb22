package evolution

import (
	"strconv"

	"github.com/tamerhq/tamer/internal/compat"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/schema"
)

// maxAsked bounds the paths of one type that are looked at by meaning, each of which takes some milliseconds.
const maxAsked = 500

// meant says what a reader of a path loses, as lost does, by what the schemas accept, however they say it: a property may be forbidden
// without a word at its own place.
func (h hurting) meant(before, after *schema.Node, tokens []string) string {
	key := document.Pointer(tokens)
	what, known := h.change.asked[key]
	if !known && len(h.change.asked) < maxAsked {
		what = ask(h.change.Report, before, after, tokens)
		h.change.asked[key] = what
	}
	return what
}

func ask(report compat.Report, before, after *schema.Node, tokens []string) string {
	if there := having(tokens); report.Breaks(compat.Backward) && impossible(after, there) && possible(before, there) {
		return "where nothing may stand any more"
	}
	if absent := lacking(tokens); report.Breaks(compat.Forward) && impossible(before, absent) && possible(after, absent) {
		return "which may be missing now"
	}
	return ""
}

// possible tells whether a schema is shown to accept a value of a form; impossible, whether it is proven that it accepts none.
func possible(n, form *schema.Node) bool {
	v := compat.Search([]*schema.Node{n, form}, nil)
	return v.Broken && v.Proven
}

func impossible(n, form *schema.Node) bool {
	return !compat.Search([]*schema.Node{n, form}, nil).Broken
}

// having is the form of values with something at a path.
func having(tokens []string) *schema.Node {
	if len(tokens) == 0 {
		return &schema.Node{Bool: new(true)}
	}
	return holding(tokens[0], having(tokens[1:]))
}

// lacking is the form of mappings with nothing at a path, and of lists and mappings with an item, for *, that has nothing there.
func lacking(tokens []string) *schema.Node {
	if len(tokens) == 0 {
		return &schema.Node{Bool: new(false)}
	}
	below := holding(tokens[0], lacking(tokens[1:]))
	if tokens[0] == "*" {
		return below
	}
	without := &schema.Node{Types: []string{"object"}, Not: &schema.Node{Required: tokens[:1]}}
	return &schema.Node{AnyOf: []*schema.Node{without, below}}
}

// maxPlace bounds the places of items that are asked for.
const maxPlace = 100

// holding is the form of mappings and lists whose item of a token, or one of them for *, has a form.
func holding(token string, below *schema.Node) *schema.Node {
	mapping := &schema.Node{Types: []string{"object"}, Required: []string{token}, Properties: map[string]*schema.Node{token: below}}
	list := &schema.Node{Types: []string{"array"}}
	place, err := strconv.Atoi(token)
	switch {
	case token == "*":
		none := &schema.Node{Additional: &schema.Node{Not: below}}
		mapping = &schema.Node{Types: []string{"object"}, Not: none}
		list.Contains, list.MinContains = below, new(1)
	case err == nil && place >= 0 && place < maxPlace:
		list.MinItems = new(place + 1)
		for range place {
			list.Prefix = append(list.Prefix, &schema.Node{Bool: new(true)})
		}
		list.Prefix = append(list.Prefix, below)
	default:
		return mapping
	}
	return &schema.Node{AnyOf: []*schema.Node{mapping, list}}
}
