package edit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/examples"
	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
	"github.com/tamerhq/tamer/internal/golden"
)

func TestFormat(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"levels", "a:\n    b:\n    - c\n    -   d: 1\n        e: 2\n", "a:\n  b:\n    - c\n    - d: 1\n      e: 2\n"},
		{"blank lines", "\n\na: 1\n\n\n\nb:\n\n  c: 1\n\n\n", "a: 1\n\nb:\n  c: 1\n"},
		{"ends of lines", "\ufeffa: 1\r\nb: |\r\n    x\r\n    y\r\n", "a: 1\nb: |\n  x\n  y\n"},
		{"quotes", "a: \"word\"\nb: 'two words'\nc: \"yes\"\nd: '12'\ne: \"\\\"x\\\"\"\nf: '15 %'\ng: 2026-01-02\n",
			"a: word\nb: two words\nc: \"yes\"\nd: \"12\"\ne: '\"x\"'\nf: \"15 %\"\ng: 2026-01-02\n"},
		{"comments", "# top\n\na:   1   # one\n# above b\nb:\n    # above c\n    c: 1\n    # below c\n# above d\nd: 2\n  # deeper\n# end\n",
			"# top\n\na: 1 # one\n# above b\nb:\n  # above c\n  c: 1\n  # below c\n# above d\nd: 2\n  # deeper\n# end\n"},
		{"comments behind keys and dashes", "a:   # of a\n    - # of it\n      b: 1\n    -\n      # in it\n      - c\n", "a: # of a\n  - # of it\n    b: 1\n  -\n    # in it\n    - c\n"},
		{"lists beside their key", "a:\n- b\n# of c\nc: 1\n", "a:\n  - b\n# of c\nc: 1\n"},
		{"brackets", "a: {b: 1,c:   [x,y]}\nd: [\n 1, # one\n 2\n ]\ne: {}\nf: {g, h: }\n", "a: { b: 1, c: [x, y] }\nd: [\n  1, # one\n  2\n]\ne: {}\nf: { g, h: }\n"},
		{"long texts", "a: one\n      two\n\n      three\nb: >-\n        x\n          y\n\nc: |1\n   d\n", "a: one\n  two\n\n  three\nb: >-\n  x\n    y\n\nc: |2\n    d\n"},
		{"kept blank lines", "a: |+\n   x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"},
		{"anchors", "a:   &x\n     b: 1\nc:  *x\nd: !!str   5\ne:\n  <<: *x\n", "a: &x\n  b: 1\nc: *x\nd: !!str 5\ne:\n  <<: *x\n"},
		{"anchors of brackets", "a: &x {b: 1}\nc: &y []\nd: !!map {k:  &z [ 1 ], l: &v {m: *y}}\ne:\n- &u [ 1,2 ]\n- &t [\n  *x, &s {n: 1}\n  ]\n",
			"a: &x { b: 1 }\nc: &y []\nd: !!map { k: &z [1], l: &v { m: *y } }\ne:\n  - &u [1, 2]\n  - &t [\n    *x,\n    &s { n: 1 }\n  ]\n"},
		{"documents", "%YAML 1.2\n---   # first\na: 1\n...\n\n\n---\n# second\nb:   2\n", "%YAML 1.2\n--- # first\na: 1\n...\n---\n# second\nb: 2\n"},
		{"json", "{\"b\":[1,{}],\n \"a\":\"x\"}", "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": \"x\"\n}\n"},
		{"nothing", "\n\n", ""},
		{"only a comment", "  # x\n", "# x\n"},
	} {
		name := "x.yaml"
		if c.name == "json" {
			name = "x.json"
		}
		docs, found := document.Parse([]byte(c.in), document.Limits{})
		if len(found) > 0 {
			t.Fatalf("%s: %v", c.name, found)
		}
		got, err := edit.Format(name, []byte(c.in), docs, nil, document.Limits{})
		if err != nil || string(got) != c.want {
			t.Errorf("%s (%v):\n%s\nwant\n%s", c.name, err, got, c.want)
		}
	}
}

// Keys come in the wanted order, each with its comments; others stay behind them. A heading over several keys keeps them where they
// are, and so does an alias that would come before its anchor.
func TestFormatOrder(t *testing.T) {
	order := func(_ int, path []string) []string {
		if len(path) == 0 {
			return []string{"id", "name"}
		}
		return nil
	}
	for _, c := range []struct{ name, in, want string }{
		{"block", "# head\n\nx: 1\n# of name\nname: a # the name\n\nid: 2\n", "# head\n\nid: 2\n# of name\nname: a # the name\n\nx: 1\n"},
		{"brackets", "{ x: 1, id: 2 }\n", "{ id: 2, x: 1 }\n"},
		{"heading", "x: 1\n# --- names ---\nname: a\nid: 2\n", "x: 1\n# --- names ---\nname: a\nid: 2\n"},
		{"alias", "x: &a 1\nid: *a\n", "x: &a 1\nid: *a\n"},
	} {
		docs, _ := document.Parse([]byte(c.in), document.Limits{})
		got, err := edit.Format("x.yaml", []byte(c.in), docs, order, document.Limits{})
		if err != nil || string(got) != c.want {
			t.Errorf("%s (%v):\n%s\nwant\n%s", c.name, err, got, c.want)
		}
	}
}

// formatTwice formats a file, and holds that this changes nothing in meaning, and a second time nothing at all. It gives why a file
// is left as it is; unread: it cannot be read.
func formatTwice(t *testing.T, name string, src []byte) (out []byte, why error, unread bool) {
	t.Helper()
	docs, found := document.Parse(src, document.Limits{})
	if len(found) > 0 {
		return nil, nil, true
	}
	out, err := edit.Format(name, src, docs, nil, document.Limits{})
	if err != nil {
		return nil, err, false
	}
	after, found := document.Parse(out, document.Limits{})
	if len(found) > 0 || len(after) != len(docs) {
		t.Fatalf("%s: %v in\n%s\nfrom\n%s", name, found, out, src)
	}
	for i := range docs {
		if !diff.Equal(docs[i].Value, after[i].Value) {
			t.Errorf("%s: means another thing:\n%s\nfrom\n%s", name, out, src)
		}
	}
	again, err := edit.Format(name, out, after, nil, document.Limits{})
	if err != nil || !bytes.Equal(again, out) {
		t.Errorf("%s: formatted again (%v):\n%s\nfrom\n%s", name, err, again, out)
	}
	return out, nil, false
}

// left are the cases of the public suite that cannot be written in the common style: keys of several lines or without a value, texts
// without quotes that begin with "?", tags of nothing.
const left = "4ABK 5WE3 652Z C4HZ CN3R CT4Q DFF7 EHF6 FH7J JEF9/01 JEF9/02 JTV5 K3WX WZ62 X8DW"

func TestFormatSuite(t *testing.T) {
	data, err := os.ReadFile(golden.Fetched(t, "TAMER_YAML_SUITE", "tools/suites/fetch"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ ID, YAML string }
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, c := range cases {
		_, why, unread := formatTwice(t, c.ID+".yaml", []byte(c.YAML))
		switch {
		case why != nil && (!errors.Is(why, edit.ErrStyle) || !strings.Contains(left, c.ID)):
			t.Errorf("%s: %v\n%s", c.ID, why, c.YAML)
		case why == nil && !unread:
			done++
		}
	}
	t.Logf("%d of %d formatted", done, len(cases))
}

// Every file of the aqua registry can be formatted.
func TestFormatRegistry(t *testing.T) {
	tree, _ := golden.Aqua(t)
	if tree == nil {
		t.Skip("without the aqua registry")
	}
	names := golden.AquaFiles(t, tree)
	for _, name := range names {
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			t.Fatal(err)
		}
		if _, why, unread := formatTwice(t, name, src); why != nil || unread {
			t.Errorf("%s: %v", name, why)
		}
	}
	t.Logf("%d files", len(names))
}

// Whatever style a document is in, it can be formatted, and no comment is lost.
func TestFormatRandom(t *testing.T) {
	for seed := range uint64(4000) {
		src := randomText(rand.New(rand.NewPCG(seed, 11)))
		out, why, unread := formatTwice(t, "x.yaml", []byte(src))
		if why != nil || unread {
			t.Fatalf("seed %d: %v\n%s", seed, why, src)
		}
		if lost := lostComments(src, string(out), 0, 0); lost != "" {
			t.Errorf("seed %d loses %s:\n%s\nfrom\n%s", seed, lost, out, src)
		}
	}
}

// The example repository is in the common style.
func TestFormatShop(t *testing.T) {
	shop := examples.Shop()
	err := fs.WalkDir(shop, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".yaml") {
			return err
		}
		src, err := fs.ReadFile(shop, name)
		if err != nil {
			return err
		}
		if out, why, _ := formatTwice(t, name, src); why != nil || !bytes.Equal(out, src) {
			t.Errorf("%s (%v):\n%s", name, why, out)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
