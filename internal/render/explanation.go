package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/finding"
)

// An Explanation is what is known of one value of a config.
type Explanation struct {
	File, Pointer string
	Problem       string // why there is nothing to explain; nothing else counts then
	Page          Page
	Base          string // branch that the pull request wants to change
	At            finding.Span
	Value         any
	Old           any               // on the base
	Known         bool              // there is such a value on the base
	Note          diff.Note         // what the schema says; where it is secret, no value is shown
	Findings      []finding.Finding // about the value, or what it holds
	Absent        bool              // there is no such value, and At, Value and Note mean nothing
	Since         *Provenance       // nil: nobody asked
}

// maxExplained bounds the lines of a value.
const maxExplained = 40

// Markdown is the explanation as a comment.
func (e Explanation) Markdown() string {
	name := clip(e.File, maxName)
	if e.Pointer != "" {
		name += "#" + clip(e.Pointer, maxName)
	}
	if e.Problem != "" {
		return fmt.Sprintf("%s cannot be explained: %s.\n", code(name), code(clip(e.Problem, maxSaid)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**", e.Page.link(code(name), e.File, e.At))
	if e.At.Start.Line > 0 {
		fmt.Fprintf(&b, ", line %d", e.At.Start.Line)
	}
	b.WriteString("\n\n")
	e.values(&b)
	for _, text := range e.words() {
		fmt.Fprintf(&b, "- The schema: %s\n", code(clip(text, maxSaid)))
	}
	if owners := e.Note.Owners; len(owners) > 0 {
		fmt.Fprintf(&b, "- Of interest to %s\n", listed(owners, maxDiffNames))
	}
	for _, f := range e.Findings[:min(len(e.Findings), maxAsked)] {
		fmt.Fprintf(&b, "- **%s**, %s: %s\n", f.Level, e.Page.link(fmt.Sprintf("line %d", max(f.At.Start.Line, 1)), f.File, f.At), said(f))
	}
	if n := len(e.Findings) - maxAsked; n > 0 {
		fmt.Fprintf(&b, "\nand %s more.\n", many(n, "finding"))
	}
	return b.String()
}

// words are what the schema says of the value, each once.
func (e Explanation) words() []string {
	words := []string{e.Note.Title, e.Note.Description, ""}
	if e.Note.Deprecated != "" {
		words[2] = "deprecated " + e.Note.Deprecated
	}
	return slices.DeleteFunc(slices.Compact(words), func(text string) bool { return text == "" })
}

// values shows what the value is, and was.
func (e Explanation) values(b *strings.Builder) {
	if e.Note.Secret {
		b.WriteString("The value is secret, or holds something secret: it is not shown here.\n")
	} else {
		text := visible(withUnit(value(e.Value), clip(e.Note.Unit, maxName)))
		if _, short := onOneLine(e.Value); !short {
			text = visibleLines(block(e.Value, "", maxExplained))
		}
		fence := fenceFor(text)
		fmt.Fprintf(b, "%syaml\n%s\n%s\n", fence, text, fence)
	}
	switch same := diff.Equal(e.Value, e.Old); {
	case !e.Known:
		fmt.Fprintf(b, "- It is new: there is no such value on %s\n", code(clip(e.Base, maxName)))
	case same:
		fmt.Fprintf(b, "- This pull request leaves it as it is on %s\n", code(clip(e.Base, maxName)))
	case e.Note.Secret:
		fmt.Fprintf(b, "- This pull request changes it\n")
	default:
		fmt.Fprintf(b, "- This pull request changes it: on %s it is %s\n", code(clip(e.Base, maxName)), code(clip(value(e.Old), maxName)))
	}
}

func visibleLines(lines []string) string {
	for i := range lines {
		lines[i] = visible(lines[i])
	}
	return strings.Join(lines, "\n")
}
