package diff_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/tamerhq/tamer/internal/diff"
)

// Two lists of 20,000 items with ten changes: the target is under a second.
func BenchmarkLists(b *testing.B) {
	for _, c := range []struct {
		name string
		item func(i int) any
	}{
		{"keyed", func(i int) any {
			return map[string]any{"id": fmt.Sprint("i", i), "limit": number(i), "tags": []any{"a", "b"}}
		}},
		{"plain", func(i int) any { return map[string]any{"limit": number(i), "tags": []any{"a", "b"}} }},
		{"scalars", func(i int) any { return number(i) }},
		{"twins", func(i int) any { return number(i % 7) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			old, new := twoLists(c.item)
			for b.Loop() {
				if n := len(diff.Compare(diff.One(old), diff.One(new))); n == 0 || n > 20 {
					b.Fatalf("%d changes", n)
				}
			}
		})
	}
}

// Two lists that have nothing in common, or all in another order, cost no more than their size tells.
func BenchmarkUnlike(b *testing.B) {
	list := func(item func(i int) any) any {
		out := make([]any, 20_000)
		for i := range out {
			out[i] = item(i)
		}
		return out
	}
	item := func(i int) any { return map[string]any{"limit": number(i), "other": number(2 * i)} }
	forward := list(item)
	for name, other := range map[string]any{
		"other":    list(func(i int) any { return map[string]any{"limit": number(-1 - i), "other": number(2 * i)} }),
		"reversed": list(func(i int) any { return item(19_999 - i) }),
		"twins":    list(func(i int) any { return item(i * i % 150) }),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				diff.Compare(diff.One(forward), diff.One(other))
			}
		})
	}
}

func number(i int) any { return json.Number(fmt.Sprint(i)) }

// twoLists gives a list of 20,000 items, and one with ten changes: items that changed, moved, came and went.
func twoLists(item func(i int) any) (old, new any) {
	var a, b []any
	for i := range 20_000 {
		a, b = append(a, item(i)), append(b, item(i))
	}
	for _, i := range []int{100, 5000, 10_000, 19_000} {
		b[i] = item(30_000 + i)
	}
	b = slices.Insert(b, 15_000, item(50_000), item(50_001))
	b = slices.Delete(b, 7000, 7002)
	moved := b[3000]
	b = slices.Insert(slices.Delete(b, 3000, 3001), 17_000, moved)
	return a, append(b, item(60_000))
}
