package edit

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
)

// A step is a change that is made in one place.
type step struct {
	kind  kind
	doc   int
	path  []string
	from  []string
	value any
}

type kind int

const (
	replace kind = iota // the value that is at path
	insert              // at path, which is not there: a key of a mapping, or a position of a list
	remove
	rename // the key from to path, in the same mapping
	move
)

// places are what a step touches: the value, or the mapping or list whose keys or positions change.
func (s step) places() [][]string {
	switch s.kind {
	case replace:
		return [][]string{s.path}
	case rename, move:
		return [][]string{parent(s.path), parent(s.from)}
	}
	return [][]string{parent(s.path)}
}

func parent(path []string) []string { return path[:max(len(path)-1, 0)] }

// zones are the places that pending steps touch.
type zones struct{ at, above map[string]bool }

func (z *zones) add(s step) {
	if z.at == nil {
		z.at, z.above = map[string]bool{}, map[string]bool{}
	}
	for _, path := range s.places() {
		z.at[zone(s.doc, path)] = true
		for i := range len(path) + 1 {
			z.above[zone(s.doc, path[:i])] = true
		}
	}
}

// meets tells whether a step touches a place that a pending one touches, one above it or one below it.
func (z *zones) meets(s step) bool {
	for _, path := range s.places() {
		if z.above[zone(s.doc, path)] {
			return true
		}
		for i := range len(path) + 1 {
			if z.at[zone(s.doc, path[:i])] {
				return true
			}
		}
	}
	return false
}

func zone(doc int, path []string) string { return strconv.Itoa(doc) + document.Pointer(path) }

// sets gives the steps that give the value at a path: what is alike already is left alone.
func sets(root any, c Change) ([]step, error) {
	path, value := slices.Clone(c.Path), c.Value
	for i := range path {
		around, _ := document.ValueAt(root, path[:i])
		list, isList := around.([]any)
		if isList && path[i] == "-" {
			path[i] = strconv.Itoa(len(list))
		}
		if _, there := document.ValueAt(root, path[:i+1]); there {
			continue
		}
		value = nested(path[i+1:], value)
		switch around := around.(type) {
		case map[string]any:
			return []step{{kind: insert, doc: c.Document, path: path[:i+1], value: value}}, nil
		case []any:
			if path[i] != strconv.Itoa(len(around)) {
				return nil, fmt.Errorf("%s is a list of %d items: write a position from 0 to %d, or - to append", pointer(path[:i]), len(around), len(around))
			}
			return []step{{kind: insert, doc: c.Document, path: path[:i+1], value: value}}, nil
		case nil:
			return []step{{kind: replace, doc: c.Document, path: path[:i], value: nested(path[i:i+1], value)}}, nil
		}
		return nil, fmt.Errorf("%s is no mapping or list, so nothing can stand below it", pointer(path[:i]))
	}
	old, _ := document.ValueAt(root, path)
	return differing(nil, step{doc: c.Document, path: path, value: value}, old), nil
}

// nested gives a value within the mappings that tokens name.
func nested(tokens []string, value any) any {
	for _, token := range slices.Backward(tokens) {
		if token == "-" {
			value = []any{value}
		} else {
			value = map[string]any{token: value}
		}
	}
	return value
}

// differing adds the steps that make old the value of to.
func differing(all []step, to step, old any) []step {
	if diff.Equal(old, to.value) {
		return all
	}
	if a, ok := old.(map[string]any); ok {
		if b, ok := to.value.(map[string]any); ok && len(b) > 0 && meet(a, b) {
			return differingKeys(all, to, a, b)
		}
	}
	if a, ok := old.([]any); ok {
		if b, ok := to.value.([]any); ok && len(a) > 0 && len(b) > 0 {
			return differingItems(all, to, a, b)
		}
	}
	to.kind = replace
	return append(all, to)
}

func meet(a, b map[string]any) bool {
	for key := range a {
		if _, ok := b[key]; ok {
			return true
		}
	}
	return false
}

func (s step) below(token string, value any) step {
	return step{kind: s.kind, doc: s.doc, path: append(s.path[:len(s.path):len(s.path)], token), value: value}
}

func differingKeys(all []step, to step, a, b map[string]any) []step {
	var came, gone []step
	for _, key := range slices.Sorted(maps.Keys(b)) {
		one := to.below(key, b[key])
		if old, has := a[key]; has {
			all = differing(all, one, old)
		} else {
			one.kind = insert
			came = append(came, one)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(a)) {
		if _, has := b[key]; !has {
			one := to.below(key, nil)
			one.kind = remove
			gone = append(gone, one)
		}
	}
	return slices.Concat(all, came, gone)
}

// differingItems keeps the items at both ends that are alike, and changes those between them one by one.
func differingItems(all []step, to step, a, b []any) []step {
	short := min(len(a), len(b))
	head := 0
	for head < short && diff.Equal(a[head], b[head]) {
		head++
	}
	tail := 0
	for tail < short-head && diff.Equal(a[len(a)-1-tail], b[len(b)-1-tail]) {
		tail++
	}
	i := head
	for ; i < short-tail; i++ {
		all = differing(all, to.below(strconv.Itoa(i), b[i]), a[i])
	}
	for j := i; j < len(b)-tail; j++ {
		one := to.below(strconv.Itoa(j), b[j])
		one.kind = insert
		all = append(all, one)
	}
	for j := len(a) - tail - 1; j >= i; j-- {
		one := to.below(strconv.Itoa(j), nil)
		one.kind = remove
		all = append(all, one)
	}
	return all
}

// moves gives the step that takes a value elsewhere.
func moves(root any, c Change) ([]step, error) {
	if _, ok := document.ValueAt(root, c.From); !ok || len(c.From) == 0 {
		return nil, fmt.Errorf("there is nothing at %s to be moved", pointer(c.From))
	}
	if len(c.Path) == 0 {
		return nil, errors.New("nothing can be moved onto the document as a whole")
	}
	if len(c.Path) >= len(c.From) && slices.Equal(c.Path[:len(c.From)], c.From) {
		if len(c.Path) == len(c.From) {
			return nil, nil
		}
		return nil, fmt.Errorf("%s lies within %s, which is to be moved there", pointer(c.Path), pointer(c.From))
	}
	path := slices.Clone(c.Path)
	around, _ := document.ValueAt(root, parent(path))
	if n := len(c.From); len(path) > n && slices.Equal(path[:n-1], parent(c.From)) {
		if holder, _ := document.ValueAt(root, parent(c.From)); isList(holder) {
			path[n-1] = behind(path[n-1], c.From[n-1])
		}
	}
	if list, ok := around.([]any); ok {
		if last := &path[len(path)-1]; *last == "-" || *last == strconv.Itoa(len(list)) {
			*last = strconv.Itoa(len(list))
			if slices.Equal(parent(path), parent(c.From)) {
				*last = strconv.Itoa(len(list) - 1)
			}
		} else {
			return nil, errors.New("into a list values are moved behind its last item only: write - for that")
		}
	} else if _, there := document.ValueAt(root, path); there {
		return nil, errors.New("something stands here already; remove one of the two first")
	}
	one := step{kind: move, doc: c.Document, path: path, from: c.From}
	if _, ok := around.(map[string]any); ok && slices.Equal(parent(path), parent(c.From)) {
		one.kind = rename
	}
	return []step{one}, nil
}

func isList(v any) bool { _, ok := v.([]any); return ok }

// behind gives the position of an item after another one is gone.
func behind(position, gone string) string {
	i, err := strconv.Atoi(position)
	j, err2 := strconv.Atoi(gone)
	if err != nil || err2 != nil || i < j {
		return position
	}
	return strconv.Itoa(i - 1)
}
