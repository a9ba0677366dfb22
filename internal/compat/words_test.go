package compat_test

import (
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/compat"
)

// What changes is said as it is, also where the keyword itself reads the same.
func TestChangeWords(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`{"contains": {"type": "string"}}`, `{"contains": {"type": "string"}, "minContains": 0}`,
			`how many items must be as "contains" says changes from 1 or more to any number`},
		{`{"contains": {"type": "string"}, "minContains": 2, "maxContains": 2}`, `{"contains": {"type": "string"}, "maxContains": 3}`,
			`how many items must be as "contains" says changes from exactly 2 to between 1 and 3`},
		{`{"contains": {"type": "string"}}`, `{"contains": {"type": "null"}}`, `"contains" changes from {"type":"string"} to {"type":"null"}`},
		{`{"items": {"type": "string"}}`, `{"items": {"type": "string"}, "prefixItems": [{"type": "null"}]}`,
			`the items of the list are described otherwise: 1 by place and others by one schema instead of all by one schema`},
		{`{}`, `{"prefixItems": [{"type": "null"}]}`, `the items of the list are described otherwise: 1 by place and any others instead of any`},
		{`{"items": {"type": "string"}}`, `{"items": false}`, `the items of the list are described otherwise: none instead of all by one schema`},
		{`{"properties": {"a": {}}, "unevaluatedProperties": false}`, `{"properties": {"a": {}}, "allOf": [{"properties": {"b": {}}}], "unevaluatedProperties": false}`,
			`"unevaluatedProperties" reads as before, and means something else by what stands beside it or below`},
	} {
		r, err := compat.Compare(compile(t, c.old), compile(t, c.new))
		if err != nil {
			t.Fatal(err)
		}
		said := false
		for _, change := range r.Changes {
			said = said || strings.HasPrefix(change.Message, c.want)
		}
		if !said {
			t.Errorf("%s → %s: %+v does not say %q", c.old, c.new, r.Changes, c.want)
		}
	}
}
