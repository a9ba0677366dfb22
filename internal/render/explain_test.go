package render_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/render"
)

// Whatever people wrote, nothing of it reaches a terminal as more than text on its line, and JSON stays one line.
func TestExplainHostile(t *testing.T) {
	const odd = "a\x1b[31m\r\n\u202eb\u2028c\x00d"
	e := render.Explanation{File: odd, Pointer: "/" + odd, Value: map[string]any{odd: []any{odd, strings.Repeat(odd, 50)}},
		Note: diff.Note{Title: odd, Description: odd, Unit: odd, Deprecated: odd, Owners: []string{odd}},
		Since: &render.Provenance{Uncommitted: "changed", Notes: []string{odd},
			Last:       &render.LastChange{Kind: "changed", Commit: "0123456789", Author: odd, Email: odd, At: time.Unix(0, 0), Subject: odd, File: odd, Pointer: odd, Old: odd, Known: true, Moved: true, MovedFile: odd, MovedTo: odd},
			Pull:       &render.PullOf{Number: 1, Title: odd, URL: odd, Author: odd, Approvers: []string{odd}},
			Production: &render.InProduction{With: "0123456789"}}}
	var text, data bytes.Buffer
	if err := render.ExplainText(&text, e, render.Options{}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text.String()) {
		if i := strings.IndexFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("at %d: %q", i, line)
		}
		if !strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "a\\x1b") {
			t.Errorf("a line of its own: %q", line)
		}
	}
	if err := render.ExplainJSON(&data, e, render.Options{}); err != nil || bytes.Count(data.Bytes(), []byte("\n")) != 1 || !json.Valid(data.Bytes()) {
		t.Errorf("%s, %v", &data, err)
	}
}

// A secret is shown in no form, neither what it is nor what it was.
func TestExplainSecret(t *testing.T) {
	e := render.Explanation{File: "a.yaml", Value: "hunter2", Note: diff.Note{Secret: true},
		Since: &render.Provenance{Last: &render.LastChange{Kind: "changed", Old: "hunter1", Known: true}}}
	for _, f := range render.ExplainFormats {
		var out bytes.Buffer
		if err := f.Write(&out, e, render.Options{}); err != nil || strings.Contains(out.String(), "hunter") {
			t.Errorf("%s: %s, %v", f.Name, &out, err)
		}
	}
}
