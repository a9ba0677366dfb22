// Package render writes results for people and programs: text, JSON, SARIF, JUnit, workflow commands, check runs.
package render

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/validate"
)

// Text writes a result for people: each finding with the line that it is about, if there is a source, and its fix; then the
// sum of it in one line.
func Text(w io.Writer, r validate.Result, o Options) error {
	b := bufio.NewWriter(w)
	p := paint(o.Colour)
	var (
		src  *source
		from string // the path of src
	)
	for _, f := range r.Findings {
		if f.File != "" {
			fmt.Fprintf(b, "%s: ", p.with(bold, visible(place(f))))
		}
		fmt.Fprintf(b, "%s: %s %s\n", p.with(colours[f.Level], string(f.Level)), visible(f.Message), p.with(faint, "["+f.Rule+"]"))
		if o.Source != nil && f.File != "" && f.At.Start.Line > 0 && !r.Veiled(f.File, f.At.Start.Line) {
			if f.File != from {
				src, from = nil, f.File
				if content, err := o.Source(f.File); err == nil {
					src = newSource(content)
				}
			}
			writeLine(b, p, src, f)
		}
		fmt.Fprintf(b, "\t%s %s\n", p.with(green, "fix:"), visible(f.Fix))
		for line := range related(f) {
			fmt.Fprintf(b, "\t%s %s\n", p.with(faint, "see:"), visible(line))
		}
	}
	fmt.Fprintln(b, Sum(r))
	return b.Flush()
}

// writeLine shows the line of a finding, with a mark under the place.
func writeLine(b *bufio.Writer, p paint, src *source, f finding.Finding) {
	if src == nil {
		return
	}
	e, ok := src.around(f.At)
	if !ok {
		return
	}
	line := fmt.Sprint(f.At.Start.Line)
	fmt.Fprintf(b, "\t%s %s\n", p.with(faint, line+" |"), e.text)
	fmt.Fprintf(b, "\t%s %s%s\n", p.with(faint, strings.Repeat(" ", len(line))+" |"), strings.Repeat(" ", e.from),
		p.with(colours[f.Level], strings.Repeat("^", e.to-e.from)))
}

// paint writes in colour, or does not.
type paint bool

// What a terminal is told: ECMA-48, select graphic rendition.
const (
	bold  = "1"
	faint = "2"
	green = "32"
)

var colours = map[finding.Level]string{finding.Failure: "1;31", finding.Warning: "1;33", finding.Notice: "1;36"}

func (p paint) with(style, text string) string {
	if !p {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

func place(f finding.Finding) string { return spot(f.File, f.At) }

func spot(file string, at finding.Span) string {
	if at.Start.Line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d:%d", file, at.Start.Line, max(at.Start.Column, 1))
}

// maxRelated is how many related places of one finding texts show.
const maxRelated = 10

// related gives the lines that name the places which belong to a finding.
func related(f finding.Finding) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i, r := range f.Related {
			if i == maxRelated {
				yield(fmt.Sprintf("and %s more", many(len(f.Related)-i, "place")))
				return
			}
			if !yield(fmt.Sprintf("%s: %s", spot(r.File, r.At), r.Message)) {
				return
			}
		}
	}
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

// Many says "1 file" or "2,000 files".
func Many(n int, word string) string { return many(n, word) }

func many(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return digits(n) + " " + word + "s"
}

// digits writes a count in groups of three digits.
func digits(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
