package compat_test

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/compat"
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

func TestTry(t *testing.T) {
	for _, c := range [][2]string{
		{`{"title":"x","type":"object","properties":{"a":{"type":"string","maxLength":5},"b":{"type":"integer","minimum":1}},"required":["a"]}`,
			`{"title":"y","type":"object","properties":{"a":{"type":"string","maxLength":3},"b":{"type":"number","minimum":1,"default":2},"c":{"enum":["x","y"]}},"required":["b"],"additionalProperties":false}`},
		{`{"anyOf":[{"type":"string"},{"properties":{"a":{"minimum":3}},"type":"object"}]}`, `{"anyOf":[{"type":"string"},{"properties":{"a":{"minimum":5}},"type":"object"}]}`},
		{`{"items":{"pattern":"^a"}}`, `{"items":{"pattern":"^a|b"}}`},
		{`{"$defs":{"a":{"type":"string"}},"properties":{"a":{"$ref":"#/$defs/a"}}}`, `{"properties":{"a":{"type":["string"]}}}`},
	} {
		r, err := compat.Compare(compile(t, c[0]), compile(t, c[1]))
		if err != nil {
			t.Fatal(err)
		}
		t.Log(r.Compatibility)
		for _, x := range r.Changes {
			b, _ := json.Marshal(x.Breaks)
			t.Logf("%s %s %s: %s", x.Path, x.Kind, b, x.Message)
		}
	}
}
