package compat

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/schema"
)

// A lit says that a value is accepted by the schemas of one class, or, where it is odd, that it is refused.
type lit int32

const (
	anything lit = 0
	nothing  lit = 1
)

func (l lit) not() lit      { return l ^ 1 }
func (l lit) refuses() bool { return l&1 == 1 }

// classes put schemas of the same meaning together, as far as their form tells: the order of what has no order, names of
// definitions, and what is said twice make no difference.
type classes struct {
	of        map[*schema.Node]lit
	rep       []*schema.Node // by lit/2
	byHash    map[uint64]lit
	annotates bool // there are unevaluated…, for which it matters how the rest is written
}

// slot is a schema below another one, and what it is there.
type slot struct {
	tag  uint64
	node *schema.Node
}

type shape struct {
	local uint64
	slots []slot
	sets  [][]*schema.Node // without order
}

var seed = maphash.MakeSeed()

func hashOf(s string) uint64 { return maphash.String(seed, s) }

func mix(parts ...uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, p := range parts {
		h = (h ^ p) * 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	return h
}

func newClasses(roots ...*schema.Node) *classes {
	c := &classes{of: map[*schema.Node]lit{}, byHash: map[uint64]lit{}}
	c.rep = []*schema.Node{{Bool: new(true)}}
	c.of[nil] = anything
	var nodes []*schema.Node
	seen := map[*schema.Node]bool{nil: true}
	for _, r := range roots {
		nodes = reach(r, nodes, seen)
	}
	for _, n := range nodes {
		c.annotates = c.annotates || n.UnevaluatedItems != nil || n.UnevaluatedProperties != nil
	}
	colours := c.refine(nodes)
	for _, references := range []bool{false, true} { // what stands for a class says it itself
		for _, n := range nodes {
			if c.shapeOf(n).refers() == references {
				c.put(n, colours[n])
			}
		}
	}
	return c
}

// put gives a node the class of its hash.
func (c *classes) put(n *schema.Node, hash uint64) lit {
	l, ok := c.byHash[hash]
	if !ok {
		l = lit(len(c.rep) * 2)
		c.rep = append(c.rep, n)
		c.byHash[hash] = l
	}
	c.of[n] = l
	return l
}

// lit gives the class of a node; one that was made for the search gets its own at the first asking.
func (c *classes) lit(n *schema.Node) lit {
	if l, ok := c.of[n]; ok {
		return l
	}
	sh := c.shapeOf(n)
	return c.put(n, mix(1, sh.hash(func(n *schema.Node) uint64 { return uint64(c.lit(n)) })))
}

const (
	trueColour  = 11
	falseColour = 13
)

// refine tells schemas apart by what they say, then by what those below them say, until that makes no more difference.
func (c *classes) refine(nodes []*schema.Node) map[*schema.Node]uint64 {
	shapes := make(map[*schema.Node]shape, len(nodes))
	for _, n := range nodes {
		shapes[n] = c.shapeOf(n)
	}
	meant := func(n *schema.Node) *schema.Node { // what a schema leads to that is only a reference
		for range len(nodes) {
			sh := shapes[n]
			if n == nil || !sh.refers() {
				break
			}
			n = sh.slots[0].node
		}
		return n
	}
	colour := map[*schema.Node]uint64{nil: trueColour}
	for before, rounds := 0, 0; rounds <= len(nodes); rounds++ {
		next := map[*schema.Node]uint64{nil: trueColour}
		different := make(map[uint64]bool, len(nodes))
		for _, n := range nodes {
			sh := shapes[n]
			if sh.refers() {
				continue
			}
			h := sh.hash(func(n *schema.Node) uint64 { return colour[meant(n)] })
			if h != trueColour && h != falseColour {
				h = mix(h, colour[n])
			}
			next[n] = h
			different[h] = true
		}
		colour = next
		if len(different) == before {
			break
		}
		before = len(different)
	}
	for _, n := range nodes {
		if shapes[n].refers() {
			colour[n] = colour[meant(n)]
		}
	}
	c.byHash[trueColour], c.byHash[falseColour] = anything, nothing
	return colour
}

// refers tells whether a schema says only that another one holds.
func (sh shape) refers() bool {
	return sh.local == 0 && len(sh.sets) == 0 && len(sh.slots) == 1 && sh.slots[0].tag == 0
}

func (sh shape) hash(colour func(*schema.Node) uint64) uint64 {
	if sh.local == 0 && len(sh.slots) == 0 && len(sh.sets) == 0 {
		return trueColour
	}
	if sh.local == falseColour {
		return falseColour
	}
	parts := []uint64{sh.local}
	for _, s := range sh.slots {
		parts = append(parts, s.tag, colour(s.node))
	}
	for _, set := range sh.sets {
		var below []uint64
		for _, n := range set {
			below = append(below, colour(n))
		}
		slices.Sort(below)
		parts = append(parts, mix(below...))
	}
	return mix(parts...)
}

// reach lists the nodes below and with n, each once.
func reach(n *schema.Node, list []*schema.Node, seen map[*schema.Node]bool) []*schema.Node {
	if seen[n] {
		return list
	}
	seen[n] = true
	list = append(list, n)
	for below := range belowOf(n) {
		list = reach(below, list, seen)
	}
	return list
}

func belowOf(n *schema.Node) func(yield func(*schema.Node) bool) {
	return func(yield func(*schema.Node) bool) {
		lists := [][]*schema.Node{n.Refs, n.AllOf, n.AnyOf, n.OneOf, n.Prefix,
			{n.Not, n.If, n.Then, n.Else, n.Rest, n.Contains, n.UnevaluatedItems, n.Additional, n.Names, n.UnevaluatedProperties}}
		for _, p := range n.Patterns {
			lists = append(lists, []*schema.Node{p.Node})
		}
		lists = append(lists, slices.Collect(maps.Values(n.Properties)), slices.Collect(maps.Values(n.NeedsSchemas)))
		for _, list := range lists {
			for _, b := range list {
				if b != nil && !yield(b) {
					return
				}
			}
		}
	}
}

// shapeOf takes apart what a schema itself says, as a hash, and the schemas below it. local is 0 where it says nothing itself.
func (c *classes) shapeOf(n *schema.Node) shape {
	var sh shape
	if n.Bool != nil {
		if !*n.Bool {
			sh.local = falseColour
		}
		return sh
	}
	var b strings.Builder
	c.writeAnything(&b, n)
	c.writeScalars(&b, n)
	c.writeStructure(&b, &sh, n)
	if n.Unclear != "" {
		b.WriteString("unclear " + n.File + "#" + n.Pointer) // only the same place is the same
	}
	if b.Len() > 0 {
		sh.local = hashOf(b.String()) | 1<<63
	}
	return sh
}

func (c *classes) writeAnything(b *strings.Builder, n *schema.Node) {
	if types := typesOf(n); types != "" {
		b.WriteString("type" + types)
	}
	if n.Enum != nil {
		b.WriteString("enum" + strings.Join(canonicals(n.Enum), " "))
	}
	if n.Const != nil {
		b.WriteString("enum" + canonicals(n.Const)[0])
	}
}

// typesOf writes the types in order; "" where all are allowed.
func typesOf(n *schema.Node) string {
	types := slices.Clone(n.Types)
	if slices.Contains(types, "number") {
		types = slices.DeleteFunc(types, func(t string) bool { return t == "integer" })
	}
	slices.Sort(types)
	types = slices.Compact(types)
	if len(types) == int(kinds) && !slices.Contains(types, "integer") {
		return ""
	}
	return strings.Join(types, ",")
}

func (c *classes) writeScalars(b *strings.Builder, n *schema.Node) {
	for i, r := range []*big.Rat{n.Minimum, n.Maximum, n.Above, n.Below, n.MultipleOf} {
		if r != nil {
			b.WriteString("number" + strconv.Itoa(i) + " " + r.RatString())
		}
	}
	for i, v := range []*int{n.MinLength, n.MinItems, n.MinProperties, n.MaxLength, n.MaxItems, n.MaxProperties} {
		if v != nil && (i > 2 || *v > 0) {
			b.WriteString("size" + strconv.Itoa(i) + " " + strconv.Itoa(*v))
		}
	}
	if n.Pattern != nil {
		b.WriteString("pattern" + strconv.Quote(n.Pattern.Source()))
	}
	if n.Format != "" {
		b.WriteString("format" + strconv.Quote(n.Format))
	}
	if n.Unique {
		b.WriteString("unique")
	}
	for _, name := range sortedSet(n.Required) {
		b.WriteString("required" + strconv.Quote(name))
	}
	for _, name := range slices.Sorted(maps.Keys(n.NeedsNames)) {
		fmt.Fprintf(b, "needs%q%q", name, sortedSet(n.NeedsNames[name]))
	}
}

func sortedSet(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

func (c *classes) writeStructure(b *strings.Builder, sh *shape, n *schema.Node) {
	one := func(tag string, below *schema.Node) {
		if below != nil && (c.annotates || below.Bool == nil || !*below.Bool) {
			sh.slots = append(sh.slots, slot{hashOf(tag), below})
		}
	}
	set := func(tag string, below []*schema.Node) {
		if below != nil {
			b.WriteString(tag + strconv.Itoa(len(below)))
			sh.sets = append(sh.sets, below)
		}
	}
	if all := slices.Concat(n.Refs, n.AllOf); len(all) == 1 {
		sh.slots = append(sh.slots, slot{0, all[0]})
	} else {
		set("allOf", all)
	}
	if len(n.AnyOf) == 1 {
		sh.slots = append(sh.slots, slot{0, n.AnyOf[0]})
	} else {
		set("anyOf", n.AnyOf)
	}
	set("oneOf", n.OneOf)
	if n.Not != nil {
		sh.slots = append(sh.slots, slot{hashOf("not"), n.Not})
	}
	if n.Then != nil || n.Else != nil || c.annotates {
		one("if", n.If)
		one("then", n.Then)
		one("else", n.Else)
	}
	if n.Rest != nil || n.Prefix != nil {
		b.WriteString("prefix" + strconv.Itoa(len(n.Prefix)))
		for _, p := range n.Prefix {
			sh.slots = append(sh.slots, slot{hashOf("prefix"), p})
		}
		one("rest", n.Rest)
	}
	if n.Contains != nil {
		one("contains", n.Contains)
		b.WriteString("contains" + strconv.Itoa(*n.MinContains))
		if n.MaxContains != nil {
			b.WriteString("to" + strconv.Itoa(*n.MaxContains))
		}
		if n.ContainsEvaluates && c.annotates {
			b.WriteString("evaluates")
		}
	}
	one("unevaluatedItems", n.UnevaluatedItems)
	for _, name := range slices.Sorted(maps.Keys(n.Properties)) {
		b.WriteString("property" + strconv.Quote(name))
		sh.slots = append(sh.slots, slot{hashOf("property"), n.Properties[name]})
	}
	for _, p := range n.Patterns {
		b.WriteString("pattern" + strconv.Quote(p.Pattern.Source()))
		sh.slots = append(sh.slots, slot{hashOf("patternProperty"), p.Node})
	}
	one("additional", n.Additional)
	one("names", n.Names)
	for _, name := range slices.Sorted(maps.Keys(n.NeedsSchemas)) {
		b.WriteString("dependent" + strconv.Quote(name))
		one("dependent", n.NeedsSchemas[name])
	}
	one("unevaluatedProperties", n.UnevaluatedProperties)
}

// canonicals writes values so that equal ones are equal texts, sorted and each once.
func canonicals(values []any) []string {
	var out []string
	for _, v := range values {
		out = append(out, canonical(v))
	}
	return sortedSet(out)
}

// canonical writes a value so that JSON Schema takes two for equal if, and only if, their texts are.
func canonical(v any) string {
	var b strings.Builder
	writeCanonical(&b, v)
	return b.String()
}

func writeCanonical(b *strings.Builder, v any) {
	switch v := v.(type) {
	case json.Number:
		b.WriteString(ratOf(v).RatString())
	case []any:
		b.WriteByte('[')
		for _, item := range v {
			writeCanonical(b, item)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case map[string]any:
		b.WriteByte('{')
		for _, key := range slices.Sorted(maps.Keys(v)) {
			b.WriteString(strconv.Quote(key) + ":")
			writeCanonical(b, v[key])
			b.WriteByte(',')
		}
		b.WriteByte('}')
	case string:
		b.WriteString(strconv.Quote(v))
	case bool:
		b.WriteString(strconv.FormatBool(v))
	default:
		b.WriteString("null")
	}
}

func ratOf(n json.Number) *big.Rat {
	r, ok := new(big.Rat).SetString(n.String())
	if !ok {
		return new(big.Rat)
	}
	return r
}
