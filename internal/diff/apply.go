package diff

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/tamerhq/tamer/internal/document"
)

// Apply makes the changes to the documents of the old file, and gives those of the new one. It changes no value that it is given.
//
// Changes stand together, in any order: paths of what was there are those of the old documents, and paths of what is there now are
// those of the new ones. So they are made in three rounds:
//
//  1. what was removed, and what was moved, is taken out: what stands last, and what is within, first;
//  2. what was added, and what was moved, is put in: what stands first, and what is around, first;
//  3. what was changed gets its new value.
//
// The error says which change does not fit the documents. Changes that hide a secret put Secret in its place.
func Apply(old []any, changes []Change) ([]any, error) {
	root, err := applied(old, changes)
	if err != nil {
		return nil, err
	}
	return root.value().([]any), nil
}

// applied makes the changes to a tree of nodes.
func applied(old []any, changes []Change) (*node, error) {
	root := &node{isList: true}
	for i, doc := range old {
		root.items = append(root.items, newNode(doc, &step{token: strconv.Itoa(i)}))
	}
	moved := map[int]*node{}
	outs := ordered(changes, func(ch Change) ([]string, bool) { return ch.source(), ch.Op == Remove || ch.Op == Move })
	slices.Reverse(outs)
	for _, i := range outs {
		out, err := root.take(changes[i].source())
		if err != nil {
			return nil, fmt.Errorf("apply %s of %s: %w", changes[i].Op, document.Pointer(changes[i].source()), err)
		}
		moved[i] = out
	}
	for _, i := range ordered(changes, func(ch Change) ([]string, bool) { return ch.target(), ch.Op != Remove }) {
		ch := changes[i]
		put := moved[i]
		if ch.Op != Move {
			put = newNode(ch.New, nil)
		}
		if err := root.put(ch.target(), put, ch.Op == Modify); err != nil {
			return nil, fmt.Errorf("apply %s of %s: %w", ch.Op, ch.Pointer(), err)
		}
	}
	return root, nil
}

// source is where the change takes a value from, with the document in front.
func (c Change) source() []string {
	if c.Op == Move {
		return in(c.FromDocument, c.From)
	}
	return in(c.Document, c.Path)
}

func (c Change) target() []string { return in(c.Document, c.Path) }

func in(document int, path []string) []string {
	return append([]string{strconv.Itoa(max(document, 1) - 1)}, path...)
}

// ordered gives the positions of the changes that take part, in the order of their paths.
func ordered(changes []Change, path func(Change) ([]string, bool)) []int {
	var at []int
	paths := make([][]string, len(changes))
	for i, ch := range changes {
		p, part := path(ch)
		if paths[i] = p; part {
			at = append(at, i)
		}
	}
	slices.SortStableFunc(at, func(a, b int) int { return comparePaths(paths[a], paths[b]) })
	return at
}

// A node is a value that can be changed in its place.
type node struct {
	scalar  any
	keys    map[string]*node
	items   []*node
	isList  bool
	from    *step // where it stood in the old documents; nil for what is new
	touched bool  // it is another value now, or something was put into it or taken out
}

// newNode makes a node of a value that stood somewhere in the old documents; nil: nowhere.
func newNode(v any, from *step) *node {
	switch v := v.(type) {
	case map[string]any:
		n := &node{keys: make(map[string]*node, len(v)), from: from}
		for key, below := range v {
			n.keys[key] = newNode(below, from.below(key))
		}
		return n
	case []any:
		n := &node{isList: true, from: from}
		for i, item := range v {
			n.items = append(n.items, newNode(item, from.below(strconv.Itoa(i))))
		}
		return n
	}
	return &node{scalar: v, from: from}
}

func (n *node) value() any {
	switch {
	case n.isList:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = item.value()
		}
		return list
	case n.keys != nil:
		m := make(map[string]any, len(n.keys))
		for key, below := range n.keys {
			m[key] = below.value()
		}
		return m
	}
	return n.scalar
}

// parent gives the container that the path's last token is of, and for a list the position.
func (n *node) parent(path []string) (*node, int, error) {
	for _, token := range path[:len(path)-1] {
		next := n.keys[token]
		if i, err := strconv.Atoi(token); n.isList && err == nil && i >= 0 && i < len(n.items) {
			next = n.items[i]
		}
		if next == nil {
			return nil, 0, fmt.Errorf("there is no %q", token)
		}
		n = next
	}
	last := path[len(path)-1]
	if !n.isList {
		if n.keys == nil {
			return nil, 0, fmt.Errorf("%q would be in what is no mapping and no list", last)
		}
		return n, 0, nil
	}
	i, err := strconv.Atoi(last)
	if err != nil || i < 0 || i > len(n.items) {
		return nil, 0, fmt.Errorf("there is no position %q", last)
	}
	return n, i, nil
}

func (n *node) take(path []string) (*node, error) {
	around, i, err := n.parent(path)
	if err != nil {
		return nil, err
	}
	last := path[len(path)-1]
	around.touched = true
	if around.isList && i < len(around.items) {
		out := around.items[i]
		around.items = slices.Delete(around.items, i, i+1)
		return out, nil
	}
	out, has := around.keys[last]
	if !has {
		return nil, fmt.Errorf("there is no %q", last)
	}
	delete(around.keys, last)
	return out, nil
}

// put adds a value, or replaces the one that must then be there.
func (n *node) put(path []string, v *node, replace bool) error {
	around, i, err := n.parent(path)
	if err != nil {
		return err
	}
	last := path[len(path)-1]
	_, has := around.keys[last]
	if around.isList {
		has = replace && i < len(around.items)
	}
	if !replace {
		around.touched = true
	}
	switch {
	case replace != has && replace:
		return fmt.Errorf("there is no %q", last)
	case replace != has:
		return fmt.Errorf("there is a %q already", last)
	case !around.isList:
		v.replaces(around.keys[last])
		around.keys[last] = v
	case replace:
		v.replaces(around.items[i])
		around.items[i] = v
	default:
		around.items = slices.Insert(around.items, i, v)
	}
	return nil
}

// replaces notes that a node takes the place of another one; nil: of none.
func (n *node) replaces(other *node) {
	if other != nil {
		n.from, n.touched = other.from, true
	}
}
