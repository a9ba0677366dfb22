package render_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/validate"
)

// The mark stands under the place, whatever is before it in the line.
func TestLines(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		at     finding.Span
		want   string // the line and the mark; empty for none
	}{
		"a word":                      {"a: b\n", at(1, 4, 1, 5), "1 | a: b\n  |    ^"},
		"no line end":                 {"a: b", at(1, 4, 1, 5), "1 | a: b\n  |    ^"},
		"a carriage return":           {"a: bc\r\n", at(1, 4, 2, 1), "1 | a: bc\n  |    ^^"},
		"a byte order mark":           {"\ufeffa: b\n", at(1, 1, 1, 2), "1 | a: b\n  | ^"},
		"UTF-16, least byte first":    {"\xff\xfea\x00:\x00\n\x00b\x00", at(2, 1, 2, 2), "2 | b\n  | ^"},
		"UTF-16, greatest byte first": {"\xfe\xff\x00a\x00:\x00\n\x00b", at(2, 1, 2, 2), "2 | b\n  | ^"},
		"half a UTF-16 character":     {"\xff\xfea\x00:", at(1, 1, 1, 2), "1 | a\n  | ^"},
		"tabs":                        {"\ta:\tb\n", at(1, 5, 1, 6), "1 |     a:    b\n  |           ^"},
		"a tab itself":                {"a:\tb\n", at(1, 3, 1, 4), "1 | a:    b\n  |   ^^^^"},
		"wide characters":             {"大小: 五六\n", at(1, 5, 1, 7), "1 | 大小: 五六\n  |       ^^^^"},
		"combining characters":        {"e\u0301: x\n", at(1, 5, 1, 6), "1 | e\u0301: x\n  |    ^"},
		"emoji":                       {"🙂: x\n", at(1, 4, 1, 5), "1 | 🙂: x\n  |     ^"},
		"no-break space":              {"a:\u00a0b\n", at(1, 3, 1, 4), "1 | a:\\u00a0b\n  |   ^^^^^^"},
		"invalid UTF-8":               {"a: \xffb\n", at(1, 5, 1, 6), "1 | a: �b\n  |     ^"},
		"an escape sequence":          {"\x1b]0;x\x07: y\n", at(1, 9, 1, 10), "1 | \\x1b]0;x\\a: y\n  |             ^"},
		"several lines":               {"a: |\n  b\n  c\n", at(1, 4, 3, 4), "1 | a: |\n  |    ^"},
		"a place without an end":      {"a: bcd\n", at(1, 4, 0, 0), "1 | a: bcd\n  |    ^"},
		"an empty place":              {"a: bcd\n", at(1, 4, 1, 4), "1 | a: bcd\n  |    ^"},
		"behind the end of the line":  {"a:\n", at(1, 9, 1, 10), "1 | a:\n  |   ^"},
		"behind the last line":        {"a: b\n", at(2, 1, 2, 2), "2 |\n  | ^"},
		"no such line":                {"a: b\n", at(3, 1, 3, 2), ""},
		"ten lines":                   {strings.Repeat("a: b\n", 10), at(10, 1, 10, 2), "10 | a: b\n   | ^"},
		"the longest line":            {strings.Repeat("x", 100), at(1, 99, 1, 101), "1 | …" + strings.Repeat("x", 32) + "\n  | " + strings.Repeat(" ", 31) + "^^"},
		"a head that is kept":         {strings.Repeat("x", 60) + "y", at(1, 61, 1, 62), "1 | " + strings.Repeat("x", 60) + "y\n  | " + strings.Repeat(" ", 60) + "^"},
		"marks without a width":       {strings.Repeat("\u0301", 200), at(1, 1, 1, 2), "1 | " + strings.Repeat("\u0301", 100) + "…\n  | ^"},
		"a tail that is cut":          {strings.Repeat("x", 101), at(1, 1, 1, 102), "1 | " + strings.Repeat("x", 100) + "…\n  | " + strings.Repeat("^", 100)},
	} {
		t.Run(name, func(t *testing.T) {
			got := lines(t, c.source, c.at)
			if got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

// Places are found in any order, though it costs least in that of the file.
func TestLinesInAnyOrder(t *testing.T) {
	got := lines(t, "a: b\nc: d\n", at(2, 4, 2, 5), at(2, 1, 2, 2), at(1, 4, 1, 5), at(2, 1, 2, 2))
	want := "2 | c: d\n  |    ^\n2 | c: d\n  | ^\n1 | a: b\n  |    ^\n2 | c: d\n  | ^"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// A line on which a secret stands is not shown, and neither is any of a file that cannot be read by a schema with secrets.
func TestLinesWithSecrets(t *testing.T) {
	files := fstest.MapFS{"s.yaml": {Data: []byte("properties: {pin: {type: integer, writeOnly: true}, days: {type: integer}}")}}
	for src, want := range map[string]string{
		"pin: hunter2\ndays: many\n":               "2 | days: many\n  |       ^^^^",
		"{pin: hunter2, days: many}\n":             "",
		"pin: hunter2\npin: hunter3\ndays: many\n": "",
	} {
		r, err := validate.Files(schema.NewSet(files), "s.yaml", []string{"a.yaml"}, func(string) ([]byte, error) { return []byte(src), nil }, validate.Options{})
		if err != nil || len(r.Findings) == 0 {
			t.Fatal(r, err)
		}
		if got := linesOf(t, r, src); got != want {
			t.Errorf("%q: got:\n%s\nwant:\n%s", src, got, want)
		}
	}
}

// lines gives what is shown of a source for findings at these places.
func lines(t *testing.T, source string, places ...finding.Span) string {
	t.Helper()
	r := validate.Result{}
	for _, place := range places {
		r.Findings = append(r.Findings, finding.Finding{Rule: "type", Level: finding.Failure, File: "a.yaml", At: place, Message: "x", Fix: "y"})
	}
	return linesOf(t, r, source)
}

func linesOf(t *testing.T, r validate.Result, source string) string {
	t.Helper()
	var b strings.Builder
	if err := render.Text(&b, r, render.Options{Source: func(string) ([]byte, error) { return []byte(source), nil }}); err != nil {
		t.Fatal(err)
	}
	var shown []string
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		if inner, ok := strings.CutPrefix(line, "\t"); ok && strings.Contains(inner, " |") && !strings.HasPrefix(inner, "fix:") {
			shown = append(shown, strings.TrimRight(inner, " "))
		}
	}
	return strings.Join(shown, "\n")
}

// Any bytes and any place give lines that are no longer than the bounds.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a: \xff\x00\u202e\n"), 1, 3, 1, 4)
	f.Add([]byte("\xff\xfea\x00"), 2, 0, 0, 0)
	f.Fuzz(func(t *testing.T, src []byte, line, column, endLine, endColumn int) {
		if line < 1 || column < 0 {
			return
		}
		for line := range strings.SplitSeq(lines(t, string(src), at(line, column, endLine, endColumn)), "\n") {
			if len([]rune(line)) > 20+60*10+100 || strings.ContainsAny(line, "\x1b\r\x00") {
				t.Errorf("%q", line)
			}
		}
	})
}
