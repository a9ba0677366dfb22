package schema

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/document"
)

// Large files with a fault in every line, by large schemas: what is said about them stays short, and is said soon.
func TestManyFaults(t *testing.T) {
	lines := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	list := func(format string, n int) string { return strings.TrimSuffix(lines(format, n), ",") }
	for name, c := range map[string]struct {
		schema, file string
		most         int
	}{
		"wrong items":        {`{"items":{"type":"integer"}}`, lines("- a%d\n", 50_000), maxFaults + 1},
		"unknown properties": {`{"additionalProperties":false,"properties":{` + list(`"prop%d":{},`, 1000) + `}}`, lines("k%d: x\n", 19_000), maxFaults + 1},
		"missing properties": {`{"additionalProperties":false,"required":[` + list(`"prop%d",`, 3000) + `],"properties":{` + list(`"prop%d":{},`, 3000) + `}}`,
			lines("k%d: x\n", 500), 3500},
		"values of none of many": {`{"items":{"enum":[` + list(`"value-number-%d",`, 5000) + `]}}`, lines("- valeu-number-%d\n", 200), 200},
		"repeated items":         {`{"uniqueItems":true}`, lines("- i%d\n", 50_000) + "- i0\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, found := NewSet(fstest.MapFS{"s.json": {Data: []byte(c.schema)}}).Compile("s.json")
			if s == nil {
				t.Fatal(found)
			}
			docs, found := document.Parse([]byte(c.file), document.Limits{})
			if len(docs) != 1 || len(found) > 0 {
				t.Fatal(found)
			}
			if got := s.Validate(docs[0]); len(got) == 0 || len(got) > c.most {
				t.Errorf("%d findings, want at most %d", len(got), c.most)
			}
		})
	}
}
