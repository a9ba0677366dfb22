package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

var pairs = flag.Int("pairs", 20_000, "pairs of schema and instance that the differential test judges")

// Our verdict is that of jsonschema/v5 alone, but for the deviations below.
func TestVerdictsAreThoseOfTheLibrary(t *testing.T) {
	const perSchema = 12
	r := rand.New(rand.NewPCG(3, 2026))
	judged, valid := 0, 0
	for judged < *pairs {
		g := &generator{Rand: r, draft: pick(&generator{Rand: r}, 4, 6, 7, 2019, 2020)}
		src, err := json.Marshal(g.root())
		if err != nil {
			t.Fatal(err)
		}
		raw, rawErr := jsonschema.CompileString("tamer:///s.json", string(src))
		s, found := NewSet(fstest.MapFS{"s.json": {Data: src}}).Compile("s.json")
		if (rawErr == nil) != (s != nil) {
			t.Fatalf("schema %s\nlibrary: %v\nours: %v", src, rawErr, found)
		}
		for range perSchema {
			if judged++; s == nil {
				continue
			}
			v := g.value(3)
			if !plainFor(g.draft, v) {
				continue
			}
			ours, library, known := bothVerdicts(t, s, raw, v)
			if known && ours != library {
				b, _ := json.Marshal(v)
				t.Fatalf("schema %s\ninstance %s\nours valid %v, the library's %v", src, b, ours, library)
			}
			if library {
				valid++
			}
		}
	}
	if share := float64(valid) / float64(judged); share < 0.15 || share > 0.85 {
		t.Errorf("%.2f of the pairs are valid: they say little", share)
	}
}

// bothVerdicts gives whether the value is valid; known is false where the library has no verdict.
func bothVerdicts(t *testing.T, s *Schema, raw *jsonschema.Schema, v any) (ours, library, known bool) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	docs, bad := document.Parse(b, document.Limits{})
	if len(bad) > 0 {
		t.Fatalf("%s: %v", b, bad)
	}
	found := s.Validate(docs[0])
	for _, f := range found {
		if f.Message == "" || f.Fix == "" || f.At.Start.Line == 0 {
			t.Errorf("%s: incomplete finding %+v", b, f)
		}
	}
	if n := finding.CountOf(found).Failures; n != len(s.Failures(docs[0])) {
		t.Errorf("%s: %d failures among %v, but %v are given as such", b, n, found, s.Failures(docs[0]))
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var plain any
	if err := dec.Decode(&plain); err != nil {
		t.Fatal(err)
	}
	err = raw.Validate(plain)
	var ve *jsonschema.ValidationError
	return finding.CountOf(found).Failures == 0, err == nil, err == nil || errors.As(err, &ve)
}

// Where the library is not right, and the text that decides.
func TestDeviations(t *testing.T) {
	for _, c := range []struct{ why, schema, instance, verdict string }{
		{`Draft 4, core, 3.5: "integer: A JSON number without a fraction or exponent part."`, `{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer"}`, `1.0`, "invalid"},
		{`Draft 4, as above; a number all the same.`, `{"$schema":"http://json-schema.org/draft-04/schema#","type":["integer","number"]}`, `1.0`, "valid"},
		{`Draft 6, validation, 6.25: "any number with a zero fractional part".`, `{"$schema":"http://json-schema.org/draft-06/schema#","type":"integer"}`, `1.0`, "valid"},
		{`ECMA-262, 22.2.2.9: \s is WhiteSpace or LineTerminator, no-break space among them.`, `{"pattern":"^\\s$"}`, `"` + "\u00a0" + `"`, "valid"},
		{`ECMA-262, 22.2.2.7: . matches no LineTerminator, U+2028 among them.`, `{"pattern":"^.$"}`, `"` + "\u2028" + `"`, "invalid"},
		{`ECMA-262, 22.2.1, Assertion: (?! Disjunction ).`, `{"pattern":"^(?!x)"}`, `"xa"`, "invalid"},
		{`The same, in patternProperties.`, `{"patternProperties":{"^(?!x)":{"type":"integer"}},"additionalProperties":false}`, `{"a":1}`, "valid"},
		{`The same: what it matches is judged.`, `{"patternProperties":{"^(?!x)":{"type":"integer"}},"additionalProperties":false}`, `{"a":"1"}`, "invalid"},
		{`The same: what none matches is additional.`, `{"patternProperties":{"^(?!x)":{"type":"integer"}},"additionalProperties":false}`, `{"xa":1}`, "invalid"},
		{`The same: additional ones have a schema.`, `{"patternProperties":{"^(?!x)":true},"properties":{"xb":true},"additionalProperties":{"type":"null"}}`, `{"xa":null,"xb":1,"c":2}`, "valid"},
		{`The same: what it matches is evaluated.`, `{"patternProperties":{"^(?!x)":true,"^xx":true},"unevaluatedProperties":false}`, `{"a":1,"xx":2}`, "valid"},
		{`RFC 3339, 5.6: time-hour = 2DIGIT.`, `{"$schema":"http://json-schema.org/draft-07/schema#","format":"time"}`, `"+8:30:00Z"`, "invalid"},
		{`RFC 2673, 3.2: decbyte has no sign and, as RFC 6943, 3.1.1 tells, no leading zeros.`, `{"$schema":"http://json-schema.org/draft-07/schema#","format":"ipv4"}`, `"+1.2.3.00"`, "invalid"},
		{`RFC 3986, 2: no space, and none of the characters " < > \ ^ { | }.`, `{"$schema":"http://json-schema.org/draft-07/schema#","format":"uri"}`, `"http://example.com/a b"`, "invalid"},
		{`RFC 3986, 2: ASCII only.`, `{"$schema":"http://json-schema.org/draft-07/schema#","format":"uri"}`, `"http://example.com/ä"`, "invalid"},
		{`RFC 3987, 2.2: ucschar.`, `{"$schema":"http://json-schema.org/draft-07/schema#","format":"iri"}`, `"http://example.com/ä"`, "valid"},
		{`RFC 6570, 2.2: an expression is closed.`, `{"$schema":"http://json-schema.org/draft-07/schema#","format":"uri-template"}`, `"/a/{b"`, "invalid"},
		{`RFC 6531, 3.3: a part, @ and a domain. The library does not know the format.`, `{"$schema":"http://json-schema.org/draft-07/schema#","format":"idn-email"}`, `"ö"`, "invalid"},
		{`RFC 5321, 4.1.2: ASCII only; idn-email is the other.`, `{"$schema":"http://json-schema.org/draft-07/schema#","format":"email"}`, `"ö@example.com"`, "invalid"},
		{`RFC 1123, 2.1, with RFC 952: a name does not end with a dot.`, `{"$schema":"http://json-schema.org/draft-07/schema#","format":"hostname"}`, `"example.com."`, "invalid"},
		{`ECMA-262, 22.2.1: lookaround is part of a Pattern.`, `{"$schema":"http://json-schema.org/draft-07/schema#","format":"regex"}`, `"^(?=a)b"`, "valid"},
		{`ECMA-262, 22.2.1: no \Z.`, `{"$schema":"http://json-schema.org/draft-07/schema#","format":"regex"}`, `"^a\\Z"`, "invalid"},
		{`Draft 7, validation, 7.3: "period" is no format of it; 7.1: an unknown one is ignored.`, `{"$schema":"http://json-schema.org/draft-07/schema#","format":"period"}`, `"x"`, "valid"},
	} {
		files := fstest.MapFS{"s.json": {Data: []byte(c.schema)}}
		got := "valid"
		if out := judge(t, files, "s.json", c.instance); strings.TrimSpace(out) != "" {
			got = "invalid"
		}
		if got != c.verdict {
			t.Errorf("%s\n%s\n%s is %s", c.why, c.schema, c.instance, got)
		}
	}
}
