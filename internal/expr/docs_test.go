package expr_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/golden"
)

// The page lists every function, with the example that TestExamples has found true.
func TestDocs(t *testing.T) {
	const path, begin, end = "../../docs/rules-in-schemas.md", "<!-- functions: written by go test ./internal/expr -update -->\n", "<!-- end of functions -->"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has lost its marks", path)
	}
	var b strings.Builder
	cell := strings.NewReplacer("|", `\|`)
	for _, subject := range expr.Subjects {
		fmt.Fprintf(&b, "\n### %s\n\n| call | what it gives | for example |\n|---|---|---|\n", subject)
		for _, f := range expr.Functions() {
			if f.About == subject {
				fmt.Fprintf(&b, "| `%s` | %s | `%s` |\n", cell.Replace(f.Form), cell.Replace(f.Purpose), cell.Replace(f.Example))
			}
		}
	}
	golden.Check(t, path, before+begin+b.String()+"\n"+end+after)
}
