package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/tamerhq/tamer/internal/diff"
)

// DiffMarkdown writes the difference of a repository's configs as GitHub shows it. What users wrote stands in code only.
func DiffMarkdown(w io.Writer, r diff.Report, _ Options) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s\n", diffSumMarkdown(r))
	for _, s := range diffSections(r) {
		fmt.Fprintf(b, "\n%s", s.markdown())
	}
	return b.Flush()
}

// DiffFileMarkdown is DiffMarkdown of two plain files.
func DiffFileMarkdown(w io.Writer, f diff.File, _ Options) error {
	s := fileSection(f)
	if len(s.lines) == 0 {
		_, err := io.WriteString(w, withoutLines(s)+"\n")
		return err
	}
	_, err := io.WriteString(w, s.fence())
	return err
}

// diffSumMarkdown is DiffSum with the owners in code.
func diffSumMarkdown(r diff.Report) string {
	sum, _, _ := strings.Cut(DiffSum(r), concerns)
	var owners []string
	for _, o := range r.Blast().Owners {
		owners = append(owners, code(o))
	}
	if len(owners) == 0 {
		return sum + "."
	}
	return sum + concerns + strings.Join(owners, ", ") + "."
}

// markdown writes a section: its head, and its lines in a fence.
func (s diffSection) markdown() string {
	var b strings.Builder
	b.WriteString(code(s.code) + s.words)
	if s.quote != "" {
		b.WriteString(code(s.quote))
	}
	for i, name := range s.names {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		b.WriteString(sep + code(name))
	}
	b.WriteString(andMore(s.more) + "\n")
	if len(s.lines) > 0 {
		b.WriteString(s.fence())
	}
	return b.String()
}

// fence writes the lines of a section in a fence that none of them can close.
func (s diffSection) fence() string {
	var body strings.Builder
	for _, l := range s.lines {
		sign := l.sign
		if sign == '~' || sign == '>' {
			sign = '!' // what GitHub paints as changed
		}
		fmt.Fprintf(&body, "%c %s", sign, l.text)
		if l.note != "" {
			fmt.Fprintf(&body, "  # %s", l.note)
		}
		body.WriteByte('\n')
	}
	fence := fenceFor(body.String())
	return fmt.Sprintf("%sdiff\n%s%s\n", fence, body.String(), fence)
}

// fenceFor is a fence that is longer than any run of backticks in a text.
func fenceFor(text string) string {
	longest, run := 2, 0
	for _, r := range text {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return strings.Repeat("`", longest+1)
}
