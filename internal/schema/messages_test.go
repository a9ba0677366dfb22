package schema

import (
	"fmt"
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
	cases := 0
	golden.Prose(t, "testdata/messages", func(c txtar.File) (shown, told string) {
		cases++
		schema, instance, _ := strings.Cut(string(c.Data), "===\n")
		s, found := NewSet(fstest.MapFS{"s.yaml": {Data: []byte(schema)}}).Compile("s.yaml")
		if s == nil {
			t.Fatalf("%s: %v", c.Name, found)
		}
		docs, found := document.Parse([]byte(instance), document.Limits{})
		if len(found) > 0 {
			t.Fatalf("%s: %v", c.Name, found)
		}
		return instance, toldOf(s.Validate(docs[0]))
	})
	if cases < 80 {
		t.Errorf("%d messages only", cases)
	}
}

func toldOf(found []finding.Finding) (all string) {
	for _, f := range found {
		all += told(f)
	}
	return all
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
