package render

import (
	"io"
	"iter"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/validate"
)

// Options are what some formats use beside the result.
type Options struct {
	// Source gives the content of a file that has findings; text shows their lines. Where it is nil or gives an error no
	// line is shown.
	Source func(path string) ([]byte, error)
	// Colour allows text to use the escape sequences of a terminal.
	Colour bool
	// Version is tamer's, for formats that name the program.
	Version string
}

// A Format is a way to write a result.
type Format struct {
	Name  string
	Write func(w io.Writer, r validate.Result, o Options) error
}

// Formats are those of tamer check --format; the first is what people get who ask for none.
var Formats = []Format{
	{"text", Text},
	{"json", JSON},
	{"sarif", SARIF},
	{"junit", JUnit},
	{"github", GitHub},
}

// byFile gives every file that was judged, in the order of the result, with its findings; then those that only have
// findings, such as schemas. The path is empty for findings that are about no file.
func byFile(r validate.Result) iter.Seq2[string, []finding.Finding] {
	found := map[string][]finding.Finding{}
	var others []string
	for _, path := range r.Files {
		found[path] = nil
	}
	for from, to := 0, 0; from < len(r.Findings); from = to {
		path := r.Findings[from].File
		for to < len(r.Findings) && r.Findings[to].File == path {
			to++
		}
		if _, known := found[path]; !known {
			others = append(others, path)
		}
		found[path] = r.Findings[from:to]
	}
	return func(yield func(string, []finding.Finding) bool) {
		seen := make(map[string]bool, len(r.Files))
		for _, paths := range [][]string{r.Files, others} {
			for _, path := range paths {
				if seen[path] {
					continue
				}
				seen[path] = true
				if !yield(path, found[path]) {
					return
				}
			}
		}
	}
}

// region is the place of a finding for formats that want all of it: a place that is not known is the first, and an end that
// is not known is the start.
func region(at finding.Span) finding.Span {
	start := finding.Place{Line: max(at.Start.Line, 1), Column: max(at.Start.Column, 1)}
	if at.End.Line == 0 {
		return finding.Span{Start: start, End: start}
	}
	return finding.Span{Start: start, End: at.End}
}
