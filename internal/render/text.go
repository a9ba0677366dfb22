// Package render writes results for people and programs: text, JSON, check runs.
package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/validate"
)

// Text writes a result for people: a finding and its fix on two lines, then the sum of it.
func Text(w io.Writer, r validate.Result) error {
	b := bufio.NewWriter(w)
	for _, f := range r.Findings {
		fmt.Fprintf(b, "%s: %s: %s [%s]\n\tfix: %s\n", place(f), f.Level, f.Message, f.Rule, f.Fix)
	}
	fmt.Fprintln(b, Sum(r))
	return b.Flush()
}

func place(f finding.Finding) string {
	if f.At.Start.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d:%d", f.File, f.At.Start.Line, max(f.At.Start.Column, 1))
}

// Sum says in one line what was judged and what was found.
func Sum(r validate.Result) string {
	var b strings.Builder
	b.WriteString(many(len(r.Files), "file"))
	if n := len(r.Customers); n > 0 {
		b.WriteString(" of " + many(n, "customer"))
	}
	b.WriteString(" judged: ")
	c := finding.CountOf(r.Findings)
	if len(r.Findings) == 0 {
		b.WriteString("nothing to mend")
	} else {
		b.WriteString(counts(c))
	}
	if r.Existing != (finding.Count{}) {
		b.WriteString("; elsewhere, and there before: " + counts(r.Existing))
	}
	return b.String()
}

// counts says "2 failures, 1 notice"; empty for none.
func counts(c finding.Count) string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{c.Failures, "failure"}, {c.Warnings, "warning"}, {c.Notices, "notice"}} {
		if p.n > 0 {
			parts = append(parts, many(p.n, p.word))
		}
	}
	return strings.Join(parts, ", ")
}

// many says "1 file" or "2,000 files".
func many(n int, word string) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n == 1 {
		return digits + " " + word
	}
	return digits + " " + word + "s"
}
