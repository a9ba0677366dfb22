package render

import (
	"bufio"
	"fmt"
	"io"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/finding"
)

// Edits are what many files become, and what cannot be done.
type Edits struct {
	Diff    diff.Report
	Files   int // that change
	Written bool
	Left    []Unedited
}

// An Unedited is a file of which something cannot be done, or that would be wrong.
type Unedited struct {
	Path     string
	Problems []string          // what cannot be done, in words
	Broken   []finding.Finding // what would be wrong
}

// maxUnedited bounds the files that people are shown of which something is left.
const maxUnedited = 50

// EditsText writes edits for people: the difference, then what is left.
func EditsText(w io.Writer, e Edits, o Options) error {
	if e.Files > 0 {
		if err := DiffText(w, e.Diff, o); err != nil {
			return err
		}
	}
	b := bufio.NewWriter(w)
	p := paint(o.Colour)
	for i, f := range e.Left {
		if i == maxUnedited {
			fmt.Fprintf(b, "and %s more\n", many(len(e.Left)-i, "file"))
			break
		}
		for _, problem := range f.Problems {
			fmt.Fprintf(b, "%s: %s: %s\n", p.with(bold, visible(f.Path)), p.with(colours[finding.Failure], "not done"), visible(problem))
		}
		for _, x := range f.Broken {
			x.File = f.Path
			fmt.Fprintf(b, "%s: %s: %s %s\n\t%s %s\n", p.with(bold, visible(place(x))), p.with(colours[finding.Failure], "does not fit"), visible(x.Message),
				p.with(faint, "["+x.Rule+"]"), p.with(green, "fix:"), visible(x.Fix))
		}
	}
	return b.Flush()
}

type jsonEdited struct {
	jsonDiffFile
	Problems []string      `json:"problems"`
	Broken   []jsonFinding `json:"broken"`
}

type jsonEditSum struct {
	Files     int  `json:"files"`
	Customers int  `json:"customers"`
	Left      int  `json:"left"`
	Written   bool `json:"written"`
}

// EditsJSON writes edits for programs: every file that changes, and every other of which something is left.
func EditsJSON(w io.Writer, e Edits, _ Options) error {
	left := map[string]Unedited{}
	for _, f := range e.Left {
		left[f.Path] = f
	}
	b := bufio.NewWriter(w)
	b.WriteString(`{"files":[`)
	first := true
	write := func(f diff.File) error {
		if !first {
			b.WriteByte(',')
		}
		first = false
		d, err := asJSONDiff(f)
		if err != nil {
			return err
		}
		out := jsonEdited{jsonDiffFile{f.Path, f.Customer, f.Type, status(f), d}, append([]string{}, left[f.Path].Problems...), []jsonFinding{}}
		for _, x := range left[f.Path].Broken {
			out.Broken = append(out.Broken, asJSON(x))
		}
		delete(left, f.Path)
		return compact(b, out)
	}
	for _, f := range e.Diff.Files {
		if err := write(f); err != nil {
			return err
		}
	}
	for _, f := range e.Left {
		if _, unsaid := left[f.Path]; unsaid {
			if err := write(diff.File{Path: f.Path}); err != nil {
				return err
			}
		}
	}
	b.WriteString(`],"summary":`)
	if err := compact(b, jsonEditSum{e.Files, len(e.Diff.Blast().Customers), len(e.Left), e.Written}); err != nil {
		return err
	}
	b.WriteString("}\n")
	return b.Flush()
}
