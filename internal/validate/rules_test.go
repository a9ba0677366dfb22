package validate_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/validate"
)

// The files that docs/rules-in-schemas.md shows are judged, and it shows what is said about them.
func TestDocsOfRules(t *testing.T) {
	const path = "../../docs/rules-in-schemas.md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	var out strings.Builder
	blocks := strings.Split(string(page), "```")
	for i, block := range blocks {
		content, yaml := strings.CutPrefix(block, "yaml\n# ")
		name, content, _ := strings.Cut(content, "\n")
		switch {
		case i%2 == 1 && yaml:
			files[name] = &fstest.MapFile{Data: []byte(content)}
		case i%2 == 1 && strings.HasPrefix(block, "text\n"):
			r, err := validate.Tree(files, validate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := render.Text(&b, r, render.Options{}); err != nil {
				t.Fatal(err)
			}
			block = "text\n" + b.String()
		}
		if i > 0 {
			out.WriteString("```")
		}
		out.WriteString(block)
	}
	if len(files) < 4 {
		t.Fatalf("the page shows %d files only", len(files))
	}
	golden.Check(t, path, out.String())
}

// However much conditions find or take, what is said stays short, and is never green.
func TestConditionsAreBounded(t *testing.T) {
	list := "[" + strings.TrimSuffix(strings.Repeat("1,", 3000), ",") + "]"
	for expr, last := range map[string]string{
		"self > 1":                            "more than 1000 conditions do not hold in this file; the others are not listed",
		"root.list.all(x, x > 0) || self > 1": "the conditions of the schema take too many steps on this file: not all of them were judged",
	} {
		files := fstest.MapFS{
			"schemas/a.schema.yaml": {Data: []byte("properties: {list: {items: {x-tamer-rules: [{expr: '" + expr + "', message: no}]}}}\n")},
			"customers/acme/a.yaml": {Data: []byte("list: " + list + "\n")},
		}
		r, err := validate.Tree(files, validate.Options{})
		if err != nil || r.OK() || len(r.Findings) > 1001 || !strings.Contains(fmtFindings(r), last) {
			t.Errorf("%s: %v, %d findings, and none of them says that %s", expr, err, len(r.Findings), last)
		}
	}
}

func fmtFindings(r validate.Result) string {
	var b strings.Builder
	for _, f := range r.Findings {
		b.WriteString(f.Message + "\n")
	}
	return b.String()
}
