package diff_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
)

// A generator makes values that resemble each other: few names and few scalars, so that renames, moves and twins are frequent.
type generator struct{ *rand.Rand }

func newGenerator(seed int) generator { return generator{rand.New(rand.NewPCG(uint64(seed), 1))} }

var (
	genNames   = []string{"id", "name", "a", "b", "c", "x/y", "t~", "0", "two words", "é", "<<", "yes"}
	genScalars = []any{nil, true, false, "", "a", "b", "1", "null", "yes", "~", "a: b", "# no", "- x", "two\nlines\n", "é ☃", "'q\"", "0x1", "1e3", "{}",
		json.Number("0"), json.Number("1"), json.Number("2"), json.Number("-1"), json.Number("0.5"), json.Number("100"), json.Number("12345678901234567890")}
)

func pickOne[T any](g generator, from []T) T { return from[g.IntN(len(from))] }

func (g generator) value(depth int) any {
	switch n := g.IntN(10); {
	case depth <= 0 || n < 4:
		return pickOne(g, genScalars)
	case n < 7:
		return g.mapping(depth)
	case n < 8:
		return g.keyed(depth)
	}
	list := []any{}
	for range g.IntN(6) {
		list = append(list, g.value(depth-1-g.IntN(2)))
	}
	return list
}

func (g generator) mapping(depth int) any {
	m := map[string]any{}
	for range g.IntN(5) {
		m[pickOne(g, genNames)] = g.value(depth - 1)
	}
	return m
}

// keyed is a list whose items have an identity.
func (g generator) keyed(depth int) any {
	list := []any{}
	for _, i := range g.Perm(8)[:g.IntN(7)] {
		item := g.mapping(depth - 1).(map[string]any)
		item["id"] = fmt.Sprintf("i%d", i)
		list = append(list, item)
	}
	return list
}

// mutated gives a copy with a few changes of every kind somewhere within.
func (g generator) mutated(v any, depth int) any {
	if g.IntN(8) == 0 {
		return g.value(depth)
	}
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, below := range v {
			switch g.IntN(8) {
			case 0:
			case 1:
				m[pickOne(g, genNames)] = below
			default:
				m[key] = g.mutated(below, depth-1)
			}
		}
		return m
	case []any:
		list := []any{}
		for _, item := range v {
			if g.IntN(8) > 0 {
				list = append(list, g.mutated(item, depth-1))
			}
			if g.IntN(8) == 0 {
				list = append(list, g.value(depth-1))
			}
		}
		if n := len(list); n > 1 && g.IntN(3) == 0 {
			i, j := g.IntN(n), g.IntN(n)
			item := list[i]
			list = slices.Insert(slices.Delete(list, i, i+1), min(j, n-1), item)
		}
		return list
	}
	if g.IntN(6) == 0 {
		return pickOne(g, genScalars)
	}
	return v
}

func (g generator) documents() []any {
	docs := []any{}
	for range max(1, g.IntN(8)-4) {
		docs = append(docs, g.value(4))
	}
	return docs
}

func (g generator) mutatedDocuments(docs []any) []any {
	if new, ok := g.mutated(docs, 4).([]any); ok && len(new) > 0 {
		return new
	}
	return g.documents()
}
