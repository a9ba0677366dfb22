package render_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/scenario"
)

// Each archive is a change of a repository, and how it is shown.
func TestDiff(t *testing.T) {
	for _, s := range scenario.Load(t, "testdata/diff") {
		t.Run(s.Name, func(t *testing.T) {
			report, err := diff.Trees(treeOf(s.Base), treeOf(s.Head), s.Changes(), document.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range render.DiffFormats {
				var out bytes.Buffer
				if err := f.Write(&out, report, render.Options{}); err != nil {
					t.Fatal(err)
				}
				if f.Name == "json" {
					var again bytes.Buffer
					if err := json.Indent(&again, out.Bytes(), "", " "); err != nil {
						t.Fatal(err)
					}
					out = again
				}
				s.Check(t, "want."+f.Name, out.String())
				if i := strings.IndexAny(out.String(), "\x1b\u202e\r\x00"); i >= 0 && f.Name != "json" {
					t.Errorf("%s: a character that moves the cursor or turns the text comes out", f.Name)
				}
			}
		})
	}
}

func treeOf(tree scenario.Tree) *catalog.Catalog {
	files := fstest.MapFS{}
	for name, content := range tree.Files {
		files[name] = &fstest.MapFile{Data: content}
	}
	return catalog.New(files, policy.Default())
}

// However long keys are, a line is short, so that one of them keeps no other from being shown in a comment.
func TestLongNames(t *testing.T) {
	long := strings.Repeat("k", 60_000)
	for _, c := range [][2]string{{"{}", long + ": 1"}, {long + ": 1", "{}"}, {long + ": {a: 1, b: 2}", "x" + long + ": {a: 1, b: 2}"}, {"{}", "a: {" + long + ": {" + long + ": [1]}}"}} {
		f := diff.Files([]byte(c[0]), []byte(c[1]), nil, nil, document.Limits{})
		var out bytes.Buffer
		if err := render.DiffFileMarkdown(&out, f, render.Options{}); err != nil || out.Len() > 1_000 || len(f.Changes) != 1 {
			t.Errorf("%v: %d changes in %d bytes", err, len(f.Changes), out.Len())
		}
	}
}

// A plain difference in JSON is what the contract says, and nothing else.
func TestDiffFileJSON(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"a: 1", "a: 1.0 # the same", `{"equal":true,"changes":[]}`},
		{"a: {b: null}", "a: {b: <x>, c: []}", `{"equal":false,"changes":[{"path":"/a/b","op":"change","old":null,"new":"<x>"},{"path":"/a/c","op":"add","new":[]}]}`},
		{"[a, b]", "[b, a, c]", `{"equal":false,"changes":[{"path":"/0","op":"move","from":"/1"},{"path":"/2","op":"add","new":"c"}]}`},
		{"a: 1\n---\nb: 1", "a: 1\n---\nb: 2", `{"equal":false,"changes":[{"path":"/b","op":"change","document":2,"old":1,"new":2}]}`},
	} {
		var out bytes.Buffer
		f := diff.Files([]byte(c.old), []byte(c.new), nil, nil, document.Limits{})
		if err := render.DiffFileJSON(&out, f, render.Options{}); err != nil || out.String() != c.want+"\n" {
			t.Errorf("%v\ngot  %swant %s", err, out.String(), c.want)
		}
	}
}
