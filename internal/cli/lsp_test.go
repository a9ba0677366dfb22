package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
	"github.com/tamerhq/tamer/internal/lsp/lsptest"
)

// serveEditor runs `tamer lsp` for an editor that has a directory open.
func serveEditor(t testing.TB, root string) *lsptest.Client {
	t.Helper()
	t.Setenv("TAMER_CACHE_DIR", t.TempDir())
	in, write := io.Pipe()
	read, out := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var said strings.Builder
		code := cli.Run(context.WithoutCancel(t.Context()), []string{"lsp"}, in, out, &said)
		out.Close()
		if code != cli.Clean {
			t.Errorf("tamer lsp exits with %d: %s", code, &said)
		}
	}()
	t.Cleanup(func() { <-ended })
	return lsptest.Start(t, write, read, root, nil)
}

// openShop is the shop with the broken change, in an editor.
func openShop(t *testing.T) (*lsptest.Client, string) {
	t.Helper()
	brokenShop(t)
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return serveEditor(t, root), root
}

func textOf(t testing.TB, root, path string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// checked is what `tamer check` finds, as an editor shows it: by file, a line for each.
func checked(t *testing.T) map[string][]string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := cli.Run(t.Context(), []string{"check", "--format", "json"}, nil, &out, &errs); code == cli.Misuse {
		t.Fatal(&errs)
	}
	var report struct {
		Files []struct {
			Path     string
			Findings []struct {
				Rule, Level, Message, Fix string
				Line, Column              int
				EndLine                   int `json:"end_line"`
				EndColumn                 int `json:"end_column"`
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	levels := map[string]int{"failure": 1, "warning": 2, "notice": 3}
	found := map[string][]string{}
	for _, f := range report.Files {
		for _, x := range f.Findings {
			found[f.Path] = append(found[f.Path], fmt.Sprintf("%d:%d %d %s %s\nfix: %s", x.Line, x.Column, levels[x.Level], x.Rule, x.Message, x.Fix))
		}
	}
	return found
}

func lines(all []lsptest.Diagnostic) []string {
	var out []string
	for _, d := range all {
		out = append(out, fmt.Sprintf("%d:%d %d %v %s", d.Range.Start.Line+1, d.Range.Start.Character+1, d.Severity, d.Code, d.Message))
	}
	return out
}

// What is shown is what tamer check prints: at the start, while somebody writes, and after it is saved.
func TestLSPDiagnostics(t *testing.T) {
	c, root := openShop(t)
	same := func(want map[string][]string) {
		t.Helper()
		for path, found := range want {
			c.Diagnostics(path, func(shown []lsptest.Diagnostic) bool { return slices.Equal(lines(shown), found) })
		}
	}
	same(checked(t))

	// A shared market goes that Acme's campaign in Norway refers to: the fault is shown where the campaign stands.
	const markets = "shared/markets.yaml"
	text := textOf(t, root, markets)
	at := strings.Index(text, `code: "NO"`)
	if at < 0 {
		t.Fatal("the shop has no market NO")
	}
	c.Open(markets, text)
	c.Change(markets, at, at+len(`code: "NO"`), `code: "NX"`)
	c.Diagnostics("customers/acme/campaigns.yaml", some)
	if err := os.WriteFile(markets, []byte(strings.Replace(text, `code: "NO"`, `code: "NX"`, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	same(checked(t))
	c.Notify("textDocument/didSave", map[string]any{"textDocument": map[string]any{"uri": c.URI(markets)}})
	same(checked(t))

	// What is mended goes, and what is broken in its form is told as check tells it.
	c.Change(markets, at, at+len(`code: "NX"`), `code: "NO"`)
	c.Diagnostics("customers/acme/campaigns.yaml", none)
	c.Change(markets, at, at, "[")
	c.Diagnostics(markets, func(d []lsptest.Diagnostic) bool { return some(d) && d[0].Code == "yaml" })
}

// References are completed from the files that they lead to, saved or not, in the quotes that they need.
func TestLSPCompletion(t *testing.T) {
	c, root := openShop(t)
	const campaigns, segments = "customers/acme/campaigns.yaml", "customers/acme/segments.yaml"
	text := textOf(t, root, campaigns)
	c.Open(campaigns, text)
	offers := func(at int) (written []string) {
		for _, item := range c.Completions(campaigns, at) {
			written = append(written, item.TextEdit.NewText)
		}
		return written
	}
	at := strings.Index(text, "segment: lapsed") + len("segment: ")
	if got, want := offers(at), []string{"big-spenders", "lapsed", "runners", "winter-ready"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	other := textOf(t, root, segments)
	c.Open(segments, other)
	id := strings.Index(other, "big-spenders")
	c.Change(segments, id, id+len("big-spenders"), "spenders")
	if got, want := offers(at), []string{"spenders", "lapsed", "runners", "winter-ready"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := offers(at+len("lap")), []string{"lapsed"}; !slices.Equal(got, want) {
		t.Errorf("behind lap: got %q, want %q", got, want)
	}
	if got, want := offers(strings.Index(text, "market: DE")+len("market: ")), []string{"DE", "FR", "GB", "JP", `"NO"`, "US"}; !slices.Equal(got, want) {
		t.Errorf("markets: got %q, want %q", got, want)
	}
	if got := offers(strings.Index(text, "market: \"NO\"") + len("market: ")); !slices.Contains(got, `"DE"`) {
		t.Errorf("in quotes: got %q", got)
	}
	if got := offers(strings.Index(text, "channel: email") + len("channel: ")); len(got) != 0 {
		t.Errorf("what refers to nothing: got %q", got)
	}
	end := len(text)
	const more = "\n  - id: new\n    name: New\n    segment: "
	c.Change(campaigns, end, end, more)
	if got := offers(end + len(more)); len(got) != 4 {
		t.Errorf("in an item that is being written: got %q", got)
	}
}

// From a reference to where it leads, and back.
func TestLSPNavigation(t *testing.T) {
	c, root := openShop(t)
	const campaigns, segments = "customers/acme/campaigns.yaml", "customers/acme/segments.yaml"
	text := textOf(t, root, campaigns)
	c.Open(campaigns, text)
	at := c.At(campaigns, strings.Index(text, "lapsed")+2)
	where := func(found []lsptest.Location) (spots []string) {
		for _, l := range found {
			path := strings.TrimPrefix(l.URI, c.URI(".")+"/")
			line := strings.Split(textOf(t, root, path), "\n")[l.Range.Start.Line]
			spots = append(spots, filepath.Base(path)+": "+line[l.Range.Start.Character:l.Range.End.Character])
		}
		return spots
	}
	var found []lsptest.Location
	c.Call("textDocument/definition", at, &found)
	if got, want := where(found), []string{"segments.yaml: lapsed"}; !slices.Equal(got, want) {
		t.Errorf("definition: got %q, want %q", got, want)
	}
	at["context"] = map[string]any{"includeDeclaration": true}
	c.Call("textDocument/references", at, &found)
	for _, spot := range where(found) {
		if !strings.HasSuffix(spot, ": lapsed") {
			t.Errorf("references: got %q", spot)
		}
	}
	if len(found) < 3 {
		t.Errorf("references: got %q", where(found))
	}
	var told struct{ Contents struct{ Value string } }
	c.Call("textDocument/hover", at, &told)
	for _, want := range []string{"**Segment that receives it**", "Owned by @shop/customer-success, sender", "Refers to segments `/segments/*/id`: customers/acme/segments.yaml, line"} {
		if !strings.Contains(told.Contents.Value, want) {
			t.Errorf("hover: got %s, want %q in it", told.Contents.Value, want)
		}
	}
	other := textOf(t, root, segments)
	c.Open(segments, other)
	c.Call("textDocument/hover", c.At(segments, strings.Index(other, "id: lapsed")+5), &told)
	if !strings.Contains(told.Contents.Value, "Referred to in ") {
		t.Errorf("hover: got %s", told.Contents.Value)
	}
}

// A value is renamed wherever it stands; what would be wrong then is refused.
func TestLSPRename(t *testing.T) {
	c, root := openShop(t)
	const segments = "customers/acme/segments.yaml"
	text := textOf(t, root, segments)
	c.Open(segments, text)
	at := c.At(segments, strings.Index(text, "id: lapsed")+5)
	for name, want := range map[string]string{
		"":        "write the new name: it cannot be empty",
		"runners": `there is "runners" already, in customers/acme/segments.yaml on line`,
		"Lapsed!": "that would be wrong: customers/acme/segments.yaml, line",
	} {
		at["newName"] = name
		if err := c.Try("textDocument/rename", at, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", name, err, want)
		}
	}
	at["newName"] = "gone-quiet"
	var edit struct {
		DocumentChanges []struct {
			TextDocument struct {
				URI     string
				Version *int
			}
			Edits []lsptest.TextEdit
		}
	}
	c.Call("textDocument/rename", at, &edit)
	for _, d := range edit.DocumentChanges {
		path := strings.TrimPrefix(d.TextDocument.URI, c.URI(".")+"/")
		src := textOf(t, root, path)
		if open := path == segments; open != (d.TextDocument.Version != nil) {
			t.Errorf("%s: version %v", path, d.TextDocument.Version)
		}
		rows := strings.Split(src, "\n")
		for _, e := range d.Edits { // on lines of their own, in ASCII
			row := rows[e.Range.Start.Line]
			rows[e.Range.Start.Line] = strings.Replace(row[:e.Range.Start.Character]+"§"+row[e.Range.End.Character:], "§", e.NewText, 1)
		}
		if err := os.WriteFile(path, []byte(strings.Join(rows, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if len(edit.DocumentChanges) < 2 {
		t.Errorf("got edits of %d files", len(edit.DocumentChanges))
	}
	for path := range checked(t) {
		if strings.HasPrefix(path, "customers/acme/") {
			t.Errorf("after the renaming check finds something in %s", path)
		}
	}
}

// Edits that are certain are offered where they are wanted.
func TestLSPActions(t *testing.T) {
	c, root := openShop(t)
	const path = "customers/acme/campaigns.yaml"
	text := textOf(t, root, path)
	c.Open(path, text)
	at := strings.Index(text, "segment: lapsed") + len("segment: lapse")
	c.Change(path, at, at+1, "")
	wrong := c.Diagnostics(path, some)
	var actions []struct {
		Title, Kind string
		Edit        struct {
			DocumentChanges []struct{ Edits []lsptest.TextEdit }
		}
	}
	ask := func(r lsptest.Range) (offered []string) {
		c.Call("textDocument/codeAction", map[string]any{"textDocument": map[string]any{"uri": c.URI(path)}, "range": r, "context": map[string]any{"diagnostics": []any{}}}, &actions)
		for _, a := range actions {
			offered = append(offered, a.Kind+" "+a.Title)
		}
		return offered
	}
	all := "source.fixAll.tamer Make all edits of tamer that are certain"
	if got, want := ask(wrong[0].Range), []string{`quickfix write "lapsed" instead of "lapse"`, all}; !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	if got := actions[0].Edit.DocumentChanges[0].Edits[0]; got.NewText != "lapsed" || got.Range != wrong[0].Range {
		t.Errorf("got %v at %v", got, wrong[0].Range)
	}
	if got := ask(lsptest.Range{}); !slices.Equal(got, []string{all}) {
		t.Errorf("elsewhere: got %q", got)
	}
}
