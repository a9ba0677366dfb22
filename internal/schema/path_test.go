package schema_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/schema"
)

// Which paths a schema knows: the wrong ones are misspelt, or lead through what has no parts.
func TestDescribes(t *testing.T) {
	files := fstest.MapFS{"s.yaml": {Data: []byte(`
$defs:
  plan: {type: object, properties: {id: {type: string}, seats: {type: integer}}}
type: object
properties:
  plans: {type: array, items: {$ref: "#/$defs/plan"}}
  pair: {type: array, prefixItems: [{type: object, properties: {a: {}}}], items: false}
  limits: {type: object, additionalProperties: {type: object, properties: {max: {}}}}
  labels: {type: object, patternProperties: {"^x(?!y)": {properties: {text: {}}}}, additionalProperties: false}
  free: {type: object}
  never: false
oneOf:
  - properties: {kind: {const: a}, only_a: {}}
  - properties: {kind: {const: b}}
if: true
then: {properties: {later: {}}}
`)}}
	s, found := schema.NewSet(files).Compile("s.yaml")
	if s == nil {
		t.Fatal(found)
	}
	for path, want := range map[string]bool{
		"/plans": true, "/plans/*/id": true, "/plans/0/seats": true, "/plans/*": true, "/pair/0/a": true, "/limits/*": true, "/limits/eu/max": true,
		"/labels/xa/text": true, "/free/anything/at/all": true, "/only_a": true, "/later": true, "/*/*/id": true,
		"/plan/*/id": false, "/plans/*/ids": false, "/plans/id": false, "/pair/0/b": false, "/limits/*/min": false, "/labels/x/texts": false, "/never/x": true,
	} {
		if got := s.Describes(document.Tokens(path)); got != want {
			t.Errorf("%s: %t, want %t", strings.TrimPrefix(path, "/"), got, want)
		}
	}
}
