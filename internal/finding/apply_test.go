package finding_test

import (
	"testing"

	"github.com/tamerhq/tamer/internal/finding"
)

func edit(line, column, endLine, endColumn int, text string) finding.Edit {
	return finding.Edit{At: finding.Span{Start: finding.Place{Line: line, Column: column}, End: finding.Place{Line: endLine, Column: endColumn}}, Text: text}
}

func TestApply(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		edits []finding.Edit
		want  string
		made  int
	}{
		"none":                       {"a: 1\n", nil, "a: 1\n", 0},
		"characters, not bytes":      {"größe: 五 # x\r\n", []finding.Edit{edit(1, 8, 1, 9, `"5"`)}, "größe: \"5\" # x\r\n", 1},
		"in any order":               {"a: 1\nb: 2\n", []finding.Edit{edit(2, 4, 2, 5, "3"), edit(1, 1, 1, 2, "c")}, "c: 1\nb: 3\n", 2},
		"put in, at the end":         {"a: b", []finding.Edit{edit(1, 5, 1, 5, `"`)}, `a: b"`, 1},
		"over lines":                 {"a: [\n1\n]\nb: 2\n", []finding.Edit{edit(1, 4, 3, 2, "[]")}, "a: []\nb: 2\n", 1},
		"overlapping: the first":     {"abcdef\n", []finding.Edit{edit(1, 1, 1, 4, "x"), edit(1, 3, 1, 5, "y"), edit(1, 5, 1, 6, "z")}, "xdzf\n", 2},
		"the same twice":             {"abc\n", []finding.Edit{edit(1, 1, 1, 2, "x"), edit(1, 1, 1, 2, "x")}, "xbc\n", 1},
		"a line that is not there":   {"a\n", []finding.Edit{edit(9, 1, 9, 2, "x")}, "a\n", 0},
		"a column that is not there": {"a\n", []finding.Edit{edit(1, 7, 1, 8, "x")}, "a\n", 0},
		"its end is not there":       {"a\nb\n", []finding.Edit{edit(1, 1, 1, 9, "x"), edit(2, 1, 2, 2, "y")}, "a\ny\n", 1},
		"its end before its start":   {"abc\n", []finding.Edit{edit(1, 3, 1, 1, "x")}, "abc\n", 0},
		"byte order mark":            {"\ufeffa: 1\n", []finding.Edit{edit(1, 1, 1, 2, "b")}, "\ufeffb: 1\n", 1},
		"empty":                      {"", []finding.Edit{edit(1, 1, 1, 1, "{}")}, "{}", 1},
	} {
		if got, made := finding.Apply([]byte(c.text), c.edits); string(got) != c.want || made != c.made {
			t.Errorf("%s: %q after %d edits, want %q after %d", name, got, made, c.want, c.made)
		}
	}
}
