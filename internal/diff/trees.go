package diff

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// Trees compares the configs of two trees, as the layout of the new one reads them: those that the changes name, and all of the types
// whose schemas have other defaults now. Files that differ in nothing are left out. The error is that of reading the trees.
func Trees(old, new *catalog.Catalog, changes []forge.Change, limits document.Limits) (Report, error) {
	t := trees{old, new, limits}
	var r Report
	named := map[string]bool{}
	for _, ch := range changes {
		f := new.Policy.Layout.Read(ch.Path)
		if f.Kind != policy.Config && f.Kind != policy.Shared || named[ch.Path] {
			continue
		}
		named[ch.Path] = true
		if err := t.add(&r, f); err != nil {
			return Report{}, err
		}
	}
	others, err := t.filledAnew(changes)
	if err != nil {
		return Report{}, err
	}
	for _, f := range others {
		if named[f.Path] {
			continue
		}
		if err := t.add(&r, f); err != nil {
			return Report{}, err
		}
	}
	slices.SortFunc(r.Files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return r, nil
}

type trees struct {
	old, new *catalog.Catalog
	limits   document.Limits
}

// add compares one file, and adds it if there is anything to say.
func (t trees) add(r *Report, f policy.File) error {
	var file File
	before, err := t.read(t.old, f.Path, &file)
	if err != nil {
		return err
	}
	after, err := t.read(t.new, f.Path, &file)
	if err != nil {
		return err
	}
	if file.Problem == "" {
		file = Files(before, after, t.old.SchemaOf(f.Type), t.new.SchemaOf(f.Type), t.limits)
		file.Added, file.Removed = before == nil && after != nil, before != nil && after == nil
	}
	file.Path, file.Customer, file.Type = f.Path, f.Customer, f.Type
	if !file.Equal() || len(file.Unwritten) > 0 || file.Formatting {
		r.Files = append(r.Files, file)
	}
	return nil
}

// read gives the content of a file, nil where there is none: what is no regular file is no config. One that is too large is a
// problem of the file's.
func (t trees) read(c *catalog.Catalog, name string, file *File) ([]byte, error) {
	info, err := fs.Lstat(c.Tree, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", name, err)
	case !info.Mode().IsRegular():
		return nil, nil
	}
	if large := document.TooLarge(info.Size(), t.limits); large != nil {
		file.Problem = large.Message
		return nil, nil
	}
	src, err := fs.ReadFile(c.Tree, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return append([]byte{}, src...), nil // an empty file is there, and not nil
}

// filledAnew gives all configs of the types whose schemas have other defaults than before.
func (t trees) filledAnew(changes []forge.Change) ([]policy.File, error) {
	isConfig := func(ch forge.Change) bool { return t.new.Policy.Layout.Read(ch.Path).Kind == policy.Config }
	changes = slices.DeleteFunc(slices.Clone(changes), isConfig)
	if len(changes) == 0 {
		return nil, nil
	}
	scope, err := t.new.Scope(t.old, changes)
	if err != nil {
		return nil, err
	}
	var files []policy.File
	for _, typ := range scope.Types {
		if slices.Equal(defaults(t.old.SchemaOf(typ)), defaults(t.new.SchemaOf(typ))) {
			continue
		}
		for _, kind := range []policy.Kind{policy.Config, policy.Shared} {
			found, err := t.new.Find(policy.Query{Kind: kind, Type: typ})
			if err != nil {
				return nil, err
			}
			files = append(files, found...)
		}
	}
	return files, nil
}

// defaults lists the defaults of a schema with the places that they stand at.
func defaults(s *schema.Schema) []string {
	if s == nil {
		return nil
	}
	var all []string
	for _, k := range s.Keywords() {
		if k.HasDefault {
			value, _ := marshal(k.Default)
			all = append(all, k.Site.File+"#"+k.Site.Pointer+" "+string(value))
		}
	}
	return all
}

// Files compares two versions of a file by the schemas that count for each; nil: none. A version that is nil is not there. Path,
// Customer, Type, Added and Removed are left to the caller. What the schemas of hiding call secret is not shown either, whatever the others
// say; nil ones call nothing so.
func Files(old, new []byte, oldSchema, newSchema *schema.Schema, limits document.Limits, hiding ...*schema.Schema) File {
	before, problem := parse(old, limits)
	if problem != "" {
		return File{Problem: "the old version cannot be read: " + problem}
	}
	after := before
	if old == nil || new == nil || !bytes.Equal(old, new) {
		after, problem = parse(new, limits)
	}
	if problem != "" {
		return File{Problem: "the new version cannot be read: " + problem}
	}
	f := Documents(before, after, oldSchema, newSchema, hiding...)
	f.Formatting = f.Problem == "" && len(f.Changes) == 0 && !bytes.Equal(old, new)
	return f
}

// Documents is Files for files that have been read. Formatting is left to the caller, too.
func Documents(before, after []*document.Document, oldSchema, newSchema *schema.Schema, hiding ...*schema.Schema) File {
	was, problem := read(before, oldSchema)
	is, problem2 := read(after, newSchema)
	if problem = cmp.Or(problem, problem2); problem != "" {
		return File{Problem: problem}
	}
	part := partOf(was, is)
	a, problem := was.guided(part, append(slices.Clip(hiding), newSchema)...)
	b, problem2 := is.guided(part, append(slices.Clip(hiding), oldSchema)...)
	if problem = cmp.Or(problem, problem2); problem != "" {
		return File{Problem: problem}
	}
	var f File
	if a.filled || b.filled {
		f.Changes, f.Unwritten = CompareWithDefaults(a.Side, b.Side, a.full, b.full)
	} else {
		f.Changes = Compare(a.Side, b.Side)
	}
	return f
}

// parse gives the documents of a source, none for nil, or the first thing that is wrong with it.
func parse(src []byte, limits document.Limits) ([]*document.Document, string) {
	if src == nil {
		return nil, ""
	}
	docs, found := document.Parse(src, limits)
	if len(found) > 0 {
		at := found[0].At.Start
		return nil, fmt.Sprintf("line %d, column %d: %s", at.Line, at.Column, found[0].Message)
	}
	return docs, ""
}
