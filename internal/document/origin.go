package document

import "gopkg.in/yaml.v3"

// An Origin is where a value is written that is used in another place as well, by an alias or a merge.
type Origin struct {
	Anchor string // without &
	Line   int    // of the anchor
	Spot   Spot   // of the value
}

// Origin tells where the value is written that tokens lead to; false where it stands in its own place.
func (d *Document) Origin(tokens []string) (Origin, bool) {
	var key, anchor *yaml.Node
	n := d.root
	for _, token := range tokens {
		if n == nil {
			return Origin{}, false
		}
		if n.Kind == yaml.AliasNode {
			anchor = n.Alias
		}
		var from *yaml.Node
		if key, n, from = d.written(target(n), token); from != nil {
			anchor = from
		}
	}
	if n == nil {
		return Origin{}, false
	}
	if n.Kind == yaml.AliasNode {
		key, n, anchor = nil, n.Alias, n.Alias
	}
	if n == nil || anchor == nil {
		return Origin{}, false
	}
	spot := Spot{Value: d.text.spanOf(n), Exact: true}
	if key != nil {
		spot.Key = d.text.spanOf(key)
	}
	return Origin{Anchor: anchor.Anchor, Line: anchor.Line, Spot: spot}, true
}

// written is child with the key also of what came through a merge, and from, the anchor that it came from.
func (d *Document) written(n *yaml.Node, token string) (key, val, from *yaml.Node) {
	key, val, via := d.child(n, token)
	if via == nil {
		return key, val, nil
	}
	sources := []*yaml.Node{via}
	if list := target(via); list.Kind == yaml.SequenceNode {
		sources = list.Content
	}
	for _, source := range sources {
		if key, val, from = d.written(target(source), token); val == nil {
			continue
		}
		if from == nil && source.Kind == yaml.AliasNode {
			from = source.Alias
		}
		return key, val, from
	}
	return nil, nil, nil
}
