package document

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/golden"
)

// What people are told of files that cannot be read, to be read as prose. A case whose name ends with .json is
// such a file. An edit mends one of them.
func TestFaultsInWords(t *testing.T) {
	golden.Prose(t, "testdata/faults", func(c txtar.File) (shown, told string) {
		_, found := ParseFile(c.Name, c.Data, Limits{})
		for _, f := range found {
			told += fmt.Sprintf("  %s %s [%s]\n      fix: %s\n", spanText(f.At), f.Message, f.Rule, f.Fix)
			if f.Edit == nil {
				continue
			}
			mended, _ := finding.Apply(c.Data, []finding.Edit{*f.Edit})
			if _, left := ParseFile(c.Name, mended, Limits{}); len(left) >= len(found) {
				t.Errorf("%s: the edit gives\n%s%v", c.Name, mended, left)
			}
			line := f.Edit.At.Start.Line
			told += fmt.Sprintf("      edit: %s\n", strings.Split(string(mended), "\n")[line-1])
		}
		return string(c.Data), told
	})
}
