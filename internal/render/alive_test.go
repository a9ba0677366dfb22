package render_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/validate"
)

// canary is in every hostile text, and in nothing that tamer says itself.
const canary = "zq9x"

// hostileTexts are a thousand ways to become more than text: each payload in each surrounding.
func hostileTexts() []string {
	payloads := []string{
		"@zq9x", "@zq9x/team", "<b>zq9x</b>", "<img src=https://zq9x.example.com/x>", "<script>zq9x</script>", "<!-- zq9x", "--> zq9x", "</details>zq9x",
		"</summary>zq9x", "<details open>zq9x", "<a href='//zq9x'>x</a>", "[zq9x](https://zq9x.example.com)", "![zq9x](https://zq9x.example.com/i.png)",
		"[zq9x]: https://zq9x.example.com", "[zq9x][zq9x]", "https://zq9x.example.com", "www.zq9x.example.com", "zq9x@example.com", "<https://zq9x.example.com>",
		"<mailto:zq9x@example.com>", "#12 zq9x", "GH-12 zq9x", "zq9x#12", ":zq9x:", "**zq9x**", "__zq9x__", "~~zq9x~~", "# zq9x", "- [ ] zq9x", "1. zq9x", "> zq9x",
		"| zq9x | x |", `\| zq9x`, `\\| zq9x`, "&#64;zq9x", "&lt;b&gt;zq9x", "&#x60;zq9x", "$zq9x$", "$$zq9x$$", "[^zq9x]", "zq9x\\", "\u202ezq9x", "zq9x\u200b@zq9x",
		"\x00zq9x", "\x1b[31mzq9x", "zq9x\xff", "zq9x\t@zq9x", "*zq9x", "[zq9x", "]zq9x(", ")zq9x",
	}
	surroundings := []func(string) string{
		func(p string) string { return p },
		func(p string) string { return "`" + p },
		func(p string) string { return p + "`" },
		func(p string) string { return "`` " + p + " ``" },
		func(p string) string { return "```\n" + p + "\n```" },
		func(p string) string { return "\n\n" + p + "\n\n" },
		func(p string) string { return "x\r\n\r\n" + p },
		func(p string) string { return "x\u2028" + p + "\u0085" + p },
		func(p string) string { return "~~~~\n" + p + "\n~~~~" },
		func(p string) string { return strings.Repeat("`", 9) + "diff\n" + p },
		func(p string) string { return "    " + p + "\n" + p },
		func(p string) string { return p + "\n===\n" + p + "\n---\n" },
		func(p string) string { return p + "|" + p + "|\n|---|---|\n|" + p },
		func(p string) string { return "<!--" + p + "-->" + p },
		func(p string) string { return `\` + p + `\` },
		func(p string) string { return " " + p + " " },
		func(p string) string { return "`\\`" + p + "`\\``" },
		func(p string) string { return p + strings.Repeat(" `` ", 3) + p },
		func(p string) string { return p + "/" + p + "#" + p + "?" + p },
		func(p string) string { return "</code></pre>" + p },
	}
	var all []string
	for i, p := range payloads {
		for _, in := range surroundings {
			all = append(all, in(p))
		}
		if i%16 == 0 {
			all = append(all, strings.Repeat(p+" ", 60<<10/len(p)))
		}
	}
	return all
}

// said is everything that tamer writes to GitHub as Markdown where people chose this text for all that they can choose.
func said(text string) []string {
	note := diff.Note{Title: text, Description: text, Unit: text, Deprecated: text}
	changes := diff.Compare(diff.One(map[string]any{text: text, "list": []any{text, "b"}, "gone": text}), diff.One(map[string]any{text: text + "2", "list": []any{"b", text}, "new" + text: map[string]any{text: []any{text}}}))
	for i := range changes {
		changes[i].Note, changes[i].Owners = note, []string{text}
	}
	file := diff.File{Path: "customers/" + text, Customer: text, Type: text, Changes: changes}
	twin, shared, broken := file, file, diff.File{Path: text, Type: text, Problem: text}
	twin.Path, twin.Customer, shared.Path, shared.Customer = "customers/2"+text, "2"+text, "shared/"+text, ""
	fresh := diff.File{Path: text, Customer: text, Type: text, Added: true, Changes: diff.Compare(diff.Side{}, diff.One(map[string]any{text: text}))}
	at := finding.Span{Start: finding.Place{Line: 1, Column: 1}}
	one := finding.Finding{Rule: "type", Level: finding.Failure, File: text, Message: text, Fix: text, At: at, Pointer: "/" + text,
		Edit: &finding.Edit{At: at, Text: text}, Related: []finding.Related{{File: text, Message: text}}}
	other, none := one, one
	other.File, none.File, none.Message = "2"+text, "", "b"+text
	r := render.Report{Page: page, Fixable: true, Customer: func(path string) string { return path },
		Verdict: validate.Result{Findings: []finding.Finding{one, other, none}, Files: []string{text}, Customers: []validate.Customer{{Name: text, Files: 1}}},
		Diff:    diff.Report{Files: []diff.File{file, twin, broken, fresh}}}
	r.Verdict.Schemas = schemaChanges(text)
	onlyShared := r
	onlyShared.Diff.Files = []diff.File{shared, {Path: "shared/3" + text, Type: text, Changes: changes}}
	run := r.CheckRun()
	explained := render.Explanation{File: text, Pointer: "/" + text, Page: page, Base: text, Value: map[string]any{text: text}, Old: text, Known: true,
		Note: diff.Note{Title: text, Description: "2" + text, Unit: text, Deprecated: text, Owners: []string{text}}, Findings: []finding.Finding{one}}
	gates, overridden := hostileGates(text)[:1].CheckRun(), hostileGates(text)[1:].CheckRun()
	return []string{
		r.Comment().Body, onlyShared.Comment().Body, run.Summary, run.Text, explained.Markdown(), render.Explanation{File: text, Problem: text}.Markdown(),
		render.Help(text), render.DeployCheck(render.Deploy{Commit: "1234567", Verdict: r.Verdict}).Text,
		render.DeployCheck(hostileDeploy(text)).Summary,
		gates.Summary, gates.Text, render.WithLine("", hostileGates(text)[0].Line()), overridden.Summary, render.Overridden(*hostileGates(text)[1].Override), render.NotOverridden(text, "x"),
	}
}

// Whatever people write, an independent renderer finds nothing of it alive: no mention, link, tag or heading, for all of it is code.
// Links lead to lines of the head, and to the checks.
func TestNothingIsAlive(t *testing.T) {
	script := golden.Fetched(t, "TAMER_MARKDOWN_IT", "tools/markdown-it/fetch")
	texts := hostileTexts()
	if len(texts) < 1_000 {
		t.Fatalf("%d hostile texts", len(texts))
	}
	for chunk := range slices.Chunk(texts, 100) {
		var from, all []string
		for _, text := range chunk {
			for _, s := range said(text) {
				if len(s) > forge.MaxSummary {
					t.Errorf("%.60q: %d bytes in %.60q", text, len(s), s)
				}
				from, all = append(from, text), append(all, s)
			}
		}
		for i, found := range aliveIn(t, script, all) {
			if fault := found.fault(); fault != "" {
				t.Errorf("%.60q: %s\nin %.600s", from[i], fault, all[i])
			}
		}
	}
	if found := aliveIn(t, script, []string{"@zq9x <b>x</b> https://zq9x.example.com"}); found[0].fault() == "" {
		t.Error("the test sees nothing")
	}
}

// alive is what is not code in a text.
type alive struct{ HTML, Links, Text []string }

var ownHTML = regexp.MustCompile(`^(<!-- tamer:(report|approvals|override \{[^<>]*\}) -->|<details><summary>[0-9,]+ changes? of other files</summary>|</details>)$`)

func (a alive) fault() string {
	for _, tag := range a.HTML {
		if !ownHTML.MatchString(tag) {
			return fmt.Sprintf("HTML %q", tag)
		}
	}
	for _, address := range a.Links {
		if !strings.HasPrefix(address, page.Repository+"/blob/"+string(page.Head)+"/") && !strings.HasPrefix(address, page.Repository+"/commit/") && address != page.Repository+"/pull/12/checks" {
			return fmt.Sprintf("a link to %q", address)
		}
	}
	if text := strings.Join(a.Text, " "); strings.Contains(text, canary) || strings.ContainsAny(text, "@<>") {
		return fmt.Sprintf("text %.300q", text)
	}
	return ""
}

func aliveIn(t *testing.T, script string, texts []string) []alive {
	t.Helper()
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "testdata/alive.js", script)
	var stderr strings.Builder
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.String())
	}
	var found []alive
	if err := json.Unmarshal(out, &found); err != nil || len(found) != len(texts) {
		t.Fatalf("%d answers to %d texts: %v", len(found), len(texts), err)
	}
	return found
}

// hostileDeploy has the text in the place of everything that people write.
func hostileDeploy(text string) render.Deploy {
	return render.Deploy{Commit: "1234567", Branch: text, Stores: []render.DeployStore{
		{Name: text, Problem: text, Release: release.Release{Customers: map[string]release.Entry{text: {Held: &release.Held{Reason: text}}}}, Channel: release.Channel{Generation: 1}},
		{Name: text, Refused: text}, {Name: text, Channel: release.Channel{Hold: &release.Hold{By: text, Reason: text}}}}}
}
