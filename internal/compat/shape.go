package compat

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/schema"
)

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
