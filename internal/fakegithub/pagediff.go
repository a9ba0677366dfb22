package fakegithub

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A diffFile is one file on the page "Files changed".
type diffFile struct {
	Path, From     string
	Status         string
	Added, Deleted int
	Unchanged      bool // shown only for its annotations
	Rows           []diffRow
}

// A diffRow is one line of a diff, with the annotations that stand below it.
type diffRow struct {
	Kind  string // hunk, context, add or delete
	Old   string // line number, or empty
	New   string
	Text  string
	Notes []note
}

// A note is an annotation with the run that it comes from.
type note struct {
	Annotation
	Run, App, URL string
	Lines         string
}

// contextLines are shown on each side of an annotated line that the diff does not show.
const contextLines = 2

// diffFiles lays annotations into the diff of a pull request. Those at lines that it does not show come after it, with
// a few lines of the file around them.
func (s *Server) diffFiles(p *pull) ([]diffFile, error) {
	changed, err := p.files()
	if err != nil {
		return nil, err
	}
	notes := s.notes(p.repo, p.repo.latestRuns(p.headSHA))
	var out []diffFile
	for _, f := range changed {
		d := diffFile{Path: f.path, From: f.from, Status: f.status, Added: f.additions, Deleted: f.deleted, Rows: parseRows(f.patch)}
		notes = slices.DeleteFunc(notes, func(n note) bool { return n.Path == f.path && place(d.Rows, n) })
		out = append(out, d)
	}
	for len(notes) > 0 {
		path := notes[0].Path
		d := diffFile{Path: path, Unchanged: true}
		for _, n := range notes {
			if n.Path == path {
				d.Rows = append(d.Rows, excerpt(p, n)...)
			}
		}
		notes = slices.DeleteFunc(notes, func(n note) bool { return n.Path == path })
		out = append(out, d)
	}
	return out, nil
}

// notes gives the annotations of check runs in the order of their lines.
func (s *Server) notes(r *repo, runs []*checkRun) []note {
	var out []note
	for _, run := range runs {
		for _, a := range run.Annotations {
			n := note{Annotation: a, Run: run.Name, App: run.app.slug, URL: s.runPath(r, run), Lines: strconv.Itoa(a.StartLine)}
			if a.EndLine != a.StartLine {
				n.Lines = fmt.Sprintf("%d–%d", a.StartLine, a.EndLine)
			}
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b note) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.EndLine, b.EndLine)) })
	return out
}

// place puts the note below its last line, if there is such a row.
func place(rows []diffRow, n note) bool {
	for i := range rows {
		if rows[i].New == strconv.Itoa(n.EndLine) {
			rows[i].Notes = append(rows[i].Notes, n)
			return true
		}
	}
	return false
}

// excerpt gives the lines around a note as they are at the head.
func excerpt(p *pull, n note) []diffRow {
	rows := []diffRow{{Kind: "hunk", Text: fmt.Sprintf("@@ line %s @@", n.Lines)}}
	text, err := p.repo.dir.file(p.headSHA, n.Path)
	if err == nil {
		lines := strings.Split(text, "\n")
		from, to := max(n.StartLine-contextLines, 1), min(n.EndLine+contextLines, len(lines))
		for at := from; at <= to; at++ {
			rows = append(rows, diffRow{Kind: "context", Old: strconv.Itoa(at), New: strconv.Itoa(at), Text: lines[at-1]})
		}
	}
	if !place(rows, n) {
		rows[len(rows)-1].Notes = append(rows[len(rows)-1].Notes, n)
	}
	return rows
}

// parseRows numbers the lines of a patch.
func parseRows(patch string) []diffRow {
	var rows []diffRow
	var before, after int
	for line := range strings.Lines(patch) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			continue
		}
		row := diffRow{Text: line[1:]}
		switch line[0] {
		case '@':
			row.Kind, row.Text = "hunk", line
			before, after = hunkStart(line)
		case '+':
			row.Kind, row.New = "add", strconv.Itoa(after)
			after++
		case '-':
			row.Kind, row.Old = "delete", strconv.Itoa(before)
			before++
		case ' ':
			row.Kind, row.Old, row.New = "context", strconv.Itoa(before), strconv.Itoa(after)
			before, after = before+1, after+1
		default: // "\ No newline at end of file"
			row.Kind = "hunk"
		}
		rows = append(rows, row)
	}
	return rows
}

// hunkStart reads "@@ -OLD,n +NEW,n @@".
func hunkStart(line string) (before, after int) {
	number := func(text string) int {
		text, _, _ = strings.Cut(text[1:], ",")
		n, _ := strconv.Atoi(text)
		return n
	}
	if f := strings.Fields(line); len(f) > 2 {
		return number(f[1]), number(f[2])
	}
	return 0, 0
}

// file gives the content of a file at a commit.
func (d gitDir) file(sha, path string) (string, error) {
	return d.run("cat-file", "blob", sha+":"+path)
}
