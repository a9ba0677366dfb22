package validate

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
)

// unknown are the definitions of references that name what is not there.
type unknown struct {
	found []finding.Finding
	to    map[catalog.Selection]string // what they name → the file that names it first
}

// definitions judges the definitions of references: each must name a type that has a schema, and a path that this schema knows.
func (s *side) definitions() (*unknown, error) {
	return s.undefinedOnce.get(func() (*unknown, error) {
		defs, err := s.Definitions()
		if err != nil {
			return nil, err
		}
		u := &unknown{to: map[catalog.Selection]string{}}
		types, err := s.SchemaTypes()
		if err != nil {
			return nil, err
		}
		for _, d := range defs.All {
			if f := d.FromAt; f != nil {
				from := catalog.Words{File: policy.Path, Pointer: f.Pointer, TypeAt: f.TypeAt, PathAt: f.PathAt}
				u.found = append(u.found, s.unknown(catalog.Selection{Type: f.Type, Path: f.Path}, from, types)...)
			}
			found := s.unknown(d.To, d.Words, types)
			if _, known := u.to[d.To]; len(found) > 0 && !known {
				u.to[d.To] = d.Words.File
			}
			u.found = append(u.found, found...)
		}
		finding.Sort(u.found)
		u.found = slices.CompactFunc(u.found, finding.Same)
		return u, nil
	})
}

// undefined gives the file whose definition names a selection that is not there, else "".
func (s *side) undefined(to catalog.Selection) (string, error) {
	u, err := s.definitions()
	if err != nil {
		return "", err
	}
	return u.to[to], nil
}

// unknown judges one end of a definition.
func (s *side) unknown(sel catalog.Selection, w catalog.Words, types []string) []finding.Finding {
	f := finding.Finding{Rule: "reference-unknown", Level: finding.Failure, File: w.File}
	schemaPath := s.SchemaPath(sel.Type)
	if schemaPath == "" {
		f.At, f.Pointer = w.TypeAt, w.Pointer+"/type"
		f.Message, f.Fix = fmt.Sprintf("there is no type %q: no schema is named for it", sel.Type), "write the name of a type that has a schema, or add one"
		if meant, ok := near.Name(sel.Type, types); ok {
			f.Message += fmt.Sprintf("; did you mean %q?", meant)
			f.Fix = fmt.Sprintf("write %q", meant)
		}
		return []finding.Finding{f}
	}
	compiled, _ := s.Schema(schemaPath)
	if compiled == nil || compiled.Describes(catalog.ParsePath(sel.Path).Tokens()) {
		return nil
	}
	f.At, f.Pointer = w.PathAt, w.Pointer+"/path"
	f.Message = fmt.Sprintf("%s knows nothing at the path %s", schemaPath, sel.Path)
	f.Fix = fmt.Sprintf("write a path that leads to values of %s, or add them there first", schemaPath)
	if meant, ok := nearPath(sel.Path, compiled.Describes); ok {
		f.Message += fmt.Sprintf("; did you mean %s?", meant)
		f.Fix = "write " + meant
	}
	return []finding.Finding{f}
}

// nearPath tries what is most often forgotten in a path: the * of a list.
func nearPath(path string, describes func([]string) bool) (string, bool) {
	tokens := document.Tokens(path)
	for i := range len(tokens) + 1 {
		with := slices.Insert(slices.Clone(tokens), i, "*")
		if describes(with) {
			return document.Pointer(with), true
		}
	}
	return "", false
}

// cyclic are the types at either end of definitions that forbid cycles.
func (s *side) cyclic() (map[string]bool, error) {
	defs, err := s.Definitions()
	if err != nil {
		return nil, err
	}
	types := map[string]bool{}
	for _, d := range defs.All {
		if d.Acyclic {
			types[d.From], types[d.To.Type] = true, true
		}
	}
	return types, nil
}

// cycles finds references that forbid it and lead back to where they come from, within the customer and the shared configs.
func (u *unit) cycles(files []policy.File) ([]finding.Finding, error) {
	types, err := u.side.cyclic()
	if err != nil || !slices.ContainsFunc(files, func(f policy.File) bool { return types[f.Type] }) {
		return nil, err
	}
	g := graph{edges: map[item][]edge{}}
	for _, typ := range slices.Sorted(maps.Keys(types)) {
		x, err := u.index(typ)
		if err != nil {
			return nil, err
		}
		for _, f := range x.files {
			j, err := u.file(f)
			if err != nil {
				return nil, err
			}
			if err := g.add(u, f, j); err != nil {
				return nil, err
			}
		}
	}
	return g.findings(), nil
}
