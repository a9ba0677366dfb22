package compat_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/compat"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/schema"
)

func compile(t testing.TB, src string) *schema.Schema {
	t.Helper()
	return compileAs(t, "https://json-schema.org/draft/2020-12/schema", src)
}

func compileAs(t testing.TB, standard, src string) *schema.Schema {
	t.Helper()
	s, found := schema.Assuming(standard, fstest.MapFS{"s.json": {Data: []byte(src)}}).Compile("s.json")
	if s == nil {
		t.Fatalf("%s: %v", src, found)
	}
	return s
}

var standards = map[string]string{
	"@4": "http://json-schema.org/draft-04/schema#", "@6": "http://json-schema.org/draft-06/schema#", "@7": "http://json-schema.org/draft-07/schema#",
	"@2019": "https://json-schema.org/draft/2019-09/schema", "@2020": "https://json-schema.org/draft/2020-12/schema",
}

// Every pair of testdata/pairs.txt, in both orders.
func TestPairs(t *testing.T) {
	text, err := os.ReadFile("testdata/pairs.txt")
	if err != nil {
		t.Fatal(err)
	}
	turned := map[compat.Compatibility]compat.Compatibility{compat.OnlyBackward: compat.OnlyForward, compat.OnlyForward: compat.OnlyBackward}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] != '@' {
			line = "@2020 " + line
		}
		draft, rest, _ := strings.Cut(line, " ")
		verdict, schemas, _ := strings.Cut(rest, " ")
		a, b, _ := strings.Cut(schemas, " => ")
		old, new := compileAs(t, standards[draft], a), compileAs(t, standards[draft], b)
		want := compat.Compatibility(verdict)
		checkPair(t, line, old, new, want)
		if back, ok := turned[want]; ok {
			want = back
		}
		checkPair(t, line+" (turned)", new, old, want)
	}
}

// checkPair compares two schemas, and holds the report against the wanted compatibility and its own witnesses.
func checkPair(t *testing.T, name string, old, new *schema.Schema, want compat.Compatibility) {
	t.Helper()
	r, err := compat.Compare(old, new)
	if err != nil {
		t.Fatal(err)
	}
	if r.Compatibility != want {
		t.Errorf("%s: it is %s\n%+v", name, r.Compatibility, r.Changes)
	}
	if again, err := compat.Compare(old, new); err != nil || !reflect.DeepEqual(again, r) {
		t.Errorf("%s: asked again, it is %+v, %v", name, again, err)
	}
	breaks := map[compat.Direction]bool{}
	for _, c := range r.Changes {
		if c.Message == "" || c.Kind == "" || !strings.HasPrefix(c.Path, "#") || c.Breaks == nil {
			t.Errorf("%s: a change that does not say all: %+v", name, c)
		}
		for _, d := range c.Breaks {
			breaks[d] = true
			if _, ok := c.Witnesses[d]; !ok {
				t.Errorf("%s: %s is not proven: %s", name, d, c.Message)
			}
		}
	}
	checkWitnesses(t, old, new, r)
	if breaks[compat.Backward] != slices.Contains([]compat.Compatibility{compat.OnlyForward, compat.None}, r.Compatibility) ||
		breaks[compat.Forward] != slices.Contains([]compat.Compatibility{compat.OnlyBackward, compat.None}, r.Compatibility) {
		t.Errorf("%s: %s, but the changes break %v", name, r.Compatibility, breaks)
	}
}

// accepts judges a value as tamer check does.
func accepts(t *testing.T, s *schema.Schema, v any) bool {
	t.Helper()
	return passes(s, parsed(t, v))
}

func passes(s *schema.Schema, doc *document.Document) bool {
	return finding.CountOf(s.Validate(doc)).Failures == 0
}

func parsed(t *testing.T, v any) *document.Document {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	docs, bad := document.Parse(b, document.Limits{})
	if len(bad) > 0 {
		t.Fatalf("%s: %v", b, bad)
	}
	return docs[0]
}
