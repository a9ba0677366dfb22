package compat

import (
	"encoding/json"
	"math/big"
	"slices"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/schema"
)

// accepts judges a value by a node: by the engine where the node comes from a file, by itself where the search has made it.
// known is false where there is no verdict.
func accepts(n *schema.Node, v any) (ok, known bool) { return enums{}.accepts(n, v) }

// accepts is accepts for several values in turn.
func (e enums) accepts(n *schema.Node, v any) (ok, known bool) {
	if n == nil {
		return true, true
	}
	listed := n.Enum == nil || e.of(n)[canonical(v)]
	if !listed {
		return false, true
	}
	if n.Compiled() {
		if n.Enum != nil && lists(n) {
			return isOfType(n, v), true
		}
		ok, err := n.Accepts(v)
		return ok, err == nil
	}
	if n.Bool != nil {
		return *n.Bool, true
	}
	known = true
	all := true
	judge := func(n *schema.Node, v any) bool {
		ok, k := e.accepts(n, v)
		known = known && k
		return ok
	}
	if n.Const != nil {
		all = canonical(n.Const[0]) == canonical(v)
	}
	all = all && isOfType(n, v)
	for _, below := range n.AllOf {
		all = all && judge(below, v)
	}
	if n.AnyOf != nil {
		all = all && slices.ContainsFunc(n.AnyOf, func(n *schema.Node) bool { return judge(n, v) })
	}
	if n.Not != nil {
		all = all && !judge(n.Not, v)
	}
	if n.OneOf != nil || n.If != nil || n.Refs != nil {
		return false, false
	}
	switch v := v.(type) {
	case json.Number:
		all = all && acceptsNumber(n, ratOf(v))
	case string:
		if n.Pattern != nil {
			ok, k := n.Pattern.Match(v)
			all, known = all && ok, known && k
		}
		all = all && isBetween(utf8.RuneCountInString(v), n.MinLength, n.MaxLength) && (n.Format == "" || schema.HasFormat(n.Format, v))
	case map[string]any:
		all = all && acceptsObject(n, v, judge)
	case []any:
		all = all && acceptsList(n, v, judge)
	}
	return all, known
}

func acceptsNumber(n *schema.Node, x *big.Rat) bool {
	return (n.Minimum == nil || x.Cmp(n.Minimum) >= 0) && (n.Maximum == nil || x.Cmp(n.Maximum) <= 0) &&
		(n.Above == nil || x.Cmp(n.Above) > 0) && (n.Below == nil || x.Cmp(n.Below) < 0) &&
		(n.MultipleOf == nil || n.MultipleOf.Sign() <= 0 || new(big.Rat).Quo(x, n.MultipleOf).IsInt())
}

func isBetween(size int, low, high *int) bool {
	return (low == nil || size >= *low) && (high == nil || size <= *high)
}

func acceptsObject(n *schema.Node, m map[string]any, judge func(*schema.Node, any) bool) bool {
	if !isBetween(len(m), n.MinProperties, n.MaxProperties) {
		return false
	}
	for _, name := range n.Required {
		if _, there := m[name]; !there {
			return false
		}
	}
	for name, needed := range n.NeedsNames {
		if _, there := m[name]; there && slices.ContainsFunc(needed, func(other string) bool { _, ok := m[other]; return !ok }) {
			return false
		}
	}
	for name, below := range n.NeedsSchemas {
		if _, there := m[name]; there && !judge(below, m) {
			return false
		}
	}
	for name, v := range m {
		below, matched := n.Properties[name]
		if matched && !judge(below, v) {
			return false
		}
		for _, p := range n.Patterns {
			if ok, _ := p.Pattern.Match(name); ok {
				matched = true
				if !judge(p.Node, v) {
					return false
				}
			}
		}
		if !matched && n.Additional != nil && !judge(n.Additional, v) || n.Names != nil && !judge(n.Names, name) {
			return false
		}
	}
	return true
}

func acceptsList(n *schema.Node, list []any, judge func(*schema.Node, any) bool) bool {
	if !isBetween(len(list), n.MinItems, n.MaxItems) || n.Unique && len(canonicals(list)) < len(list) {
		return false
	}
	if n.Contains != nil {
		matches := 0
		for _, v := range list {
			if judge(n.Contains, v) {
				matches++
			}
		}
		if !isBetween(matches, n.MinContains, n.MaxContains) {
			return false
		}
	}
	for i, v := range list {
		below := n.Rest
		if i < len(n.Prefix) {
			below = n.Prefix[i]
		}
		if below != nil && !judge(below, v) {
			return false
		}
	}
	return true
}
