package schema

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/document"
)

// What is absent has the schema's default, and nothing that is there is touched.
func TestEffective(t *testing.T) {
	const src = `
properties:
  days: {default: 30}
  unit: {type: string}
  null: {default: null}
  limits: {$ref: "#/$defs/limits"}
  closed: {properties: {deep: {default: 1}}}
  plans: {items: {properties: {trial: {default: 14}}}}
additionalProperties: {properties: {other: {default: x}}}
allOf:
  - properties: {days: {default: 99}, more: {default: [1]}}
oneOf:
  - {properties: {kind: {const: a}, only: {default: of-a}}, required: [kind]}
  - {properties: {kind: {const: b}, only: {default: of-b}}, required: [kind]}
$defs:
  limits: {properties: {users: {default: 10}, hours: {}}, default: {hours: 8}}
`
	s, found := NewSet(fstest.MapFS{"s.yaml": {Data: []byte(src)}}).Compile("s.yaml")
	if s == nil {
		t.Fatal(found)
	}
	for _, c := range []struct{ doc, want string }{
		{"kind: b", `{"days":30,"kind":"b","limits":{"hours":8,"users":10},"more":[1],"null":null,"only":"of-b"}`},
		{"{kind: a, days: null, limits: {}, more: 1, null: 0, only: 1}", `{"days":null,"kind":"a","limits":{"users":10},"more":1,"null":0,"only":1}`},
		{"{kind: a, days: 1, closed: {}, limits: 1, more: 1, null: 1, only: 1, plans: [{}, {trial: 7}, 3]}",
			`{"closed":{"deep":1},"days":1,"kind":"a","limits":1,"more":1,"null":1,"only":1,"plans":[{"trial":14},{"trial":7},3]}`},
		{"{kind: a, days: 1, limits: 1, more: 1, null: 1, only: 1, anything: {}}", `{"anything":{"other":"x"},"days":1,"kind":"a","limits":1,"more":1,"null":1,"only":1}`},
		{"[1]", `[1]`},
	} {
		docs, _ := document.Parse([]byte(c.doc), document.Limits{})
		before := text(t, docs[0].Value)
		full, found := s.Effective(docs[0])
		if got := text(t, full); got != c.want || len(found) > 0 {
			t.Errorf("%s:\ngot  %s\nwant %s\n%v", c.doc, got, c.want, found)
		}
		if after := text(t, docs[0].Value); after != before {
			t.Errorf("%s has become %s", before, after)
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
