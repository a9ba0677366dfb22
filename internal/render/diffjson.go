package render

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
)

// A jsonDiff is the difference of two files. Unwritten is what no line says: a default of the schema has changed.
type jsonDiff struct {
	Equal      bool         `json:"equal"`
	Formatting bool         `json:"formatting,omitempty"`
	Changes    []jsonChange `json:"changes"`
	Unwritten  []jsonChange `json:"unwritten,omitempty"`
	Problem    string       `json:"problem,omitempty"`
}

// A jsonChange has old and new where they mean something: null is a value of them.
type jsonChange struct {
	Path         string           `json:"path"`
	Op           diff.Op          `json:"op"`
	Document     int              `json:"document,omitempty"`
	From         *string          `json:"from,omitempty"`
	FromDocument int              `json:"from_document,omitempty"`
	Old          *json.RawMessage `json:"old,omitempty"`
	New          *json.RawMessage `json:"new,omitempty"`
	Name         string           `json:"name,omitempty"`
	Title        string           `json:"title,omitempty"`
	Unit         string           `json:"unit,omitempty"`
	Deprecated   string           `json:"deprecated,omitempty"`
	Effect       diff.Effect      `json:"effect,omitempty"`
	Default      *json.RawMessage `json:"default,omitempty"`
}

type jsonDiffFile struct {
	Path     string `json:"path"`
	Customer string `json:"customer,omitempty"`
	Type     string `json:"type"`
	Status   string `json:"status"`
	jsonDiff
}

type jsonReach struct {
	Customers int      `json:"customers"`
	Configs   int      `json:"configs"`
	Owners    []string `json:"owners"`
}

// DiffFileJSON writes the difference of two plain files on one line: what the files say and no more, so that two programs that find
// the same differences write the same.
func DiffFileJSON(w io.Writer, f diff.File, _ Options) error {
	b := bufio.NewWriter(w)
	d, err := asJSONDiff(f)
	if err != nil {
		return err
	}
	d.Formatting = false
	for i := range d.Changes {
		d.Changes[i].Name = ""
	}
	if err := compact(b, d); err != nil {
		return err
	}
	b.WriteByte('\n')
	return b.Flush()
}

// DiffJSON writes the difference of a repository's configs, one object for each file, and whom it reaches.
func DiffJSON(w io.Writer, r diff.Report, _ Options) error {
	b := bufio.NewWriter(w)
	b.WriteString(`{"files":[`)
	for i, f := range r.Files {
		if i > 0 {
			b.WriteByte(',')
		}
		d, err := asJSONDiff(f)
		if err != nil {
			return err
		}
		if err := compact(b, jsonDiffFile{f.Path, f.Customer, f.Type, status(f), d}); err != nil {
			return err
		}
	}
	b.WriteString(`],"reach":`)
	blast := r.Blast()
	if err := compact(b, jsonReach{len(blast.Customers), blast.Configs, append([]string{}, blast.Owners...)}); err != nil {
		return err
	}
	b.WriteString("}\n")
	return b.Flush()
}

func status(f diff.File) string {
	switch {
	case f.Added:
		return "added"
	case f.Removed:
		return "removed"
	}
	return "modified"
}

func asJSONDiff(f diff.File) (jsonDiff, error) {
	d := jsonDiff{Equal: f.Equal(), Formatting: f.Formatting, Problem: f.Problem}
	var err error
	if d.Changes, err = asJSONChanges(f.Changes); err != nil {
		return d, err
	}
	d.Unwritten, err = asJSONChanges(f.Unwritten)
	return d, err
}

func asJSONChanges(changes []diff.Change) ([]jsonChange, error) {
	all := []jsonChange{}
	for _, ch := range changes {
		out := jsonChange{Path: ch.Pointer(), Op: ch.Op, Document: ch.Document, Name: ch.Name, Title: ch.Note.Title, Unit: ch.Note.Unit,
			Deprecated: ch.Note.Deprecated, Effect: ch.Effect}
		if ch.Op == diff.Move {
			from := document.Pointer(ch.From)
			out.From, out.FromDocument = &from, ch.FromDocument
		}
		for _, part := range []struct {
			has bool
			to  **json.RawMessage
			v   any
		}{
			{ch.Op == diff.Remove || ch.Op == diff.Modify, &out.Old, ch.Old},
			{ch.Op == diff.Add || ch.Op == diff.Modify, &out.New, ch.New},
			{ch.Effect == diff.Filled, &out.Default, ch.Default},
		} {
			if !part.has {
				continue
			}
			raw, err := rawJSON(part.v)
			if err != nil {
				return nil, err
			}
			*part.to = &raw
		}
		all = append(all, out)
	}
	return all, nil
}

func rawJSON(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	if err := compact(w, v); err != nil {
		return nil, err
	}
	err := w.Flush()
	return b.Bytes(), err
}
