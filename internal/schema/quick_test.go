package schema

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"testing/fstest"
)

// What the quick look accepts the library accepts, and it seldom has to ask the library about what is valid.
func TestQuickAcceptsOnlyWhatIsValid(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 2026))
	valid, accepted := 0, 0
	for judged := 0; judged < *pairs; {
		g := &generator{Rand: r, draft: pick(&generator{Rand: r}, 4, 6, 7, 2019, 2020)}
		src, err := json.Marshal(g.root())
		if err != nil {
			t.Fatal(err)
		}
		s, _ := NewSet(fstest.MapFS{"s.json": {Data: src}}).Compile("s.json")
		if s == nil {
			continue
		}
		e, err := s.engines.take()
		if err != nil {
			t.Fatal(err)
		}
		for range 12 {
			judged++
			v := decoded(t, g.value(3))
			library := e.validate(e.plain, v) == nil
			if e.strict != nil {
				library = library && e.validate(e.strict, v) == nil
			}
			quick := s.quick.accepts(v)
			if quick && !library {
				b, _ := json.Marshal(v)
				t.Fatalf("schema %s\ninstance %s\nis accepted, and not valid", src, b)
			}
			if library {
				valid++
			}
			if quick {
				accepted++
			}
		}
		s.engines.put(e)
	}
	if share := float64(accepted) / float64(valid); share < 0.5 {
		t.Errorf("%.2f of what is valid is accepted", share)
	} else {
		t.Logf("%.2f of %d valid values are accepted", share, valid)
	}
}

// decoded gives a value as a document would.
func decoded(t *testing.T, v any) (out any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// A schema that may take forever is given up on, and nothing is accepted then.
func TestQuickGivesUp(t *testing.T) {
	deep := any("x")
	for range 100 {
		deep = []any{deep, deep}
	}
	for name, c := range map[string]struct {
		schema string
		value  any
	}{
		"two ways at each level": {`{"$defs":{"n":{"anyOf":[{"items":{"$ref":"#/$defs/n"},"minItems":3},{"items":{"$ref":"#/$defs/n"}}]}},"$ref":"#/$defs/n"}`, deep},
		"a huge exponent":        {`{"maximum":5}`, json.Number("1e-999999999")},
		"many items to compare":  {`{"uniqueItems":true}`, append(make([]any, 5000), 1)},
	} {
		t.Run(name, func(t *testing.T) {
			s, found := NewSet(fstest.MapFS{"s.json": {Data: []byte(c.schema)}}).Compile("s.json")
			if s == nil {
				t.Fatal(found)
			}
			if s.quick == nil || s.quick.accepts(c.value) {
				t.Errorf("%v: it is accepted, or there is no quick form", s.quick)
			}
		})
	}
}
