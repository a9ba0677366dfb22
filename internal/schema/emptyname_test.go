package schema

import (
	"strings"
	"testing"
	"testing/fstest"
)

// A fault below a property without a name is a fault: the library tells no place for it.
func TestFaultsBelowAnEmptyName(t *testing.T) {
	for _, s := range []string{
		`{"additionalProperties":{"uniqueItems":true}}`, `{"additionalProperties":{"items":{"type":"string"}}}`, `{"properties":{"":{"maxItems":1}}}`,
		`{"additionalProperties":{"contains":{"type":"string"}}}`,
	} {
		if out := judge(t, fstest.MapFS{"s.json": {Data: []byte(s)}}, "s.json", `{"":[null,null]}`); strings.TrimSpace(out) == "" {
			t.Errorf("%s: nothing is said", s)
		}
	}
	for _, s := range []string{`{"properties":{"":{"required":["a"]}}}`, `{"properties":{"":{"additionalProperties":false}}}`, `{"properties":{"":{"dependentRequired":{"b":["a"]}}}}`, `{"properties":{"":{"propertyNames":{"maxLength":0}}}}`} {
		if out := judge(t, fstest.MapFS{"s.json": {Data: []byte(s)}}, "s.json", `{"":{"b":1}}`); strings.TrimSpace(out) == "" {
			t.Errorf("%s: nothing is said", s)
		}
	}
}
