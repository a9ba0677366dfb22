package validate

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/parallel"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// Files judges plain files by one schema, without a repository around them. read gives the bytes of a path; a file that
// cannot be read is a failure. The findings of a schema that cannot be used are returned alone.
func Files(s *schema.Set, schemaPath string, paths []string, read func(path string) ([]byte, error), opts Options) (Result, error) {
	compiled, found := s.Compile(schemaPath)
	if compiled == nil {
		return Result{Findings: found, Whole: true}, nil
	}
	verdicts, asked, veils := make([][]finding.Finding, len(paths)), make([][]Question, len(paths)), make([]*veil, len(paths))
	err := parallel.Each(paths, itself, parallel.Options{Workers: opts.Workers, Progress: opts.Progress}, func(i int, path string) error {
		verdicts[i], asked[i], veils[i] = judgePlain(compiled, path, read, opts.Limits)
		return nil
	})
	r := Result{Files: slices.Clone(paths), Whole: true, Questions: slices.Concat(asked...), Findings: settled(slices.Concat(slices.Concat(verdicts...), compiled.Doubts(), conditionsOf(compiled).wrong))}
	finding.Sort(r.Findings)
	r.veils = map[string]*veil{}
	for i, path := range paths {
		if veils[i] != nil {
			r.veils[path] = veils[i]
		}
	}
	return r, err
}

func judgePlain(s *schema.Schema, name string, read func(string) ([]byte, error), limits document.Limits) ([]finding.Finding, []Question, *veil) {
	src, err := read(name)
	if err != nil {
		f := finding.Finding{Rule: "unreadable", Level: finding.Failure, File: name, Message: "the file cannot be read: " + err.Error(), Fix: "check its name and its permissions"}
		if errors.Is(err, fs.ErrNotExist) {
			f.Message, f.Fix = "there is no such file", "check the name, or leave it out"
		}
		return []finding.Finding{f}, nil, nil
	}
	docs, found := document.ParseFile(name, src, limits)
	readable := len(found) == 0
	found = append(found, eachDocument(s, docs)...)
	if readable {
		found = append(found, judgeAlone(s, docs)...)
	}
	asked := inquire(s, docs, policy.File{Path: name})
	found = append(found, asked.found...)
	finding.In(name, found)
	if len(found) == 0 {
		return nil, asked.put, nil
	}
	hidden := veilOf(s, docs, readable)
	if hidden != nil {
		hidden.over(found)
	}
	return found, asked.put, hidden
}

// eachDocument judges all documents of one file by their schema.
func eachDocument(s *schema.Schema, docs []*document.Document) []finding.Finding {
	var found []finding.Finding
	for _, doc := range docs {
		found = append(found, s.Validate(doc)...)
	}
	return slices.Concat(found, duplicateKeys(s, docs), deprecated(s, docs))
}

func pathOf(f policy.File) string { return f.Path }

func itself(path string) string { return path }
