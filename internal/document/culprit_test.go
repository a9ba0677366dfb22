package document

import (
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/finding"
)

// In each text, » stands before the quote or bracket that is never closed. Without one, all are closed.
func TestUnclosed(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"a quote that the next one seems to close", "a: »\"x\nb: \"y\"\n"},
		{"last of its mapping", "a:\n  b: »'x\nc: 'y'\n"},
		{"in an item", "- a: »\"x\n  b: \"y\"\n- a: z\n"},
		{"in brackets", "- { a: »\"x, b: 1 }\n- { a: \"y\", b: 2 }\n"},
		{"up to the end", "a: »\"x\n"},
		{"up to the next document", "»\"x\n--- \"y\"\n"},
		{"a list, with keys after it", "a: »[b, c\nd: e\nf: g\n"},
		{"a mapping, with a sibling of its key after it", "- a: »{ b: c\n  d: e\n"},
		{"inside of another", "a: [»{ b: c ]\nd: e\n"},
		{"the outer one", "a: »[[b]\nc: d\n"},
		{"JSON", "{\"a\": »[1, 2, \"b\": {\"c\": 3}}\n"},
		{"a key, and the next quote stands before a #", "a: b\n»'c:\n  d: '#/e'\n"},
		{"over several lines, and closed", "a: \"x\n  y\n  z\"\nb: [\n  c,\n  d\n]\ne: f\n"},
		{"not at the begin of a value", "a: it's 5\" [wide\nb: {x}\nc: a[1\n"},
		{"in a comment", "a: b # isn't [it\n# \"\nc: d\n"},
		{"in a block text", "a: |\n  \"x [\n\n  'y\nb: >-\n    {\n- c\n"},
		{"in a block text of an item", "- a: |\n    [\n  b: c\n- |\n  \"\n- d\n"},
		{"doubled and escaped", "a: 'it''s'\nb: \"a \\\" b\"\nc: {\"d\":\"e }\"}\n"},
		{"after a tag and an anchor", "a: !t &b »\"x\nc: d\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := strings.Replace(c.text, "»", "", 1)
			offset, ok := firstUnclosed([]byte(src))
			got := src
			if ok {
				got = src[:offset] + "»" + src[offset:]
			}
			if got != c.text {
				t.Errorf("got\n%swant\n%s", got, c.text)
			}
		})
	}
}

// In each text, » stands before the line that is indented wrongly, and the parser stopped on the line that ends with "# here".
func TestMisindented(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"one space more", "a:\n  b: 1\n »  c: 2 # here\n  d: 3\n"},
		{"one space less", "a:\n  b: 1\n» c: 2 # here\n"},
		{"the first of its mapping is too deep", "x:\n  y: 1\na:\n »  b: 1\n  c: 2 # here\n  d: 3\n"},
		{"the first of its mapping is not deep enough", "x:\n  y: 1\n  z: 2\n  w: 3\na:\n» b: 1\n  c: 2 # here\n"},
		{"a dash too deep", "a:\n  - b: 1\n    c: 2\n »  - b: 3\n    c: 4 # here\n  - b: 5\n    c: 6\n"},
		{"a key with what is below it", "a: 1\n» b: # here\n  c: 1\nd: 2\n"},
		{"too deep, and nothing else tells how deep it should be", "a:\n »   b: 1\n  c: 2 # here\n"},
		{"not deep enough, and nothing else tells how deep it should be", "a:\n» b: 1\n  c: 2 # here\n"},
		{"too deep, under keys that have no deeper lines", "x: 1\ny: 2\nz: 3\na:\n »   b: 1\n  c: 2 # here\n"},
		{"not deep enough, under keys that have no deeper lines", "x: 1\ny: 2\nz: 3\na:\n» b: 1\n  c: 2 # here\n"},
		{"an item too deep for its other key", "a:\n »  - b: 1\n    c: 2 # here\n"},
		{"too deep for what is below it", "a:\n »   b:\n    c: 2 # here\n"},
		{"too far left for what is below it", "a:\n  b:\n    c: 1\n» d:\n      - e\n    f: # here\n      - g\n"},
		{"other files have no other steps than this", "a:\n   b: 1\n   c:\n      d: 1\n »   e: 2 # here\n"},
		{"an item that others seem to continue", "a:\n    - b\n»  - c\n    - d # here\n    - e\n"},
		{"a key of an item too far left", "a:\n  - b: 1\n» c: # here\n      d: 2\n    e: 3\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var lines []string
			var here, want finding.Place
			for i, line := range strings.Split(c.text, "\n") {
				if before, after, ok := strings.Cut(line, "»"); ok {
					line = before + after
					want = finding.Place{Line: i + 1, Column: 1 + len(line) - len(strings.TrimLeft(line, " "))}
				}
				if strings.HasSuffix(line, "# here") {
					here = finding.Place{Line: i + 1, Column: 1}
				}
				lines = append(lines, line)
			}
			if got, ok := misindented([]byte(strings.Join(lines, "\n")), here, 200); !ok || got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}
