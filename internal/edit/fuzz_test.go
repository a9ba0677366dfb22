package edit_test

import (
	"testing"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
)

// Whatever a file holds and whatever is asked: there is an error, or the file means what was asked.
func FuzzApply(f *testing.F) {
	for _, src := range []string{
		"a: 1\nb: |+\n  x\n\nc:\n- 1\n", "a: 1 # c\nb:\n  - x\n  - y: [1, {z: 2}]\n", "a: |\n  x\n\nb: >-\n  y\n", "{\n  \"a\": [1, 2]\n}\n", "? a\n: - b\n", "a: &x 1\nb: *x\n", "a: 5% & more\nb: &x [y, 'z\n%w']\n", "---\n---\na:\n", "# c\n---\na: 1\nb:\n  - x\n",
	} {
		for op := range 3 {
			f.Add(src, "/a", "/b/0/y", "two\nlines", op)
			f.Add(src, "/b/-", "/c/d", "x", op)
		}
	}
	f.Fuzz(func(t *testing.T, src, path, from, text string, op int) {
		limits := document.Limits{Bytes: 1 << 12, Depth: 50, Nodes: 1000}
		c := edit.Change{Op: edit.Op(uint(op) % 3), Path: document.Tokens(path), From: document.Tokens(from), Value: text}
		got, err := edit.Apply("x.yaml", []byte(src), []edit.Change{c}, limits)
		if err != nil {
			return
		}
		docs, found := document.Parse(got, limits)
		if len(found) > 0 {
			t.Fatalf("%v in %q", found, got)
		}
		before, _ := document.Parse([]byte(src), limits)
		want, err := edit.Value(before[0].Value, c)
		if err != nil || len(docs) != len(before) || !diff.Equal(docs[0].Value, want) {
			t.Fatalf("%+v (%v) gives %q", c, err, got)
		}
	})
}
