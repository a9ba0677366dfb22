package render

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/validate"
)

type jsonFile struct {
	Path     string        `json:"path"`
	Findings []jsonFinding `json:"findings"`
}

type jsonFinding struct {
	Rule  string        `json:"rule"`
	Level finding.Level `json:"level"`
	jsonRegion
	Path    string        `json:"path"`
	Message string        `json:"message"`
	Fix     string        `json:"fix"`
	Edit    *jsonEdit     `json:"edit,omitempty"`
	Related []jsonRelated `json:"related,omitempty"`
}

type jsonRelated struct {
	File string `json:"file"`
	jsonRegion
	Message string `json:"message"`
}

type jsonRegion struct {
	Line      int `json:"line"`
	Column    int `json:"column"`
	EndLine   int `json:"end_line"`
	EndColumn int `json:"end_column"`
}

type jsonEdit struct {
	jsonRegion
	Text string `json:"text"`
}

type jsonSummary struct {
	Files    int `json:"files"`
	Failures int `json:"failures"`
	Warnings int `json:"warnings"`
	Notices  int `json:"notices"`
}

// JSON writes a result for programs: every file that was judged, and every other that has a finding. Lines and columns count
// from 1, columns in characters; the end is the place after the last character, or that of the start where it is not known.
func JSON(w io.Writer, r validate.Result, _ Options) error {
	b := bufio.NewWriter(w)
	count := finding.CountOf(r.Findings)
	sum := jsonSummary{Failures: count.Failures, Warnings: count.Warnings, Notices: count.Notices}
	b.WriteString(`{"files":[`)
	for path, found := range byFile(r) {
		file := jsonFile{Path: path, Findings: make([]jsonFinding, len(found))}
		for i, f := range found {
			file.Findings[i] = asJSON(f)
		}
		if sum.Files++; sum.Files > 1 {
			b.WriteByte(',')
		}
		if err := compact(b, file); err != nil {
			return err
		}
	}
	b.WriteString(`],"summary":`)
	if err := compact(b, sum); err != nil {
		return err
	}
	b.WriteString("}\n")
	return b.Flush()
}

func asJSON(f finding.Finding) jsonFinding {
	out := jsonFinding{
		Rule: f.Rule, Level: f.Level, jsonRegion: regionJSON(f.At), Path: f.Pointer, Message: f.Message, Fix: f.Fix,
	}
	if f.Edit != nil {
		out.Edit = &jsonEdit{regionJSON(f.Edit.At), f.Edit.Text}
	}
	for _, r := range f.Related {
		out.Related = append(out.Related, jsonRelated{r.File, regionJSON(r.At), r.Message})
	}
	return out
}

func regionJSON(at finding.Span) jsonRegion {
	at = region(at)
	return jsonRegion{at.Start.Line, at.Start.Column, at.End.Line, at.End.Column}
}

// compact writes a value as JSON on one line, without a line end, and with <, > and & as they are.
func compact(b *bufio.Writer, v any) error {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := b.Write(bytes.TrimSuffix(line.Bytes(), []byte("\n")))
	return err
}
