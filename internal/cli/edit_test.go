package cli_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
)

// A program that makes the edits of the JSON output, and asks again, ends with a file that is as it should be.
func TestEdits(t *testing.T) {
	t.Chdir(t.TempDir())
	const standard = `
additionalProperties: false
properties:
  größe: {type: string}
  threshold: {type: number}
  plan: {enum: [free, pro]}
  active: {type: boolean}
  items: {items: {properties: {id: {type: string}}, additionalProperties: false}}
`
	const spoiled = "größe: 5 # 五\r\ntreshold: \"0.8\"\r\nplan: Pro\r\nactive: yes\r\nitems: [{id: 1}, {'ide': 'b'}]\r\n"
	const mended = "größe: \"5\" # 五\r\nthreshold: 0.8\r\nplan: pro\r\nactive: true\r\nitems: [{id: \"1\"}, {'id': 'b'}]\r\n"
	if err := os.WriteFile("schema.yaml", []byte(standard), 0o600); err != nil {
		t.Fatal(err)
	}
	text := spoiled
	for range 3 {
		if err := os.WriteFile("a.yaml", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, stderr bytes.Buffer
		if cli.Run(t.Context(), []string{"check", "--schema", "schema.yaml", "--format", "json", "a.yaml"}, nil, &out, &stderr) == cli.Clean {
			break
		}
		text = edited(t, text, out.Bytes())
	}
	if text != mended {
		t.Errorf("the edits lead to\n%s\nwant\n%s", text, mended)
	}
}

// edited makes the edits of the only file of a result, the last one first, so that the places of the others stay.
func edited(t *testing.T, text string, result []byte) string {
	t.Helper()
	type edit struct {
		Line      int
		Column    int
		EndLine   int `json:"end_line"`
		EndColumn int `json:"end_column"`
		Text      string
	}
	var read struct {
		Files []struct{ Findings []struct{ Edit *edit } }
	}
	if err := json.Unmarshal(result, &read); err != nil {
		t.Fatal(err)
	}
	var edits []edit
	for _, f := range read.Files[0].Findings {
		if f.Edit == nil {
			t.Fatalf("a finding without an edit: %s", result)
		}
		edits = append(edits, *f.Edit)
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Or(b.Line-a.Line, b.Column-a.Column) })
	lines := strings.SplitAfter(text, "\n")
	for _, e := range edits {
		if e.EndLine != e.Line {
			t.Fatalf("an edit of several lines: %+v", e)
		}
		line := []rune(lines[e.Line-1])
		lines[e.Line-1] = string(line[:e.Column-1]) + e.Text + string(line[e.EndColumn-1:])
	}
	return strings.Join(lines, "")
}
