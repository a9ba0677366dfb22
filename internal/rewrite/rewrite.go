// Package rewrite changes many configs alike: it reads them, edits them, judges the result by their schemas, and writes nothing.
package rewrite

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/parallel"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// A File is what becomes of one config.
type File struct {
	policy.File
	Old, New []byte // the same where nothing changes
	// Problems are what was asked for and could not be done, in words.
	Problems []string
	// Diff is what changes in meaning.
	Diff diff.File
	// Broken are the failures that the schema finds in New and did not find in Old, sorted.
	Broken []finding.Finding
	// Unstyled tells that Format left the file as it is.
	Unstyled bool
}

// Changed tells whether the file is to be written.
func (f File) Changed() bool { return !bytes.Equal(f.Old, f.New) }

// A Job says by what files are judged, and how the work goes on.
type Job struct {
	Catalog *catalog.Catalog // of the tree that is changed
	// Was is the catalog by whose schemas Old is judged. Nil: the same.
	Was    *catalog.Catalog
	Limits document.Limits
	// All tells that files which do not change are judged too.
	All bool
	// Progress, if set, is called now and then with how many files are done. Calls do not overlap.
	Progress func(done, total int)
}

// A Plan gives the changes of one file, and what cannot be done, in words. It is called for several files at once.
type Plan func(f policy.File, docs []*document.Document) (changes []edit.Change, problems []string)

// Files plans and makes the changes of files, by as many workers as there are processors. Those about which there is nothing to say
// are left out, the others stay in their order. The error is that of reading the tree.
func (j Job) Files(files []policy.File, plan Plan) ([]File, error) {
	return j.each(files, func(f policy.File) (*File, error) { return j.file(f, plan) })
}

func (j Job) each(files []policy.File, work func(policy.File) (*File, error)) ([]File, error) {
	done := make([]*File, len(files))
	err := parallel.Each(files, func(f policy.File) string { return f.Path }, parallel.Options{Progress: j.Progress}, func(i int, f policy.File) (err error) {
		done[i], err = work(f)
		return err
	})
	var all []File
	for _, f := range done {
		if f != nil && (f.Changed() || len(f.Problems) > 0 || len(f.Broken) > 0 || f.Unstyled) {
			all = append(all, *f)
		}
	}
	return all, err
}

// read gives a config and its documents; nil for what is no file, or not there any more. Where there is a problem, there are no
// documents.
func (j Job) read(f policy.File) (*File, []*document.Document, error) {
	info, err := fs.Lstat(j.Catalog.Tree, f.Path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", f.Path, err)
	}
	if large := document.TooLarge(info.Size(), j.Limits); large != nil {
		return &File{File: f, Problems: []string{large.Message}}, nil, nil
	}
	src, err := fs.ReadFile(j.Catalog.Tree, f.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", f.Path, err)
	}
	out := &File{File: f, Old: src, New: src}
	docs, found := document.Parse(src, j.Limits)
	if len(found) > 0 {
		at := found[0].At.Start
		out.Problems = []string{fmt.Sprintf("it cannot be read: line %d, column %d: %s", at.Line, at.Column, found[0].Message)}
		return out, nil, nil
	}
	return out, docs, nil
}

func (j Job) file(f policy.File, plan Plan) (*File, error) {
	out, docs, err := j.read(f)
	if docs == nil {
		return out, err
	}
	src := out.Old
	changes, problems := plan(f, docs)
	out.Problems = problems
	after := docs
	if len(changes) > 0 {
		text, values, err := edit.ApplyTo(f.Path, src, docs, changes, j.Limits)
		if err != nil {
			out.Problems = append(out.Problems, err.Error())
		} else {
			out.New, after = text, bare(values)
		}
	}
	if out.Changed() {
		s := j.Catalog.SchemaOf(f.Type)
		out.Diff = diff.Documents(docs, after, s, s)
		out.Diff.Path, out.Diff.Customer, out.Diff.Type = f.Path, f.Customer, f.Type
	}
	if out.Changed() || j.All {
		out.Broken = j.broken(f.Type, docs, after, out.New)
	}
	return out, nil
}

// bare makes documents of values.
func bare(values []any) []*document.Document {
	docs := make([]*document.Document, len(values))
	for i, v := range values {
		docs[i] = document.Bare(v)
	}
	return docs
}

// broken gives the failures of new documents that their schema finds, and that of the old ones did not. Only where there may be some
// the new text is read for their places.
func (j Job) broken(typ string, before, after []*document.Document, src []byte) []finding.Finding {
	s := j.Catalog.SchemaOf(typ)
	if s == nil || !slices.ContainsFunc(after, func(d *document.Document) bool { return !s.Certainly(d.Value) }) {
		return nil
	}
	if written, unread := document.Parse(src, j.Limits); len(unread) == 0 {
		after = written
	}
	found := failures(s, after)
	if len(found) == 0 {
		return nil
	}
	was := j.Was
	if was == nil {
		was = j.Catalog
	}
	type fault struct{ rule, pointer, message string }
	known := map[fault]bool{}
	for _, f := range failures(was.SchemaOf(typ), before) {
		known[fault{f.Rule, f.Pointer, f.Message}] = true
	}
	found = slices.DeleteFunc(found, func(f finding.Finding) bool { return known[fault{f.Rule, f.Pointer, f.Message}] })
	return hidden(s, after, found)
}

func failures(s *schema.Schema, docs []*document.Document) []finding.Finding {
	if s == nil {
		return nil
	}
	var all []finding.Finding
	for _, d := range docs {
		all = append(all, s.Failures(d)...)
	}
	return all
}
