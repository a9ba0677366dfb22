package catalog

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
)

// A Path selects values of a document: a JSON Pointer in which * stands for every item or property.
//
// What it leads to is taken for values like this: a scalar is a value itself, a list stands for the scalars in it, a mapping for
// its keys, and null for nothing. * at the end, over a mapping that holds no scalar, means the keys of that mapping and not
// those of what it holds; *# at the end means the keys in any case.
type Path struct {
	text   string
	tokens []string
	keys   bool // it ends in *#, and tokens in *
}

// ParsePath reads a path that a schema or a policy has already found to be one.
func ParsePath(text string) Path {
	p := Path{text: text, tokens: document.Tokens(text)}
	if last := len(p.tokens) - 1; last >= 0 && p.tokens[last] == "*#" {
		p.tokens[last], p.keys = "*", true
	}
	return p
}

// A visitor is given a selected value: the tokens that lead to it, which it must not keep, and whether the value is the last of
// them, a key. It tells whether to go on.
type visitor func(tokens []string, ofKey bool, v Value) bool

// Select gives the values that the path selects in a document's value, in the order of keys and items.
func (p Path) Select(root any, visit visitor) bool {
	return p.walk(root, p.tokens, make([]string, 0, 16), visit)
}

func (p Path) walk(v any, rest, at []string, visit visitor) bool {
	if len(rest) == 0 {
		return spread(v, at, visit)
	}
	head, rest := rest[0], rest[1:]
	switch v := v.(type) {
	case map[string]any:
		if head != "*" {
			child, ok := v[head]
			return !ok || p.walk(child, rest, append(at, head), visit)
		}
		if len(rest) == 0 && (p.keys || !holdsScalar(v)) {
			return keysOf(v, at, visit)
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if _, nested := v[key].(map[string]any); nested && len(rest) == 0 {
				continue // beside scalars, which are what is meant
			}
			if !p.walk(v[key], rest, append(at, key), visit) {
				return false
			}
		}
	case []any:
		if p.keys && len(rest) == 0 {
			return true // items have no names
		}
		if i, err := strconv.Atoi(head); head != "*" {
			return err != nil || i < 0 || i >= len(v) || p.walk(v[i], rest, append(at, head), visit)
		}
		for i, item := range v {
			if !p.walk(item, rest, append(at, strconv.Itoa(i)), visit) {
				return false
			}
		}
	}
	return true
}

func holdsScalar(m map[string]any) bool {
	for _, v := range m {
		if _, ok := ValueOf(v); ok {
			return true
		}
	}
	return false
}

func keysOf(m map[string]any, at []string, visit visitor) bool {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if !visit(append(at, key), true, TextValue(key)) {
			return false
		}
	}
	return true
}

// spread gives the values that one value stands for.
func spread(v any, at []string, visit visitor) bool {
	switch v := v.(type) {
	case map[string]any:
		return keysOf(v, at, visit)
	case []any:
		for i, item := range v {
			if value, ok := ValueOf(item); ok && !visit(append(at, strconv.Itoa(i)), false, value) {
				return false
			}
		}
		return true
	}
	value, ok := ValueOf(v)
	return !ok || visit(at, false, value)
}

// Item gives the part of a pointer into a document that leads to the item or property which the path's last * stands for, and in
// which the pointer lies; false where the pointer does not lie in any.
func (p Path) Item(pointer string) (string, bool) {
	last := lastStar(p.tokens)
	rest := pointer
	for i := 0; i <= last; i++ {
		token, after, ok := nextToken(rest)
		if !ok || p.tokens[i] != "*" && token != p.tokens[i] {
			return "", false
		}
		rest = after
	}
	if last < 0 {
		return "", true
	}
	return pointer[:len(pointer)-len(rest)], true
}

func lastStar(tokens []string) int {
	for i, t := range slices.Backward(tokens) {
		if t == "*" {
			return i
		}
	}
	return -1
}

func nextToken(pointer string) (token, rest string, ok bool) {
	if pointer == "" {
		return "", "", false
	}
	end := strings.IndexByte(pointer[1:], '/') + 1
	if end == 0 {
		end = len(pointer)
	}
	return document.Tokens(pointer[:end])[0], pointer[end:], true
}

// Tokens are those of the path; * stands for every item or property.
func (p Path) Tokens() []string { return p.tokens }
