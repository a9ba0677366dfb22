package render

import (
	"fmt"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/validate"
)

// Bounds of what a check run shows. The totals are always those of everything.
const (
	maxShown     = 250 // annotations: five requests
	maxCustomers = 100 // rows of the table
	maxListed    = 100 // findings in the text
)

// CheckRun shows a verdict: conclusion, title, summary and annotations.
func CheckRun(r validate.Result) forge.CheckRun {
	run := forge.CheckRun{Conclusion: forge.Success, Title: title(r), Summary: fit(summary(r)), Text: fit(details(r.Findings))}
	if !r.OK() {
		run.Conclusion = forge.Failed
	}
	run.Annotations = annotations(r.Findings)
	return run
}

func title(r validate.Result) string {
	count := finding.CountOf(r.Findings)
	judged := many(len(r.Customers), "customer")
	switch {
	case count.Failures > 0:
		return fmt.Sprintf("%s to mend before this can be merged", many(count.Failures, "failure"))
	case len(r.Files) == 0 && len(r.Customers) == 0:
		return "No configuration is touched"
	case count != (finding.Count{}):
		return fmt.Sprintf("Valid, with %s (%s judged)", counts(count), judged)
	case len(r.Customers) == 0:
		return fmt.Sprintf("Valid: %s judged", many(len(r.Files), "file"))
	}
	return fmt.Sprintf("Valid: %s judged", judged)
}

func summary(r validate.Result) string {
	var b strings.Builder
	switch {
	case !r.OK():
		b.WriteString("Every failure below names the line and what to write there. Push the correction, and tamer judges again.\n\n")
	case len(r.Files) == 0 && len(r.Customers) == 0:
		b.WriteString("This change touches no configuration, schema or policy that the layout in `.tamer.yaml` covers, so there was nothing to judge.\n\n")
	}
	b.WriteString(summaryTable(r))
	fmt.Fprintf(&b, "%s.\n", Sum(r))
	if r.Whole {
		b.WriteString("\nThe policy changes, so everything was judged.\n")
	}
	if n := len(r.Findings) - maxShown; n > 0 {
		fmt.Fprintf(&b, "\nThe first %d findings are shown at their lines; %s not.\n", maxShown, are(n))
	}
	return b.String()
}

// summaryTable counts by customer.
func summaryTable(r validate.Result) string {
	if len(r.Customers) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| customer | files judged | failures | warnings | notices |\n|---|--:|--:|--:|--:|\n")
	for _, c := range r.Customers[:min(len(r.Customers), maxCustomers)] {
		files := fmt.Sprint(c.Files)
		if c.Files == 0 {
			files = "removed"
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d |\n", cell(c.Name), files, c.Failures, c.Warnings, c.Notices)
	}
	if n := len(r.Customers) - maxCustomers; n > 0 {
		fmt.Fprintf(&b, "\nand %s more.\n", many(n, "customer"))
	}
	b.WriteString("\n")
	return b.String()
}

func are(n int) string {
	if n == 1 {
		return "1 more is"
	}
	return fmt.Sprintf("%d more are", n)
}

// details lists the findings by file, for those who read the check run's page. What people wrote stands in code spans only.
func details(found []finding.Finding) string {
	var b strings.Builder
	for i, f := range found[:min(len(found), maxListed)] {
		if i == 0 || f.File != found[i-1].File {
			heading := code(f.File)
			if f.File == "" {
				heading = "The change as a whole"
			}
			fmt.Fprintf(&b, "### %s\n\n", heading)
		}
		where := ""
		if f.At.Start.Line > 0 {
			where = fmt.Sprintf(", line %d", f.At.Start.Line)
		}
		fmt.Fprintf(&b, "- **%s**%s: %s\\\n  Fix: %s\n", f.Level, where, code(f.Message), code(f.Fix))
		for line := range related(f) {
			fmt.Fprintf(&b, "  - See %s\n", code(line))
		}
		if i+1 < len(found) && f.File != found[i+1].File {
			b.WriteString("\n")
		}
	}
	if n := len(found) - maxListed; n > 0 {
		fmt.Fprintf(&b, "\nand %s more.\n", many(n, "finding"))
	}
	return b.String()
}

// annotations shows the first findings at their lines. One without a file cannot be shown there.
func annotations(found []finding.Finding) []forge.Annotation {
	var out []forge.Annotation
	for _, f := range found {
		if f.File == "" || len(out) == maxShown {
			continue
		}
		out = append(out, annotation(f))
	}
	return out
}

func annotation(f finding.Finding) forge.Annotation {
	a := forge.Annotation{
		Path: f.File, StartLine: max(f.At.Start.Line, 1), Level: forge.AnnotationLevel(f.Level),
		Title: f.Rule, Message: cut(f.Message) + "\n" + "Fix: " + cut(f.Fix) + cut(relatedLines(f)),
	}
	a.EndLine = max(f.At.End.Line, a.StartLine)
	if a.EndLine == a.StartLine && f.At.Start.Column > 0 {
		a.StartColumn = f.At.Start.Column
		a.EndColumn = max(f.At.End.Column-1, a.StartColumn)
	}
	return a
}

// relatedLines are the related places below a message of plain text.
func relatedLines(f finding.Finding) string {
	var b strings.Builder
	for line := range related(f) {
		b.WriteString("\nSee " + visible(line))
	}
	return b.String()
}

// maxMessage bounds each of the three parts of an annotation's message, in bytes: GitHub takes 64 KB.
// Source: docs.github.com, REST API, "Update a check run", field output.annotations.
const maxMessage = 21_000

func cut(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	return strings.ToValidUTF8(text[:maxMessage], "") + "…"
}

// fit keeps a text within what GitHub takes, cut after a whole line.
func fit(text string) string {
	const note = "\n…and more, left out because GitHub shows no longer texts.\n"
	if len(text) <= forge.MaxSummary {
		return text
	}
	text = text[:forge.MaxSummary-len(note)]
	return text[:strings.LastIndexByte(text, '\n')+1] + note
}

// code puts text that people wrote into a code span, where no mention, link, HTML or Markdown is alive. Line ends become
// spaces, what cannot be seen an escape, and the fence is longer than any run of backticks within.
func code(text string) string {
	text = visible(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, text))
	longest, run := 0, 0
	for _, r := range text {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	return fence + " " + text + " " + fence
}

// cell is code within a table, where a bar would end the cell: even as \|, if a backslash stands before it. So it is written as
// an escape of another kind.
func cell(text string) string { return strings.ReplaceAll(code(text), "|", `\x7c`) }
