package document

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/golden"
)

// What people are told of files that cannot be read, to be read as prose. A case whose name ends with .json is
// such a file. An edit mends one of them.
func TestFaultsInWords(t *testing.T) {
	src, err := os.ReadFile("testdata/faults.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, c := range txtar.Parse(src).Files {
		_, found := ParseFile(c.Name, c.Data, Limits{})
		if len(found) == 0 {
			t.Errorf("%s: nothing is found", c.Name)
		}
		fmt.Fprintf(&out, "%s\n", c.Name)
		for line := range strings.Lines(string(c.Data)) {
			out.WriteString("    " + line)
		}
		for _, f := range found {
			fmt.Fprintf(&out, "  %s %s [%s]\n      fix: %s\n", spanText(f.At), f.Message, f.Rule, f.Fix)
			if f.Edit == nil {
				continue
			}
			mended, _ := finding.Apply(c.Data, []finding.Edit{*f.Edit})
			if _, left := ParseFile(c.Name, mended, Limits{}); len(left) >= len(found) {
				t.Errorf("%s: the edit gives\n%s%v", c.Name, mended, left)
			}
			line := f.Edit.At.Start.Line
			fmt.Fprintf(&out, "      edit: %s\n", strings.Split(string(mended), "\n")[line-1])
		}
		out.WriteByte('\n')
	}
	golden.Check(t, "testdata/faults.golden", out.String())
}
