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
