package schema

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/golden"
)

// What editors are told, to be read as prose.
func TestMessages(t *testing.T) {
	src, err := os.ReadFile("testdata/messages.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	cases := txtar.Parse(src).Files
	if len(cases) < 80 {
		t.Errorf("%d messages only", len(cases))
	}
	for _, c := range cases {
		schema, instance, _ := strings.Cut(string(c.Data), "===\n")
		s, found := NewSet(fstest.MapFS{"s.yaml": {Data: []byte(schema)}}).Compile("s.yaml")
		if s == nil {
			t.Fatalf("%s: %v", c.Name, found)
		}
		docs, found := document.Parse([]byte(instance), document.Limits{})
		if len(found) > 0 {
			t.Fatalf("%s: %v", c.Name, found)
		}
		found = s.Validate(docs[0])
		if len(found) == 0 {
			t.Errorf("%s: nothing is found", c.Name)
		}
		fmt.Fprintf(&out, "%s\n", c.Name)
		for line := range strings.Lines(instance) {
			out.WriteString("    " + line)
		}
		for _, f := range found {
			out.WriteString(told(f))
		}
		out.WriteByte('\n')
	}
	golden.Check(t, "testdata/messages.golden", out.String())
}

func told(f finding.Finding) string {
	s := fmt.Sprintf("  %d:%d %s: %s [%s]\n      fix: %s\n", f.At.Start.Line, f.At.Start.Column, f.Level, f.Message, f.Rule, f.Fix)
	if f.Edit != nil {
		s += fmt.Sprintf("      edit: %d to %d becomes %s\n", f.Edit.At.Start.Column, f.Edit.At.End.Column, f.Edit.Text)
	}
	for _, r := range f.Related {
		s += fmt.Sprintf("      see %d:%d: %s\n", r.At.Start.Line, r.At.Start.Column, r.Message)
	}
	return s
}
