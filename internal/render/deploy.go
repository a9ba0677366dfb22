package render

import (
	"fmt"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/validate"
)

// A Deploy is what became of one commit of the deploy branch.
type Deploy struct {
	Repo    forge.Repo
	Branch  string
	Commit  forge.Commit
	From    forge.Commit // what production served before; empty for nothing
	Verdict validate.Result
	Written int
	Removed []string // keys
}

// OK tells whether production serves the commit.
func (d Deploy) OK() bool { return d.Verdict.OK() }

// Line says it in one line.
func (d Deploy) Line() string {
	if !d.OK() {
		return fmt.Sprintf("Not deployed: %s", counts(finding.CountOf(d.Verdict.Findings)))
	}
	return fmt.Sprintf("Deployed: %s written, %d removed", many(d.Written, "file"), len(d.Removed))
}

// DeployCheck shows it as a check run.
func DeployCheck(d Deploy) forge.CheckRun {
	run := forge.CheckRun{Conclusion: forge.Success, Title: d.Line()}
	var b strings.Builder
	if d.OK() {
		fmt.Fprintf(&b, "Production serves `%s`", d.Commit.Short())
		if d.From != "" && d.From != d.Commit {
			fmt.Fprintf(&b, ", after `%s`", d.From.Short())
		}
		b.WriteString(".\n")
		if len(d.Removed) > 0 {
			b.WriteString("\nRemoved:\n\n")
			for _, key := range d.Removed[:min(len(d.Removed), maxListed)] {
				fmt.Fprintf(&b, "- %s\n", code(key))
			}
			if n := len(d.Removed) - maxListed; n > 0 {
				fmt.Fprintf(&b, "\nand %s more.\n", many(n, "file"))
			}
		}
		run.Summary = fit(b.String())
		return run
	}
	run.Conclusion = forge.Failed
	b.WriteString("Production was left as it is")
	if d.From != "" {
		fmt.Fprintf(&b, ", at `%s`", d.From.Short())
	}
	b.WriteString(". Mend what is listed below; the next commit of the branch is deployed then.\n\n")
	b.WriteString(summaryTable(d.Verdict))
	run.Summary, run.Text = fit(b.String()), Report{Verdict: d.Verdict}.details()
	run.Annotations = annotations(d.Verdict.Findings)
	run.Annotations = run.Annotations[:min(len(run.Annotations), forge.MaxAnnotations)]
	return run
}
