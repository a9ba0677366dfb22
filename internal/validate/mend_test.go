package validate

import (
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/finding"
)

// What refers to nothing is mended in the file, in the quotes that it has; where it is not certain what was meant, nothing is.
func TestMend(t *testing.T) {
	tests := []struct{ name, segments, campaign, want string }{
		{"misspelt", "[vip, loyal]", "segment: vpi # note\n", "segment: vip # note\n"},
		{"double quotes", "[vip]", `segment: "vpi"` + "\n", `segment: "vip"` + "\n"},
		{"single quotes", "[vip]", "segment: 'vpi'\n", "segment: 'vip'\n"},
		{"quotes that it needs", `["very good"]`, "segment: very_good\n", "segment: \"very good\"\n"},
		{"capitals", "[vip]", "segment: Vip\n", "segment: vip\n"},
		{"nothing but capitals", "[vip, loyal]", "list: [VIP, LOYAL]\n", "list: [vip, loyal]\n"},
		{"capitals that two have", "[vip, VIP]", "segment: Vip\n", ""},
		{"another number in capitals", "[plan-1]", "segment: PLAN-2\n", ""},
		{"a number that is a text", `["1"]`, "segment: 1\n", "segment: \"1\"\n"},
		{"a text that is a number", "[1]", "segment: '1'\n", "segment: 1\n"},
		{"a boolean that is a text", `["true"]`, "segment: true\n", "segment: \"true\"\n"},
		{"several on a line", "[vip, loyal]", "list: [vpi, loial, 'vip']\n", "list: [vip, loyal, 'vip']\n"},
		{"a key", "[vip]", "weights: {vpi: 1}\n", "weights: {vip: 1}\n"},
		{"a key that is there already", "[vip]", "weights: {vip: 2, vpi: 1}\n", ""},
		{"an item that must not stand twice", "[vip, loyal]", "once: [vip, vpi, loyla]\n", "once: [vip, vpi, loyal]\n"},
		{"an alias", "[vip]", "list: [&x vpi, *x]\n", ""},
		{"a block", "[vip]", "segment: >-\n  vpi\n", ""},
		{"two that are as near", "[vip, vie]", "segment: vio\n", ""},
		{"another number", "[plan-1]", "segment: plan-2\n", ""},
		{"against the schema", `["1"]`, "number: 1\n", ""},
		{"nothing near", "[vip]", "segment: ghost\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := dangling(t, tt.segments, tt.campaign)
			var edits []finding.Edit
			for _, f := range found {
				if f.Edit != nil {
					edits = append(edits, *f.Edit)
				}
			}
			if tt.want == "" {
				if len(edits) > 0 || len(found) == 0 {
					t.Fatalf("nothing is certain here, and yet: %+v of %+v", edits, found)
				}
				return
			}
			got, made := finding.Apply([]byte(tt.campaign), edits)
			if made != len(edits) || string(got) != tt.want {
				t.Fatalf("%d of %d edits give %q; want %q", made, len(edits), got, tt.want)
			}
			if left := dangling(t, tt.segments, tt.want); len(left) != len(found)-made {
				t.Errorf("after the edits: %+v", left)
			}
		})
	}
}

// dangling judges a campaign that refers to segments.
func dangling(t *testing.T, segments, campaign string) []finding.Finding {
	t.Helper()
	files := fstest.MapFS{
		"schemas/segments.schema.yaml": {Data: []byte("type: array")},
		"schemas/campaign.schema.yaml": {Data: []byte(`
$defs:
  ref: {x-tamer-ref: {type: segments, path: "/*"}}
properties:
  segment: {$ref: "#/$defs/ref"}
  number: {type: integer, $ref: "#/$defs/ref"}
  list: {items: {$ref: "#/$defs/ref"}}
  once: {uniqueItems: true, items: {$ref: "#/$defs/ref"}}
  weights: {propertyNames: {$ref: "#/$defs/ref"}}
`)},
		"customers/acme/segments.yaml": {Data: []byte(segments)},
		"customers/acme/campaign.yaml": {Data: []byte(campaign)},
	}
	r, err := Tree(files, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r.Findings
}

// Of edits that spoil a file together, those are made that do not.
func TestApply(t *testing.T) {
	at := func(line, from, to int, text string) finding.Edit {
		return finding.Edit{At: finding.Span{Start: finding.Place{Line: line, Column: from}, End: finding.Place{Line: line, Column: to}}, Text: text}
	}
	for _, c := range []struct {
		src, want string
		edits     []finding.Edit
	}{
		{"nmae: 1\n", "name: 1\n", []finding.Edit{at(1, 1, 5, "name")}},
		{"a: 1\ntimoeut: 1\ntimeuot: 2\n", "b: 1\ntimeout: 1\ntimeuot: 2\n", []finding.Edit{at(1, 1, 2, "b"), at(2, 1, 8, "timeout"), at(3, 1, 8, "timeout")}},
		{"timeout: 1\ntimeuot: 2\n", "timeout: 1\ntimeuot: 2\n", []finding.Edit{at(2, 1, 8, "timeout")}},
		{"a: 1\na: 1\nnmae: 2\n", "a: 1\na: 1\nname: 2\n", []finding.Edit{at(3, 1, 5, "name")}},
	} {
		if got, _ := Apply([]byte(c.src), c.edits); string(got) != c.want {
			t.Errorf("%q becomes %q, want %q", c.src, got, c.want)
		}
	}
}
