package compat

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/schema"
)

// A differ walks through two schemas side by side and writes down what differs, and which of it breaks what.
type differ struct {
	*pair
	verdicts map[Direction]Verdict
	met      map[[2]*schema.Node]int
	changes  []Change
	left     int // steps
	depth    int // of walks in walks
	walked   int
}

// maxContexts bounds how often the same two schemas are walked through: a definition is used in several places.
const maxContexts = 3

// Bounds on how deep schemas are walked through, as deep as values may be, and how many there are: two circles of references that are not
// equally long meet in more pairs than there is memory for.
const (
	maxNested = 1000
	maxWalked = 100_000
)

// A piece is what one keyword says, as a schema of its own; nil where the keyword is missing.
type piece struct {
	word     string // the keyword and what follows in its path
	kind     string // the keyword in the words of 2020-12
	old, new *schema.Node
	was, is  any // what is written there
}

// walk compares two schemas that judge the same values.
func (d *differ) walk(a, b *schema.Node, at spot) {
	a, b = d.meant(a), d.meant(b)
	if d.met[[2]*schema.Node{a, b}]++; d.met[[2]*schema.Node{a, b}] > maxContexts || a == nil && b == nil {
		return
	}
	d.depth++
	defer func() { d.depth-- }()
	if d.walked++; d.depth > maxNested || d.walked > maxWalked {
		return
	}
	if a == nil || b == nil || a.Bool != nil || b.Bool != nil {
		d.whole(a, b, at)
		return
	}
	d.annotations(a, b)
	for _, p := range pieces(a, b) {
		d.piece(a, b, p, at)
	}
	d.below(a, b, at)
}

func (d *differ) same(a, b *schema.Node) bool {
	return (a == nil) == (b == nil) && d.solver.lit(a) == d.solver.lit(b)
}

// meant follows a schema that is only a reference.
func (d *differ) meant(n *schema.Node) *schema.Node {
	for range 100 {
		if n == nil {
			break
		}
		sh := d.solver.shapeOf(n)
		if !sh.refers() {
			break
		}
		n = sh.slots[0].node
	}
	return n
}

// whole compares two schemas of which at least one is true, false or missing.
func (d *differ) whole(a, b *schema.Node, at spot) {
	if d.solver.lit(a) == d.solver.lit(b) {
		return
	}
	d.note(whereOf(a, b), "schema", piece{kind: "schema", old: orAlways(a), new: orAlways(b), was: written(a), is: written(b)}, at)
}

func orAlways(n *schema.Node) *schema.Node {
	if n == nil {
		return always
	}
	return n
}

func written(n *schema.Node) any {
	switch {
	case n == nil:
		return true
	case n.Bool != nil:
		return *n.Bool
	}
	return n.Raw
}

// whereOf is where a change is shown: in the new schema, if it is there.
func whereOf(a, b *schema.Node) *schema.Node {
	if b != nil && (b.Pointer != "" || b.File != "") {
		return b
	}
	return a
}

func (d *differ) piece(a, b *schema.Node, p piece, at spot) {
	if d.same(p.old, p.new) {
		return
	}
	where := b
	if p.new == nil {
		where = a
	}
	d.note(where, p.word, p, at)
}

// below compares the schemas that stand below the same keywords of both.
func (d *differ) below(a, b *schema.Node, at spot) {
	if a == nil || b == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(b.Properties)) {
		if old, ok := a.Properties[name]; ok {
			d.walk(old, b.Properties[name], at.property(name))
		}
	}
	for _, p := range b.Patterns {
		for _, q := range a.Patterns {
			if p.Pattern.Source() == q.Pattern.Source() {
				d.walk(q.Node, p.Node, at.some("object", func(n *schema.Node) *schema.Node {
					return &schema.Node{Patterns: []schema.PatternNode{{Pattern: p.Pattern, Node: n}}}
				}))
			}
		}
	}
	if isSchema(a.Additional) && isSchema(b.Additional) {
		d.walk(a.Additional, b.Additional, at.some("object", func(n *schema.Node) *schema.Node { return additionalOf(b, n) }))
	}
	if a.Names != nil && b.Names != nil {
		d.walk(a.Names, b.Names, at.some("object", func(n *schema.Node) *schema.Node { return &schema.Node{Names: n} }))
	}
	for i := range min(len(a.Prefix), len(b.Prefix)) {
		d.walk(a.Prefix[i], b.Prefix[i], at.item(i))
	}
	if isSchema(a.Rest) && isSchema(b.Rest) && len(a.Prefix) == len(b.Prefix) {
		d.walk(a.Rest, b.Rest, at.some("array", func(n *schema.Node) *schema.Node { return itemsOf(b, n) }))
	}
	for i := range matched(a.AllOf, b.AllOf) {
		d.walk(a.AllOf[i], b.AllOf[i], at)
	}
	if len(a.Refs) == len(b.Refs) {
		for i := range a.Refs {
			d.walk(a.Refs[i], b.Refs[i], at)
		}
	}
	for _, lists := range [][2][]*schema.Node{{a.AnyOf, b.AnyOf}, {a.OneOf, b.OneOf}} {
		for i := range matched(lists[0], lists[1]) {
			d.walk(lists[0][i], lists[1][i], at.beside(lists[0][i], lists[1][i]))
		}
	}
}

func isSchema(n *schema.Node) bool { return n != nil && n.Bool == nil }

// matched gives how many schemas of two lists are compared one by one: all, or none where the lists are not of one length.
func matched(a, b []*schema.Node) int {
	if len(a) != len(b) {
		return 0
	}
	return len(a)
}

// annotations writes down what differs in keywords that judge nothing.
func (d *differ) annotations(a, b *schema.Node) {
	if d.met[[2]*schema.Node{a, b}] > 1 {
		return
	}
	words := map[string]bool{}
	for word := range a.Raw {
		words[word] = true
	}
	for word := range b.Raw {
		words[word] = true
	}
	for _, word := range sortedNames(words) {
		was, had := a.Raw[word]
		is, has := b.Raw[word]
		if !annotates(word, a, b) || had == has && reflect.DeepEqual(was, is) {
			continue
		}
		where := b
		if !has {
			where = a
		}
		c := Change{File: where.File, Path: "#" + where.Pointer + pointer(word), Kind: word + became(had, has), Breaks: []Direction{}}
		c.Message = annotationWords(word, was, is, had, has)
		d.changes = append(d.changes, c)
	}
}

// annotates tells whether a keyword judges nothing.
func annotates(word string, a, b *schema.Node) bool {
	if word == "format" {
		return a.Format == "" && b.Format == ""
	}
	return !judging[word]
}

var judging = func() map[string]bool {
	out := map[string]bool{}
	for _, word := range []string{
		"$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", "$ref", "$dynamicRef", "$recursiveRef", "$defs", "definitions",
		"type", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
		"multipleOf", "minLength", "maxLength", "pattern", "items", "prefixItems", "additionalItems", "contains", "minContains", "maxContains",
		"unevaluatedItems", "minItems", "maxItems", "uniqueItems", "properties", "patternProperties", "additionalProperties", "propertyNames",
		"unevaluatedProperties", "required", "minProperties", "maxProperties", "dependencies", "dependentRequired", "dependentSchemas",
	} {
		out[word] = true
	}
	return out
}()

// note writes down a change, and finds out which direction it breaks.
func (d *differ) note(where *schema.Node, word string, p piece, at spot) {
	c := Change{File: where.File, Path: "#" + where.Pointer, Breaks: []Direction{}, Witnesses: map[Direction]any{}}
	if word != "schema" {
		c.Path += word
	}
	c.Kind = p.kind
	if !strings.HasPrefix(p.kind, "property-") {
		c.Kind += became(p.old != nil, p.new != nil)
	}
	if i := slices.IndexFunc(d.changes, func(o Change) bool { return o.Path == c.Path && o.Kind == c.Kind && o.File == c.File }); i >= 0 {
		d.examine(&d.changes[i], p, at) // the same change of a definition, in another place where it is used
		return
	}
	c.Message = changeWords(p)
	d.examine(&c, p, at)
	d.changes = append(d.changes, c)
}

func became(had, has bool) string {
	switch {
	case !had:
		return "-added"
	case !has:
		return "-removed"
	}
	return "-changed"
}

// examine finds out which directions a change breaks, of those that are broken at all.
func (d *differ) examine(c *Change, p piece, at spot) {
	for _, dir := range []Direction{Backward, Forward} {
		refusing := p.new
		if dir == Forward {
			refusing = p.old
		}
		if refusing == nil || !d.verdicts[dir].Broken || slices.Contains(c.Breaks, dir) {
			continue
		}
		if d.left -= d.depth / 8; d.left <= 0 || d.solver.budget.spent() { // a schema of that place takes a step for some levels
			c.unsure = append(c.unsure, dir)
			continue
		}
		switch r := d.witness(dir, at(dir, &schema.Node{Not: refusing})); r.status {
		case found:
			c.Breaks = append(c.Breaks, dir)
			c.Witnesses[dir] = r.value
			d.verdicts[dir] = Verdict{Broken: true, Proven: true, Witness: r.value}
		case unsure:
			c.unsure = append(c.unsure, dir)
		}
	}
}

// witness looks for a value that shows that a direction is broken, and of which a schema holds.
func (d *differ) witness(dir Direction, holds *schema.Node) result {
	from, to := d.sides(dir)
	s := d.solver
	for _, goal := range [][]lit{{s.lit(from), s.lit(holds)}, {s.lit(from), s.lit(holds), s.lit(to).not()}} {
		steps := min(maxChangeSteps, d.left)
		if steps <= 0 {
			break
		}
		s.refill(steps)
		r := s.solve(goal...)
		d.left -= steps - max(s.left, 0)
		if r.status == none || r.status == found && shows(from, to, r.value) {
			return r
		}
	}
	return result{status: unsure}
}

// finish sees to it that a broken direction stands at a change, and that the words say what is broken.
func (d *differ) finish() {
	for _, dir := range []Direction{Backward, Forward} {
		v := d.verdicts[dir]
		if !v.Broken || (Report{Changes: d.changes}).Breaks(dir) {
			continue
		}
		c := Change{File: d.new.File, Path: "#", Kind: "schema-changed", Breaks: []Direction{dir}, Message: "what the schema accepts changes"}
		if v.Proven {
			c.Witnesses = map[Direction]any{dir: v.Witness}
		} else {
			c.Kind = "not-proven"
			c.Message = notProvenWords(dir, v.Why)
		}
		d.changes = append(d.changes, c)
	}
	if len(d.changes) == 0 {
		d.changes = []Change{{File: d.new.File, Path: "#", Kind: "rewritten", Breaks: []Direction{}, Message: "the schema is written in another way, and means the same"}}
	}
	for i := range d.changes {
		d.changes[i].Message += witnessWords(d.changes[i])
	}
}
