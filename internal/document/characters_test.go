package document_test

import (
	"testing"
	"unicode/utf8"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
)

// Every x of a text is found where the file has it, however it is written.
func TestCharacters(t *testing.T) {
	for _, c := range []struct {
		name, source string
		want         []finding.Place
	}{
		{"plain", "a: é x", []finding.Place{{Line: 1, Column: 6}}},
		{"plain, two lines", "a: one  \n\n  two x\n  x", []finding.Place{{Line: 3, Column: 7}, {Line: 4, Column: 3}}},
		{"single quotes", "a: 'it''s é x'", []finding.Place{{Line: 1, Column: 13}}},
		{"double quotes", `a: "\"\u00e9\x41\U0001F600\n x"`, []finding.Place{{Line: 1, Column: 30}}},
		{"double quotes, two lines", "a: \"one\n  two \\\n  x\"", []finding.Place{{Line: 3, Column: 3}}},
		{"JSON", `{"a": "b == \"x\" && x"}`, []finding.Place{{Line: 1, Column: 15}, {Line: 1, Column: 22}}},
		{"literal", "a: |\n  one\n\n    x\n  x\n", []finding.Place{{Line: 4, Column: 5}, {Line: 5, Column: 3}}},
		{"folded", "a: >-\n  one\n  x\n\n  two x\nb: 1", []finding.Place{{Line: 3, Column: 3}, {Line: 5, Column: 7}}},
		{"folded, CR LF", "a: >\r\n  one\r\n  x\r\n", []finding.Place{{Line: 3, Column: 3}}},
		{"through an alias", "b: &b x\na: *b", nil},
		{"a tag", "a: !!str x", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			docs, found := document.Parse([]byte(c.source), document.Limits{})
			if len(found) > 0 {
				t.Fatal(found)
			}
			text := docs[0].Value.(map[string]any)["a"].(string)
			places := docs[0].Characters([]string{"a"})
			if places != nil && len(places) != utf8.RuneCountInString(text) {
				t.Fatalf("%d places for %q", len(places), text)
			}
			var got []finding.Place
			i := 0
			for _, r := range text {
				if r == 'x' && places != nil {
					got = append(got, places[i])
				}
				i++
			}
			if len(got) != len(c.want) {
				t.Fatalf("%q: got %v, want %v", text, got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("%q: got %v, want %v", text, got, c.want)
				}
			}
		})
	}
}
