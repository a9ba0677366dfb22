package schema

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tamerhq/tamer/internal/golden"
)

// What is said of schemas that are none, to be read as prose.
func TestInvalid(t *testing.T) {
	src, err := os.ReadFile("testdata/invalid.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, c := range txtar.Parse(src).Files {
		_, found := NewSet(fstest.MapFS{c.Name: {Data: c.Data}}).Compile(c.Name)
		if len(found) == 0 {
			t.Errorf("%s: nothing is found", c.Name)
		}
		fmt.Fprintf(&out, "%s\n", c.Name)
		for line := range strings.Lines(string(c.Data)) {
			out.WriteString("    " + line)
		}
		for _, f := range found {
			out.WriteString(told(f))
		}
		out.WriteByte('\n')
	}
	golden.Check(t, "testdata/invalid.golden", out.String())
}
