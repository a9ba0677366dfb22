package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/validate"
)

// Bounds of what a check run shows. The totals are always those of everything.
const (
	maxShown     = 250 // annotations: five requests
	maxCustomers = 100 // rows of the table
	maxListed    = 100 // findings in the text of a deploy's check run
	maxPlaces    = 20  // of one cause
	roomForMore  = 300 // bytes kept for the words that tell what was left out
)

// A Report is what is said of a change on GitHub: in a check run, and in the comment on a pull request.
type Report struct {
	Verdict validate.Result
	// Diff is what the configs mean now and what they would mean.
	Diff diff.Report
	// Uncompared is how many changed configs Diff leaves out, where there are very many.
	Uncompared int
	Page       Page
	// Customer gives whose config a file is; empty for what is nobody's. Nil: that is not known.
	Customer func(path string) string
	// Fixable tells that tamer may write to the branch.
	Fixable bool
	// Previewable tells that the commit is served beside production only if somebody asks for that.
	Previewable bool
	// Migratable is how many configs a button would change as the changed schemas ask.
	Migratable int
}

// CheckRun shows the verdict: conclusion, title, summary, details, annotations and buttons.
func (r Report) CheckRun() forge.CheckRun {
	run := forge.CheckRun{Conclusion: forge.Success, Title: title(r.Verdict), Summary: fit(r.summary()), Text: r.details(), Actions: r.actions()}
	if !r.Verdict.OK() {
		run.Conclusion = forge.Failed
	}
	run.Annotations = annotations(r.Verdict.Findings)
	return run
}

// actions are the buttons. Their texts are bounded: see forge.Action.
func (r Report) actions() []forge.Action {
	all := []forge.Action{{Label: "Re-check", Description: "Judge this commit again", Identifier: forge.RecheckAction}}
	edits := func(f finding.Finding) bool { return f.Edit != nil && f.File != "" }
	if r.Fixable && slices.ContainsFunc(r.Verdict.Findings, edits) {
		all = append(all, forge.Action{Label: "Apply fixes", Description: "Commit the certain fixes to the branch", Identifier: forge.FixAction})
	}
	if r.Migratable > 0 {
		all = append(all, forge.Action{Label: migrateLabel(r.Migratable), Description: "Change them as the schemas ask", Identifier: forge.MigrateAction})
	}
	if r.Previewable && len(all) < forge.MaxActions {
		all = append(all, forge.Action{Label: "Preview", Description: "Serve this commit beside production", Identifier: forge.PreviewAction})
	}
	return all
}

// migrateLabel is the text of the button, of at most 20 characters.
func migrateLabel(configs int) string {
	if configs > 9999 {
		return "Migrate the configs"
	}
	return "Migrate " + many(configs, "config")
}

// offers tells whether a button is there.
func (r Report) offers(identifier string) bool {
	return slices.ContainsFunc(r.actions(), func(a forge.Action) bool { return a.Identifier == identifier })
}

func title(r validate.Result) string {
	count := finding.CountOf(r.Findings)
	judged := many(len(r.Customers), "customer")
	switch reasons, theirs := unevaluated(r.Findings); {
	case len(reasons) > 0 && theirs == 0:
		return clip("could not be checked: "+reasons, maxTitle)
	case len(reasons) > 0:
		return clip(fmt.Sprintf("%s to mend before this can be merged; besides, %s", many(theirs, "failure"), reasons), maxTitle)
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

// maxTitle bounds a title, in characters.
const maxTitle = 200

// unevaluated gives the reasons why something was not evaluated, which is nobody's fault who edits, and counts the other failures.
func unevaluated(found []finding.Finding) (reasons string, others int) {
	var all []string
	for _, f := range found {
		if reason, ok := validate.Reason(f); ok {
			all = append(all, reason)
		} else if f.Level == finding.Failure {
			others++
		}
	}
	return strings.Join(all, ", "), others
}

func (r Report) summary() string {
	v := r.Verdict
	var b strings.Builder
	switch reasons, theirs := unevaluated(v.Findings); {
	case len(reasons) > 0 && theirs == 0:
		b.WriteString("Nothing is to be mended in this change. A part of it could not be checked; the details say why, and what to do.\n\n")
	case !v.OK():
		b.WriteString("Every failure below names the line and what to write there. Push the correction, and tamer judges again.\n\n")
	case len(v.Files) == 0 && len(v.Customers) == 0:
		b.WriteString("This change touches no configuration, schema or policy that the layout in `.tamer.yaml` covers, so there was nothing to judge.\n\n")
	}
	if r.offers(forge.FixAction) {
		n := 0
		for _, f := range v.Findings {
			if f.Edit != nil {
				n++
			}
		}
		fmt.Fprintf(&b, "The button **Apply fixes** above mends %d of these by a commit on the branch.\n\n", n)
	}
	for _, block := range r.schemas() {
		if b.Len()+len(block) < forge.MaxSummary/4 {
			b.WriteString(block)
		}
	}
	if r.offers(forge.MigrateAction) {
		fmt.Fprintf(&b, "The button **%s** above changes configs as the changed schemas ask, by a commit on the branch; `tamer migrate` shows how.\n\n",
			migrateLabel(r.Migratable))
	}
	b.WriteString(summaryTable(v))
	fmt.Fprintf(&b, "%s.\n", Sum(v))
	if v.Whole {
		b.WriteString("\nThe policy changes, so everything was judged.\n")
	}
	if n := len(v.Findings) - maxShown; n > 0 {
		fmt.Fprintf(&b, "\nThe first %d findings are shown at their lines; %s not.\n", maxShown, are(n))
	}
	return b.String()
}

// summaryTable counts by customer. Where they do not all fit, those with the most failures come first.
func summaryTable(r validate.Result) string {
	if len(r.Customers) == 0 {
		return ""
	}
	shown := r.Customers
	if len(shown) > maxCustomers {
		shown = slices.Clone(shown)
		slices.SortStableFunc(shown, func(a, b validate.Customer) int {
			return cmp.Or(b.Failures-a.Failures, b.Warnings-a.Warnings, b.Notices-a.Notices)
		})
		shown = shown[:maxCustomers]
	}
	table := bounded{limit: forge.MaxSummary / 2}
	table.add("| customer | files judged | failures | warnings | notices |\n|---|--:|--:|--:|--:|\n", 0)
	for _, c := range shown {
		files := fmt.Sprint(c.Files)
		if c.Files == 0 {
			files = "removed"
		}
		table.add(fmt.Sprintf("| %s | %s | %d | %d | %d |\n", cell(clip(c.Name, maxName)), files, c.Failures, c.Warnings, c.Notices), 1)
	}
	if n := len(r.Customers) - len(shown) + table.left; n > 0 {
		fmt.Fprintf(&table.b, "\nand %s more, with no more failures than these.\n", many(n, "customer"))
	}
	return table.b.String() + "\n"
}

func are(n int) string {
	if n == 1 {
		return "1 more is"
	}
	return fmt.Sprintf("%d more are", n)
}

// details lists the findings for those who read the check run's page: what is wrong alike in many places once, the rest by file.
// What people wrote stands in code only.
func (r Report) details() string {
	text := bounded{limit: forge.MaxSummary - roomForMore}
	r.broken(&text)
	var single []finding.Finding
	for _, c := range causes(r.Verdict.Findings) {
		if len(c.all) == 1 {
			single = append(single, c.Finding)
			continue
		}
		text.add(fmt.Sprintf("### The same %s\n\n- **%s**: %s\n%s  %s\n\n", r.reach(c), c.Level, said(c.Finding), r.seeAlso(c.Finding), r.places(c, maxPlaces)), len(c.all))
	}
	finding.Sort(single)
	for i, f := range single {
		block := ""
		if i == 0 || f.File != single[i-1].File {
			heading := "The change as a whole"
			if f.File != "" {
				heading = r.Page.link(code(clip(f.File, maxName)), f.File, finding.Span{})
			}
			block = fmt.Sprintf("### %s\n\n", heading)
		}
		where := ""
		if f.At.Start.Line > 0 {
			where = ", " + r.Page.link(fmt.Sprintf("line %d", f.At.Start.Line), f.File, f.At)
		}
		block += fmt.Sprintf("- **%s**%s: %s\n%s", f.Level, where, said(f), r.seeAlso(f))
		if i+1 < len(single) && f.File != single[i+1].File {
			block += "\n"
		}
		text.add(block, 1)
	}
	if text.left > 0 {
		fmt.Fprintf(&text.b, "\nand %s more, left out because GitHub shows no longer texts. `tamer check` shows all.\n", many(text.left, "finding"))
	}
	return text.b.String()
}

// said is what is wrong and what to write instead, within an item of a list.
func said(f finding.Finding) string {
	return fmt.Sprintf("%s\\\n  Fix: %s", code(clip(f.Message, maxSaid)), code(clip(f.Fix, maxSaid)))
}

// seeAlso links to the related places, each an item below that of the finding.
func (r Report) seeAlso(f finding.Finding) string {
	var b strings.Builder
	for i, rel := range f.Related {
		if i == maxRelated {
			fmt.Fprintf(&b, "  - and %s more\n", many(len(f.Related)-i, "place"))
			break
		}
		fmt.Fprintf(&b, "  - See %s: %s\n", r.Page.place(rel.File, rel.At), code(clip(rel.Message, maxSaid)))
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
		Title: f.Rule, Message: cut(f.Message) + "\n" + "Fix: " + cut(f.Fix) + cut(relatedLines(f)), RawDetails: rawDetails(f),
	}
	a.EndLine = max(f.At.End.Line, a.StartLine)
	if a.EndLine == a.StartLine && f.At.Start.Column > 0 {
		a.StartColumn = f.At.Start.Column
		a.EndColumn = max(f.At.End.Column-1, a.StartColumn)
	}
	return a
}

// rawDetails is the fix in a form to copy, with the edit that makes it where there is one.
func rawDetails(f finding.Finding) string {
	if f.Edit == nil {
		return "Fix: " + cut(f.Fix)
	}
	at, text := f.Edit.At, f.Edit.Text
	where := fmt.Sprintf("line %d, column %d", at.Start.Line, at.Start.Column)
	switch {
	case text == "":
		return fmt.Sprintf("Fix: %s\nEdit: at %s, remove the text up to line %d, column %d", cut(f.Fix), where, at.End.Line, at.End.Column)
	case at.Start == at.End:
		return fmt.Sprintf("Fix: %s\nEdit: at %s, put in:\n%s", cut(f.Fix), where, cut(text))
	}
	return fmt.Sprintf("Fix: %s\nEdit: at %s, replace the text up to line %d, column %d by:\n%s", cut(f.Fix), where, at.End.Line, at.End.Column, cut(text))
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
