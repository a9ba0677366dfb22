package migrate

import (
	"slices"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/rewrite"
	"github.com/tamerhq/tamer/internal/schema"
)

// A Result is what becomes of the configs of the types whose schemas have changed.
type Result struct {
	Types []string // with another schema than before, sorted
	// Files are those that change, and those of which something is left that does not fit, by path. Files that do not change are
	// looked at for that where the job judges all.
	Files []rewrite.File
}

// Changed gives the files that are to be written.
func (r Result) Changed() []rewrite.File {
	return slices.DeleteFunc(slices.Clone(r.Files), func(f rewrite.File) bool { return !f.Changed() })
}

// Tree migrates the configs of job.Catalog whose schemas are others than those of job.Was. types, if there are any, are the only ones.
// The error is that of reading the trees.
func Tree(job rewrite.Job, types []string) (Result, error) {
	var r Result
	changed, err := changedTypes(job.Was, job.Catalog)
	if err != nil {
		return r, err
	}
	for _, typ := range changed {
		if len(types) == 0 || slices.Contains(types, typ) {
			r.Types = append(r.Types, typ)
		}
	}
	var files []policy.File
	for _, typ := range r.Types {
		for _, kind := range []policy.Kind{policy.Config, policy.Shared} {
			found, err := job.Catalog.Find(policy.Query{Kind: kind, Type: typ})
			if err != nil {
				return r, err
			}
			files = append(files, found...)
		}
	}
	slices.SortFunc(files, func(a, b policy.File) int {
		if a.Path < b.Path {
			return -1
		}
		return 1
	})
	r.Files, err = job.Files(files, func(f policy.File, docs []*document.Document) ([]edit.Change, []string) {
		to := job.Catalog.SchemaOf(f.Type)
		if to == nil {
			return nil, []string{"its schema cannot be used: tamer check says why"}
		}
		return Documents(to, f.Customer, docs)
	})
	return r, err
}

// changedTypes are those whose schema is another one in head, sorted. A type that had none is not among them.
func changedTypes(base, head *catalog.Catalog) ([]string, error) {
	schemas, err := head.Find(policy.Query{Kind: policy.Schema})
	if err != nil {
		return nil, err
	}
	var types []string
	for _, f := range schemas {
		before, after := base.SchemaOf(f.Type), head.SchemaOf(f.Type)
		if base.SchemaPath(f.Type) == "" || before != nil && after != nil && before.Digest() == after.Digest() {
			continue
		}
		types = append(types, f.Type)
	}
	slices.Sort(types)
	return slices.Compact(types), nil
}

// Documents gives the changes that make the documents of one file what a schema asks for, and what cannot be done, in words. customer
// is empty for a shared config.
func Documents(to *schema.Schema, customer string, docs []*document.Document) (changes []edit.Change, problems []string) {
	for i, d := range docs {
		m := &migration{to: to, customer: customer, number: i, value: d.Value, root: d.Value, budget: expr.NewBudget(maxEvaluations)}
		m.run()
		changes, problems = append(changes, m.changes...), append(problems, m.problems...)
	}
	return changes, problems
}

// maxEvaluations bounds what the expressions of one document may cost together, in what a single one may.
const maxEvaluations = 100

// unfit gives the JSON Pointers of what a schema refuses in a value.
func unfit(to *schema.Schema, value any) [][]string {
	var all [][]string
	for _, f := range to.Validate(document.Bare(value)) {
		if f.Level == finding.Failure {
			all = append(all, document.Tokens(f.Pointer))
		}
	}
	return all
}

type programKey struct{ source string }

type compiled struct {
	program *expr.Program
	err     error
}

// programOf compiles an expression of a schema, once.
func programOf(s *schema.Schema, source string) (*expr.Program, error) {
	c := s.Keep(programKey{source}, func() any {
		env, err := expr.New(variables...)
		if err != nil {
			return compiled{nil, err}
		}
		program, err := env.Compile(source)
		return compiled{program, err}
	}).(compiled)
	return c.program, c.err
}
