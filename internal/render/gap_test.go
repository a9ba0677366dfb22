package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/validate"
)

// What was not evaluated fails, and nobody who edits is told to mend it.
func TestGaps(t *testing.T) {
	silent := validate.Unchecked("credit", outside.Silent, 3)
	question := validate.Question{Query: outside.Query{Source: "warehouse", Name: "columns"}, Value: "a"}
	lost := validate.Looked([]validate.Question{question, question}, []outside.Answer{{Fault: outside.Unusable}, {Fault: outside.Unusable}})[0]
	wrong := finding.Finding{Rule: "type", Level: finding.Failure, File: "customers/acme/plan.yaml", At: at(2, 8, 2, 12), Message: "must be a whole number", Fix: "write a whole number here"}
	acme := []validate.Customer{{Name: "acme", Files: 1}}
	var b strings.Builder
	for _, found := range [][]finding.Finding{{silent}, {silent, lost}, {silent, wrong}} {
		r := render.Report{Page: page, Verdict: validate.Result{Findings: found, Files: []string{"customers/acme/plan.yaml"}, Customers: acme}}
		run := r.CheckRun()
		fmt.Fprintf(&b, "-- %s: %s, %d annotations --\n%s%s-- comment --\n%s\n", run.Title, run.Conclusion, len(run.Annotations), run.Summary, run.Text, r.Comment().Body)
	}
	golden.Check(t, "testdata/gaps.golden", b.String())
}
