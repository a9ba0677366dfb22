package compat

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/schema"
)

func compile(t testing.TB, src string) *schema.Schema {
	t.Helper()
	s, found := schema.NewSet(fstest.MapFS{"s.json": {Data: []byte(src)}}).Compile("s.json")
	if s == nil {
		t.Fatalf("%s: %v", src, found)
	}
	return s
}

func TestQuick(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`{}`, `{}`, "full"},
		{`{"type":"string"}`, `{}`, "backward"},
		{`{"type":"integer"}`, `{"type":"number"}`, "backward"},
		{`{"properties":{"a":{"type":"string"}}}`, `{"properties":{"b":{"type":"string"}}}`, "none"},
		{`{"properties":{"a":{"type":"string"}},"additionalProperties":false}`, `{"properties":{"a":{"type":"string"},"b":{}},"additionalProperties":false}`, "backward"},
		{`{"pattern":"^[a-z]+$"}`, `{"pattern":"^[a-z0-9]+$"}`, "backward"},
		{`{"$defs":{"n":{"type":"object","properties":{"c":{"$ref":"#/$defs/n"}}}},"$ref":"#/$defs/n"}`, `{"type":"object","properties":{"c":{"$ref":"#"}}}`, "full"},
		{`{"$defs":{"n":{"type":"object","properties":{"c":{"$ref":"#/$defs/n"}},"required":["c"]}},"$ref":"#/$defs/n"}`, `false`, "full"},
		{`{"oneOf":[{"type":"string"},{"type":"integer"}]}`, `{"type":["integer","string"]}`, "full"},
		{`{"items":{"enum":["a","b","c"]},"uniqueItems":true,"type":"array"}`, `{"items":{"enum":["a","b","c"]},"uniqueItems":true,"maxItems":3,"type":"array"}`, "full"},
		{`{"multipleOf":6}`, `{"allOf":[{"multipleOf":2},{"multipleOf":3}]}`, "full"},
		{`{"not":{"required":["a"]}}`, `{"type":"object","properties":{"a":false}}`, "full"},
		{`{"contains":{"type":"string"}}`, `{"contains":{"type":"string"},"minContains":2}`, "forward"},
		{`{"unevaluatedProperties":false,"properties":{"a":true},"anyOf":[{"properties":{"b":true}},{"properties":{"c":{"type":"string"}}}]}`, `{"unevaluatedProperties":false,"properties":{"a":true}}`, "forward"},
	} {
		if got := judged(t, c.old, c.new); got != c.want {
			t.Errorf("%s → %s: %s, want %s", c.old, c.new, got, c.want)
		}
	}
}

func judged(t *testing.T, old, new string) string {
	p, err := newPair(compile(t, old), compile(t, new))
	if err != nil {
		t.Fatal(err)
	}
	b, f := p.verdict(Backward), p.verdict(Forward)
	w1, _ := json.Marshal(b.Witness)
	w2, _ := json.Marshal(f.Witness)
	t.Logf("%s → %s: %v %s / %v %s", old, new, b, w1, f, w2)
	switch {
	case !b.Broken && !f.Broken:
		return "full"
	case !b.Broken:
		return "backward"
	case !f.Broken:
		return "forward"
	}
	return "none"
}
