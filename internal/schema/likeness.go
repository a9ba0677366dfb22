package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
)

// Likeness tells how much two schemas describe the same things: 0 for nothing in common, 1 for all. shared are the paths of the
// properties that both have, sorted, with * for every item and every property without a name of its own.
//
// It is the Jaccard index, the number of common features by that of all (P. Jaccard, The distribution of the flora in the alpine zone,
// New Phytologist 11, 1912). The features of a schema are for each of its properties the path, the path with each of its
// types, and the path with its title in small letters.
func Likeness(a, b *Schema) (share float64, shared []string) {
	x, y := a.outline(), b.outline()
	common, all := 0, 0
	for path, p := range x {
		q, both := y[path]
		if both {
			shared = append(shared, path)
		}
		all += len(p)
		for feature := range p {
			if q[feature] {
				common++
			}
		}
	}
	for _, q := range y {
		all += len(q)
	}
	if all -= common; all == 0 {
		return 0, nil
	}
	slices.Sort(shared)
	return float64(common) / float64(all), shared
}

// Bounds on an outline: of a schema that refers to itself it shows a few rounds.
const (
	maxOutline      = 2000 // paths
	maxOutlineDepth = 8
)

// outline gives the features of each property by its path. The empty feature stands for the path itself.
func (s *Schema) outline() map[string]map[string]bool {
	e, err := s.engines.take()
	if err != nil {
		return nil
	}
	defer s.engines.put(e)
	type level struct {
		path  string
		depth int
		nodes []*jsonschema.Schema
	}
	out := map[string]map[string]bool{}
	todo := []level{{nodes: []*jsonschema.Schema{e.plain}}}
	for i := 0; i < len(todo) && len(out) < maxOutline; i++ {
		now := todo[i]
		nodes := atOnePlace(now.nodes)
		if now.path != "" {
			out[now.path] = s.features(nodes)
		}
		if now.depth == maxOutlineDepth {
			continue
		}
		below := map[string][]*jsonschema.Schema{}
		for _, n := range nodes {
			for name, p := range n.Properties {
				token := document.Pointer([]string{name})
				below[token] = append(below[token], p)
			}
			below["/*"] = append(below["/*"], unnamed(n)...)
		}
		for _, token := range slices.Sorted(maps.Keys(below)) {
			if len(below[token]) > 0 {
				todo = append(todo, level{now.path + token, now.depth + 1, below[token]})
			}
		}
	}
	return out
}

// features of a place where schemas apply.
func (s *Schema) features(nodes []*jsonschema.Schema) map[string]bool {
	all := map[string]bool{"": true}
	for _, n := range nodes {
		for _, t := range n.Types {
			all["is "+t] = true
		}
		for _, v := range slices.Concat(n.Enum, n.Constant) {
			all["is "+kindOf(v)] = true
		}
		base, where := s.location(n.Location)
		if title := textOf(asObject(lookup(s.raw[base], where))["title"]); title != "" {
			all["called "+strings.ToLower(title)] = true
		}
	}
	return all
}

// atOnePlace adds the schemas that others apply, or may apply, to the same value.
func atOnePlace(nodes []*jsonschema.Schema) []*jsonschema.Schema {
	all := slices.Clone(nodes)
	seen := map[*jsonschema.Schema]bool{nil: true}
	for _, n := range nodes {
		seen[n] = true
	}
	for i := 0; i < len(all); i++ {
		n := all[i]
		for _, below := range slices.Concat([]*jsonschema.Schema{n.Ref, n.RecursiveRef, n.DynamicRef, n.Then, n.Else}, n.AllOf, n.AnyOf, n.OneOf) {
			if !seen[below] {
				seen[below] = true
				all = append(all, below)
			}
		}
	}
	return all
}

// unnamed are the schemas of items, and of properties that are not named.
func unnamed(s *jsonschema.Schema) []*jsonschema.Schema {
	list := slices.Concat([]*jsonschema.Schema{s.Items2020}, s.PrefixItems)
	for _, v := range []any{s.Items, s.AdditionalItems, s.AdditionalProperties} {
		switch v := v.(type) {
		case *jsonschema.Schema:
			list = append(list, v)
		case []*jsonschema.Schema:
			list = append(list, v...)
		}
	}
	for _, p := range s.PatternProperties {
		list = append(list, p)
	}
	if x := extendedOf(s); x != nil {
		list = append(list, x.additional)
	}
	return slices.DeleteFunc(list, func(s *jsonschema.Schema) bool { return s == nil })
}
