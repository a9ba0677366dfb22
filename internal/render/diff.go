package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/tamerhq/tamer/internal/diff"
)

// A DiffFormat is a way to write a difference.
type DiffFormat struct {
	Name string
	// Write writes the difference of the configs of a repository.
	Write func(w io.Writer, r diff.Report, o Options) error
	// WriteFile writes the difference of two plain files.
	WriteFile func(w io.Writer, f diff.File, o Options) error
}

// DiffFormats are those of tamer diff --format; the first is what people get who ask for none.
var DiffFormats = []DiffFormat{
	{"text", DiffText, DiffFileText},
	{"json", DiffJSON, DiffFileJSON},
	{"markdown", DiffMarkdown, DiffFileMarkdown},
}

// A diffSection is some changes under one head.
type diffSection struct {
	code  string   // a path or a type
	words string   // what is said of it, with the sign before it
	quote string   // what else is said, of which parts may come from users
	names []string // customers
	more  int      // how many names are left out
	lines []diffLine
}

// maxDiffNames bounds the customers named in one head.
const maxDiffNames = 8

// diffSections gives what changed alike in several files first, then every file.
func diffSections(r diff.Report) []diffSection {
	var all []diffSection
	rows, rest := r.Fold()
	for i, row := range rows {
		if i > 0 && strings.Join(rows[i-1].Files, "\x00") == strings.Join(row.Files, "\x00") {
			last := &all[len(all)-1]
			last.lines = append(last.lines, diffLines(row.Change)...)
			continue
		}
		s := diffSection{code: row.Type, words: alike(row), names: row.Customers[:min(len(row.Customers), maxDiffNames)], lines: diffLines(row.Change)}
		s.more = len(row.Customers) - len(s.names)
		all = append(all, s)
	}
	for _, f := range rest.Files {
		all = append(all, fileSection(f))
	}
	return all
}

// alike says where the same change was made.
func alike(row diff.Row) string {
	words := " of " + many(len(row.Customers), "customer")
	if n := len(row.Files) - len(row.Customers); n > 0 {
		words = " in " + many(len(row.Files), "file")
	}
	return words
}

func fileSection(f diff.File) diffSection {
	s := diffSection{code: f.Path}
	switch {
	case f.Problem != "":
		s.words, s.quote = ": cannot be compared, ", f.Problem
	case f.Added:
		s.words = ": new"
	case f.Removed:
		s.words = ": removed"
	case f.Formatting && len(f.Unwritten) == 0:
		s.words = ": formatting only, it means what it meant"
	}
	for _, list := range [][]diff.Change{f.Changes, f.Unwritten} {
		for _, ch := range list {
			if (f.Added || f.Removed) && len(ch.Path) == 0 {
				s.lines = append(s.lines, wholeFile(ch)...)
				continue
			}
			s.lines = append(s.lines, diffLines(ch)...)
		}
	}
	return s
}

// wholeFile writes the content of a file that is new or gone, without saying that it is the whole document.
func wholeFile(ch diff.Change) []diffLine {
	v, sign := ch.New, byte('+')
	if ch.Op == diff.Remove {
		v, sign = ch.Old, '-'
	}
	if ch.Document > 0 {
		return diffLines(ch)
	}
	return blockLines(sign, v, "")
}

// concerns parts the figures from those who are concerned.
const concerns = "; this concerns "

// DiffSum says in one line whom a difference reaches.
func DiffSum(r diff.Report) string {
	b := r.Blast()
	if b.Configs == 0 {
		if len(r.Files) == 0 {
			return "nothing differs"
		}
		return "nothing changes in effect: " + many(len(r.Files), "file") + " written in another way"
	}
	verb := "change"
	if b.Configs == 1 {
		verb = "changes"
	}
	var parts []string
	if n := b.Configs - b.Shared; n > 0 {
		parts = append(parts, many(n, "config")+" of "+many(len(b.Customers), "customer"))
	}
	if b.Shared > 0 {
		parts = append(parts, many(b.Shared, "shared config"))
	}
	sum := strings.Join(parts, " and ")
	sum += " " + verb
	if len(b.Owners) > 0 {
		sum += concerns + visible(strings.Join(b.Owners, ", "))
	}
	return sum
}

// DiffText writes the difference of a repository's configs for a terminal.
func DiffText(w io.Writer, r diff.Report, o Options) error {
	b := bufio.NewWriter(w)
	p := paint(o.Colour)
	for _, s := range diffSections(r) {
		head := p.with(bold, visible(s.code)) + s.words + visible(s.quote)
		if len(s.names) > 0 {
			head += visible(" (" + strings.Join(s.names, ", ") + andMore(s.more) + ")")
		}
		fmt.Fprintln(b, head)
		writeDiffLines(b, p, s.lines, "  ")
		fmt.Fprintln(b)
	}
	fmt.Fprintln(b, DiffSum(r))
	return b.Flush()
}

func andMore(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// DiffFileText writes the difference of two plain files for a terminal.
func DiffFileText(w io.Writer, f diff.File, o Options) error {
	b := bufio.NewWriter(w)
	s := fileSection(f)
	writeDiffLines(b, paint(o.Colour), s.lines, "")
	if len(s.lines) == 0 {
		fmt.Fprintln(b, withoutLines(s))
	}
	return b.Flush()
}

// withoutLines says of two plain files why no line shows.
func withoutLines(s diffSection) string {
	if s.words == "" {
		return "nothing differs"
	}
	return strings.TrimPrefix(s.words, ": ") + visible(s.quote)
}

var diffColours = map[byte]string{'+': green, '-': "31", '~': "33", '>': "36"}

func writeDiffLines(b *bufio.Writer, p paint, lines []diffLine, indent string) {
	for _, l := range lines {
		fmt.Fprint(b, indent, p.with(diffColours[l.sign], string(l.sign)+" "+l.text))
		if l.note != "" {
			fmt.Fprint(b, "  ", p.with(faint, "# "+l.note))
		}
		fmt.Fprintln(b)
	}
}
