package compat

import "github.com/tamerhq/tamer/internal/schema"

// A spot is a place in the values that are judged: it says of a schema for what stands there which whole values hold such a
// thing.
type spot func(d Direction, n *schema.Node) *schema.Node

func root(_ Direction, n *schema.Node) *schema.Node { return n }

// within gives the spot that is one step further; holds says which values hold, there, what a schema accepts.
func (s spot) within(holds func(n *schema.Node) *schema.Node) spot {
	return func(d Direction, n *schema.Node) *schema.Node { return s(d, holds(n)) }
}

func (s spot) property(name string) spot {
	return s.within(func(n *schema.Node) *schema.Node {
		return &schema.Node{Types: []string{"object"}, Required: []string{name}, Properties: map[string]*schema.Node{name: n}}
	})
}

// some gives the spot of any of the values that a schema for all of them is made for.
func (s spot) some(kind string, all func(n *schema.Node) *schema.Node) spot {
	return s.within(func(n *schema.Node) *schema.Node {
		return &schema.Node{Types: []string{kind}, Not: all(&schema.Node{Not: n})}
	})
}

func (s spot) item(i int) spot {
	return s.within(func(n *schema.Node) *schema.Node {
		prefix := make([]*schema.Node, i+1)
		for k := range i {
			prefix[k] = always
		}
		prefix[i] = n
		return &schema.Node{Types: []string{"array"}, MinItems: new(i + 1), Prefix: prefix}
	})
}

// beside gives the same place, where one of two alternatives holds: the old one of what breaks backward, the new one else.
func (s spot) beside(old, new *schema.Node) spot {
	return func(d Direction, n *schema.Node) *schema.Node {
		with := old
		if d == Forward {
			with = new
		}
		return s(d, &schema.Node{AllOf: []*schema.Node{with, n}})
	}
}

var always = &schema.Node{Bool: new(true)}

// rest is a schema of n's keywords for properties that says something of the additional ones only.
func additionalOf(n, is *schema.Node) *schema.Node {
	out := &schema.Node{Properties: map[string]*schema.Node{}, Additional: is}
	for name := range n.Properties {
		out.Properties[name] = always
	}
	for _, p := range n.Patterns {
		out.Patterns = append(out.Patterns, schema.PatternNode{Pattern: p.Pattern, Node: always})
	}
	return out
}

// restOf is a schema of n's keywords for items that says something of those after the first ones only.
func itemsOf(n, is *schema.Node) *schema.Node {
	out := &schema.Node{Rest: is}
	for range n.Prefix {
		out.Prefix = append(out.Prefix, always)
	}
	return out
}

// saysOf is what n says of the property of a name.
func saysOf(n *schema.Node, name string) *schema.Node {
	var all []*schema.Node
	if below, ok := n.Properties[name]; ok {
		all = append(all, below)
	}
	for _, p := range n.Patterns {
		if ok, _ := p.Pattern.Match(name); ok {
			all = append(all, p.Node)
		}
	}
	if all == nil && n.Additional != nil {
		all = append(all, n.Additional)
	}
	return &schema.Node{Properties: map[string]*schema.Node{name: {AllOf: all}}}
}
