package diff_test

import (
	"testing"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
)

// Whatever two files hold, applying their difference to the one gives the other.
func FuzzCompare(f *testing.F) {
	for _, seed := range [][2]string{
		{"a: 1", "a: 2\n---\nb: 1"},
		{"- {id: a, v: [1, 2]}\n- {id: b}", "- {id: b}\n- {id: c, v: [2, 1]}"},
		{"k: {x: 1, y: {z: 2}}", "l: {x: 1, y: {z: 3}}"},
		{"[1, 2, 1, 3]", "[3, 1, 2, 2, 1]"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		limits := document.Limits{Bytes: 1 << 14, Nodes: 5000}
		var sides [2][]any
		for i, src := range []string{a, b} {
			docs, found := document.Parse([]byte(src), limits)
			if len(found) > 0 {
				return
			}
			for _, d := range docs {
				sides[i] = append(sides[i], d.Value)
			}
		}
		changes := diff.Compare(diff.Side{Documents: sides[0]}, diff.Side{Documents: sides[1]})
		checkApply(t, sides[0], sides[1], changes)
	})
}
