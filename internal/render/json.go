package render

import (
	"encoding/json"
	"io"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/validate"
)

type jsonResult struct {
	Files   []jsonFile  `json:"files"`
	Summary jsonSummary `json:"summary"`
}

type jsonFile struct {
	Path     string        `json:"path"`
	Findings []jsonFinding `json:"findings"`
}

type jsonFinding struct {
	Rule      string        `json:"rule"`
	Level     finding.Level `json:"level"`
	Line      int           `json:"line"`
	Column    int           `json:"column"`
	EndLine   int           `json:"end_line"`
	EndColumn int           `json:"end_column"`
	Path      string        `json:"path"`
	Message   string        `json:"message"`
	Fix       string        `json:"fix"`
}

type jsonSummary struct {
	Files    int `json:"files"`
	Failures int `json:"failures"`
	Warnings int `json:"warnings"`
	Notices  int `json:"notices"`
}

// JSON writes a result for programs: every file that was judged, and every other that has a finding. Lines and columns count
// from 1, columns in characters; the end is the place after the last character, or that of the start where it is not known.
func JSON(w io.Writer, r validate.Result) error {
	count := finding.CountOf(r.Findings)
	out := jsonResult{
		Files:   []jsonFile{},
		Summary: jsonSummary{Failures: count.Failures, Warnings: count.Warnings, Notices: count.Notices},
	}
	at := make(map[string]int, len(r.Files))
	file := func(path string) *jsonFile {
		i, known := at[path]
		if !known {
			i = len(out.Files)
			at[path] = i
			out.Files = append(out.Files, jsonFile{Path: path, Findings: []jsonFinding{}})
		}
		return &out.Files[i]
	}
	for _, path := range r.Files {
		file(path)
	}
	for _, f := range r.Findings {
		into := file(f.File)
		into.Findings = append(into.Findings, asJSON(f))
	}
	out.Summary.Files = len(out.Files)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

func asJSON(f finding.Finding) jsonFinding {
	start := finding.Place{Line: max(f.At.Start.Line, 1), Column: max(f.At.Start.Column, 1)}
	end := f.At.End
	if end.Line == 0 {
		end = start
	}
	return jsonFinding{
		Rule: f.Rule, Level: f.Level, Line: start.Line, Column: start.Column, EndLine: end.Line, EndColumn: end.Column,
		Path: f.Pointer, Message: f.Message, Fix: f.Fix,
	}
}
