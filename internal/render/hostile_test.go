package render

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/validate"
)

// withoutCode leaves out code spans: a run of backticks, up to the next run of the same length, as CommonMark reads it.
func withoutCode(markdown string) string {
	var b strings.Builder
	for markdown != "" {
		run := len(markdown) - len(strings.TrimLeft(markdown, "`"))
		if run == 0 {
			b.WriteByte(markdown[0])
			markdown = markdown[1:]
			continue
		}
		end := regexp.MustCompile("(?:^|[^`])(`{" + string(rune('0'+run)) + "})(?:[^`]|$)").FindStringSubmatchIndex(markdown[run:])
		if end == nil {
			b.WriteString(markdown[:run])
			markdown = markdown[run:]
			continue
		}
		markdown = markdown[run+end[3]:]
	}
	return b.String()
}

// Whatever people wrote, nothing of it is alive in what a check run shows, and nothing is longer than GitHub takes.
func TestHostileText(t *testing.T) {
	for _, text := range []string{
		"@everyone", "`@everyone", "``` @everyone ```", "<img src=x>", "[a](https://example.com)", "a|@everyone", `a\|@everyone`, `a\\|@everyone`,
		"a\n\n@everyone", "a\u2028@everyone", "- [ ] @everyone", "\u202e@everyone", "#12", "\x00@everyone", "a\xff`@everyone", strings.Repeat("@everyone ", 20_000),
	} {
		r := validate.Result{
			Findings: []finding.Finding{{Rule: "type", Level: finding.Failure, File: text, Message: text, Fix: text, At: finding.Span{Start: finding.Place{Line: 1, Column: 1}},
				Related: []finding.Related{{File: text, Message: text}}}},
			Files:     []string{text},
			Customers: []validate.Customer{{Name: text, Files: 1}},
		}
		for _, run := range []forge.CheckRun{Report{Verdict: r, Fixable: true}.CheckRun(), DeployCheck(Deploy{Commit: "1234567", Verdict: r}), DeployCheck(hostileStores(text))} {
			for _, shown := range []string{run.Title, run.Summary, run.Text} {
				alive := withoutCode(shown)
				if strings.ContainsAny(alive, "@<[]") || strings.Contains(alive, "#12") || len(shown) > forge.MaxSummary {
					t.Errorf("%.40q: alive: %.200q", text, alive)
				}
				rows := slices.DeleteFunc(strings.Split(shown, "\n"), func(line string) bool { return !strings.HasPrefix(line, "| ") })
				for _, row := range rows {
					if strings.Count(row, "|") != 6 {
						t.Errorf("%.40q: a row of other cells: %.200s", text, row)
					}
				}
			}
			for _, a := range run.Annotations {
				if len(a.Message) > 64<<10 {
					t.Errorf("%.40q: an annotation of %d bytes", text, len(a.Message))
				}
			}
		}
	}
}

// hostileStores are stores of which everything is called by the text.
func hostileStores(text string) Deploy {
	held := release.Release{Customers: map[string]release.Entry{text: {Held: &release.Held{Reason: text}}}}
	return Deploy{Commit: "1234567", Branch: text, Stores: []DeployStore{{Name: text, Refused: text, Release: held, Channel: release.Channel{Generation: 1}},
		{Name: text, Problem: text, Channel: release.Channel{Hold: &release.Hold{By: text, Reason: text}}}}}
}
