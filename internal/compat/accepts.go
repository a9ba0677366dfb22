package compat

import (
	"slices"

	"github.com/tamerhq/tamer/internal/schema"
)

// accepts judges a value by a node: by the engine where the node comes from a file, by itself where the search has made it.
// known is false where there is no verdict.
func accepts(n *schema.Node, v any) (ok, known bool) {
	if n == nil {
		return true, true
	}
	if n.Compiled() {
		ok, err := n.Accepts(v)
		return ok, err == nil
	}
	if n.Bool != nil {
		return *n.Bool, true
	}
	known = true
	all := true
	judge := func(n *schema.Node, v any) bool {
		ok, k := accepts(n, v)
		known = known && k
		return ok
	}
	for _, values := range [][]any{n.Enum, n.Const} {
		if values != nil {
			c := canonical(v)
			all = all && slices.ContainsFunc(values, func(e any) bool { return canonical(e) == c })
		}
	}
	if n.Types != nil {
		all = all && slices.Contains(n.Types, kindNames[kindOf(v)])
	}
	for _, below := range n.AllOf {
		all = all && judge(below, v)
	}
	if n.AnyOf != nil {
		all = all && slices.ContainsFunc(n.AnyOf, func(n *schema.Node) bool { return judge(n, v) })
	}
	if n.Not != nil {
		all = all && !judge(n.Not, v)
	}
	switch v := v.(type) {
	case string:
		if n.Pattern != nil {
			ok, k := n.Pattern.Match(v)
			all, known = all && ok, known && k
		}
	case map[string]any:
		all = all && acceptsObject(n, v, judge)
	case []any:
		all = all && acceptsList(n, v, judge)
	}
	return all, known
}

func acceptsObject(n *schema.Node, m map[string]any, judge func(*schema.Node, any) bool) bool {
	for _, name := range n.Required {
		if _, there := m[name]; !there {
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
	if n.MinItems != nil && len(list) < *n.MinItems {
		return false
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
