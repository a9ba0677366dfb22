package evolution

import (
	"strconv"

	"github.com/tamerhq/tamer/internal/compat"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/schema"
)

// maxAsked bounds the paths of one type that are looked at by meaning, each of which takes some tenths of a millisecond.
const maxAsked = 2_000

// Views are both schemas of a type as they are looked at path by path.
type views struct {
	was, is       *schema.Schema
	before, after *schema.Node
	report        compat.Report
	budget        *compat.Budget
	old, new      *compat.Searcher  // nil until they are needed
	asked         map[string]string // what meant has found, by path
}

// look begins to look at both schemas of a type. The error says that one of them cannot be read.
func look(was, is *schema.Schema, r compat.Report, budget *compat.Budget) (*views, error) {
	before, err := was.Tree()
	if err != nil {
		return nil, err
	}
	after, err := is.Tree()
	return &views{was: was, is: is, before: before, after: after, report: r, budget: budget, asked: map[string]string{}}, err
}

const (
	gone    = "where nothing may stand any more"
	missing = "which may be missing now"
)

// meant says what a reader of a path loses, as lost does, by what the schemas accept, however they say it: a property may be forbidden
// without a word at its own place.
func (v *views) meant(tokens []string) string {
	key := document.Pointer(tokens)
	what, known := v.asked[key]
	if !known && len(v.asked) < maxAsked {
		what = v.ask(tokens)
		v.asked[key] = what
	}
	return what
}

func (v *views) ask(tokens []string) string {
	if v.old == nil {
		v.old, v.new = v.budget.Searcher(v.before), v.budget.Searcher(v.after)
	}
	if there := having(tokens); v.report.Breaks(compat.Backward) && impossible(v.new, v.after, there) && possible(v.old, v.before, there) {
		return gone
	}
	if absent := lacking(tokens); v.report.Breaks(compat.Forward) && impossible(v.old, v.before, absent) && possible(v.new, v.after, absent) {
		return missing
	}
	return ""
}

// possible tells whether a schema is shown to accept a value of a form; impossible, whether it is proven that it accepts none.
func possible(s *compat.Searcher, n, form *schema.Node) bool {
	v := s.Search([]*schema.Node{n, form}, nil)
	return v.Broken && v.Proven
}

func impossible(s *compat.Searcher, n, form *schema.Node) bool {
	return !s.Search([]*schema.Node{n, form}, nil).Broken
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
