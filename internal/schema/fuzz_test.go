package schema

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tamerhq/tamer/internal/document"
)

// Whatever the schema and the file hold, there is an answer: no panic, no hang, and no finding without words.
func FuzzValidate(f *testing.F) {
	src, err := os.ReadFile("testdata/messages.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range txtar.Parse(src).Files {
		schema, instance, _ := strings.Cut(string(c.Data), "===\n")
		f.Add([]byte(schema), []byte(instance))
	}
	f.Add([]byte(`{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/a"}}}`), []byte(`1`))
	f.Add([]byte(`{"anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}],"not":{}}`), []byte(`[[[[[[]]]]]]`))
	f.Add([]byte(`{"$dynamicRef":"#m","$defs":{"m":{"$dynamicAnchor":"m","items":{"$dynamicRef":"#m"}}}}`), []byte(`[[1]]`))
	f.Fuzz(func(t *testing.T, schema, instance []byte) {
		limits := document.Limits{Bytes: 1 << 14, Nodes: 5000}
		docs, _ := document.Parse(instance, limits)
		if len(schema) > 1<<14 {
			return
		}
		s, found := NewSet(fstest.MapFS{"s.yaml": {Data: schema}}).Compile("s.yaml")
		if s == nil && len(found) == 0 {
			t.Error("a schema that cannot be used has no finding")
		}
		if s == nil {
			return
		}
		for _, doc := range docs {
			for _, x := range s.Validate(doc) {
				if x.Message == "" || x.Fix == "" || x.Rule == "" || x.At.Start.Line < 1 {
					t.Errorf("incomplete finding %+v", x)
				}
			}
		}
	})
}
