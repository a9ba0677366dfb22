package evolution

import (
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/schema"
)

// What a reader of a path loses by a change of the schema.
func TestLost(t *testing.T) {
	const gone, unnamed, missing = "where nothing may stand any more", "which the schema no longer describes", "which may be missing now"
	for name, c := range map[string]struct{ old, new, path, want string }{
		"a bound":                        {`{"properties":{"a":{"maximum":3}}}`, `{"properties":{"a":{"maximum":4}}}`, "/a", ""},
		"another property":               {`{"properties":{"a":{}}}`, `{"properties":{"a":{},"b":{}}}`, "/a", ""},
		"a property of a closed mapping": {`{"properties":{"a":{}},"additionalProperties":false}`, `{"additionalProperties":false}`, "/a", gone},
		"a property of an open mapping":  {`{"properties":{"a":{}}}`, `{}`, "/a", unnamed},
		"a property that is false":       {`{"properties":{"a":true}}`, `{"properties":{"a":false}}`, "/a", gone},
		"what was never described":       {`{}`, `{"additionalProperties":false}`, "/a", ""},
		"now one of all others":          {`{"properties":{"a":{"type":"string"}}}`, `{"additionalProperties":{"type":"string"}}`, "/a", ""},
		"now by a pattern":               {`{"properties":{"ab":{"type":"string"}}}`, `{"patternProperties":{"^a":{"type":"string"}}}`, "/ab", ""},
		"no longer required":             {`{"properties":{"a":{}},"required":["a"]}`, `{"properties":{"a":{}}}`, "/a", missing},
		"required by a part":             {`{"properties":{"a":{}},"required":["a"]}`, `{"properties":{"a":{}},"allOf":[{"required":["a"]},{"properties":{"a":{}},"required":["a"]}]}`, "/a", ""},
		"required beside it":             {`{"properties":{"a":{}},"allOf":[{"required":["a"]}]}`, `{"properties":{"a":{}}}`, "/a", missing},
		"required in each case":          {`{"properties":{"a":{}},"required":["a"]}`, `{"properties":{"a":{}},"if":{"required":["b"]},"then":{"required":["a"]},"else":{"required":["a"]}}`, "/a", ""},
		"below what is not required":     {`{"properties":{"a":{"properties":{"b":{}},"required":["b"]}}}`, `{"properties":{"a":{"properties":{"b":{}}}}}`, "/a/b", ""},
		"in items":                       {`{"items":{"properties":{"b":{}},"required":["b"]}}`, `{"items":{"properties":{"b":{}}}}`, "/*/b", missing},
		"another type":                   {`{"properties":{"a":{"type":"integer"}}}`, `{"properties":{"a":{"type":"number"}}}`, "/a", "where a fraction may stand now as well"},
		"more types":                     {`{"properties":{"a":{"type":"number"}}}`, `{"properties":{"a":{"type":["number","null","array"]}}}`, "/a", "where null or a list may stand now as well"},
		"fewer types":                    {`{"properties":{"a":{"type":["number","null"]}}}`, `{"properties":{"a":{"type":"number"}}}`, "/a", ""},
		"an enum of texts gets a number": {`{"properties":{"a":{"enum":["x"]}}}`, `{"properties":{"a":{"enum":["x",1]}}}`, "/a", "where a number may stand now as well"},
		"a type of no words":             {`{"properties":{"a":{"type":"string"}}}`, `{"properties":{"a":{}}}`, "/a", "where null or a boolean or a number or a list or a mapping may stand now as well"},
		"written by reference":           {`{"properties":{"a":{"type":"string"}}}`, `{"properties":{"a":{"$ref":"#/$defs/s"}},"$defs":{"s":{"type":"string"}}}`, "/a", ""},
		"one of several alternatives":    {`{"oneOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"a":{"type":"integer"}}}]}`, `{"oneOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"a":{"type":"null"}}}]}`, "/a", "where null may stand now as well"},
		"every name":                     {`{"additionalProperties":{"properties":{"x":{"type":"string"}}}}`, `{"additionalProperties":{"properties":{"x":{"type":["string","boolean"]}}}}`, "/*/x", "where a boolean may stand now as well"},
		"items by their place":           {`{"prefixItems":[{"type":"string"}],"items":false}`, `{"prefixItems":[{"type":"string"},{"type":"null"}],"items":false}`, "/*", "where null may stand now as well"},
		"the place of an item":           {`{"prefixItems":[{"type":"string"}]}`, `{"prefixItems":[{"type":"null"}]}`, "/0", "where null may stand now as well"},
		"a mapping becomes a list":       {`{"properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}}}}`, `{"properties":{"a":{"type":"array"}}}`, "/a/b", gone},
		"recursion":                      {`{"properties":{"next":{"$ref":"#"},"v":{"type":"string"}}}`, `{"properties":{"next":{"$ref":"#"},"v":{"type":["string","null"]}}}`, "/next/next/v", "where null may stand now as well"},
		"alternatives without an end":    {`{"properties":{"a":{"type":"string"}}}`, `{"anyOf":[{"$ref":"#/$defs/x"},{"$ref":"#/$defs/x"}],"$defs":{"x":{"properties":{"a":{"anyOf":[{"$ref":"#/$defs/x"},{"$ref":"#/$defs/x"}]}}}}}`, "/a", "where null or a boolean or a number or a list or a mapping may stand now as well"},
	} {
		t.Run(name, func(t *testing.T) {
			tokens := document.Tokens(c.path)
			if got := lost(reached(node(t, c.old), tokens), reached(node(t, c.new), tokens)); got != c.want {
				t.Errorf("%s: %q, want %q", c.path, got, c.want)
			}
		})
	}
}

func node(t *testing.T, src string) *schema.Node {
	t.Helper()
	s, found := schema.NewSet(fstest.MapFS{"s.json": {Data: []byte(src)}}).Compile("s.json")
	if s == nil {
		t.Fatal(found)
	}
	n, err := s.Tree()
	if err != nil {
		t.Fatal(err)
	}
	return n
}
