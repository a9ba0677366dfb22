// Package validate is the one door to judging a repository: the same for the command line, a pull request and a deploy.
package validate

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// Options say what to judge, and against what.
type Options struct {
	// Base is the tree that the change starts from. Its policy decides, and what was wrong there already fails nothing
	// that the change leaves alone. Nil: there is no change, the whole tree is judged by its own policy.
	Base fs.FS
	// Changes are the paths in which Base and the tree differ. Ignored without Base.
	Changes []forge.Change
	// Only, if not empty, are files or directories: nothing outside of them is judged.
	Only []string
	// Checks are programs that are to judge a change besides; see Result.Postings.
	Checks []outside.Check
	// Workers is how many files are judged at once. Default: the number of processors.
	Workers int
	Limits  document.Limits
	// Cache, if set, keeps what is found out about contents, for trees that tell git's names of them.
	Cache Cache
	// KeepValues has Cache keep the values of files too, which take as much room as the files: a change of a schema then judges those
	// in which nothing is wrong without reading them.
	KeepValues bool
	// Schemas, if set, keeps compiled schemas from judgement to judgement.
	Schemas *schema.Shelf
	// Build names the program, so that what another one found out is not believed. Required with Cache.
	Build string
	// Now is when the change is judged, for how long something has been deprecated. Zero: nobody knows, and it was for no time.
	Now time.Time
	// Merged tells that the change is what several pull requests have brought: what had to come one after the other, in changes of
	// their own, was judged in these.
	Merged bool
	// Released, if set, gives the tree of a commit that the branch holds which the change goes into, for services that are pinned to one.
	// The error wraps fs.ErrNotExist where the branch holds no such commit. Nil: nobody knows, and such a service is believed.
	Released func(forge.Commit) (fs.FS, error)
	// Progress, if set, is called now and then with how many files have been judged. Calls do not overlap.
	Progress func(done, total int)
}

// A Result is the verdict and what it rests on.
type Result struct {
	Findings  []finding.Finding // sorted; those that fail or should be shown
	Existing  finding.Count     // what was there before, in files that the change leaves alone
	Files     []string          // the paths of the files that were judged, sorted
	Customers []Customer        // those in scope, sorted by name
	Whole     bool              // everything was judged
	Questions []Question        // to live data, which nobody has been asked
	Postings  []Posting         // to external checks, which nobody has posted; sorted by check
	Schemas   []SchemaChange    // that the change alters, by type

	policy *policy.Policy   // by which it was judged; nil where there was none
	head   *catalog.Catalog // what was judged, until its secrets are hidden
	veils  map[string]*veil // by path of the file
}

// A Customer is one line of the verdict.
type Customer struct {
	Name    string
	Files   int  // configs judged; 0 for a customer that the change removes
	Touched bool // the change adds, modifies or removes one of its files
	finding.Count
}

// OK tells whether nothing fails.
func (r Result) OK() bool { return finding.CountOf(r.Findings).Failures == 0 }

// Tree judges head. The error is that of reading the trees; what people wrote wrongly is a finding.
func Tree(head fs.FS, opts Options) (Result, error) {
	r, err := judgeTree(head, opts)
	if err == nil {
		err = r.hide(opts.Limits)
	}
	if err == nil {
		r.countBroken()
		r.tellBreaks(opts.Only)
	}
	if err == nil {
		r.Postings, err = postings(head, opts)
	}
	return r, err
}

func judgeTree(head fs.FS, opts Options) (Result, error) {
	own, ownFound, err := policy.Read(head)
	if err != nil {
		return Result{}, err
	}
	if opts.Base == nil {
		if own == nil {
			return Result{Findings: ownFound, Whole: true}, nil
		}
		return judgeAll(head, own, opts)
	}
	deciding, found, err := policy.Read(opts.Base)
	if err != nil {
		return Result{}, err
	}
	edited := slices.ContainsFunc(opts.Changes, func(c forge.Change) bool { return c.Path == policy.Path })
	switch {
	case deciding == nil && !edited:
		return Result{Findings: found}, nil
	case deciding == nil && own == nil:
		return Result{Findings: ownFound}, nil
	case deciding == nil: // the change mends a policy that nobody could read: what it says is all there is
		return judgeEdited(head, own, own, opts)
	case edited && own != nil:
		return judgeEdited(head, deciding, own, opts)
	}
	r, err := judgeChange(head, deciding, opts)
	if edited {
		r.Findings = merge(r.Findings, ownFound)
	}
	return r, err
}

// under tells whether a path is one of the places, or below one.
func under(name string, places []string) bool {
	return len(places) == 0 || slices.ContainsFunc(places, func(p string) bool {
		return p == "." || p == name || strings.HasPrefix(name, p+"/")
	})
}

func judgeAll(head fs.FS, p *policy.Policy, opts Options) (Result, error) {
	j := &judge{head: newSide(catalog.NewKept(head, p, opts.Schemas), opts), opts: opts, whole: true}
	if opts.Merged { // a file that nobody reads holds up nobody: who put it there was told
		return j.run(everything)
	}
	return j.run(listing)
}

func judgeChange(head fs.FS, p *policy.Policy, opts Options) (Result, error) {
	j := newChangeJudge(head, p, p, opts)
	scope, err := j.head.Scope(j.base.Catalog, opts.Changes)
	if err != nil {
		return Result{}, err
	}
	j.types = scope.Types
	j.head.altered = map[string]bool{}
	for _, typ := range scope.Types {
		j.head.altered[typ] = true
	}
	return j.run(only(scope))
}

// judgeEdited judges a change of the policy itself: what it touches by the policy that decides, and everything by the new one.
func judgeEdited(head fs.FS, deciding, own *policy.Policy, opts Options) (Result, error) {
	strict, err := judgeChange(head, deciding, opts)
	if err != nil {
		return Result{}, err
	}
	all := newChangeJudge(head, own, deciding, opts)
	all.whole = true
	whole, err := all.run(everything)
	if err != nil {
		return Result{}, err
	}
	lost, err := leftOut(head, deciding, own)
	if err != nil {
		return Result{}, err
	}
	both := Join(whole, strict)
	both.Findings = merge(both.Findings, lost)
	both.Whole = true
	return both, nil
}

// Add adds findings of others, such as what follows from answers of live data, and counts them.
func (r *Result) Add(found []finding.Finding) {
	r.Findings = append(r.Findings, found...)
	finding.Sort(r.Findings)
	if r.policy == nil {
		return
	}
	for _, f := range found {
		owner := r.policy.Layout.Read(f.File)
		if i, ok := slices.BinarySearchFunc(r.Customers, owner.Customer, func(c Customer, name string) int { return cmp.Compare(c.Name, name) }); ok && owner.Kind == policy.Config {
			r.Customers[i].Count.Add(f.Level)
		}
	}
}

// Join gives the verdict that two give together, on the same files or others: what fails in one of them fails.
func Join(a, b Result) Result {
	files := slices.Sorted(slices.Values(slices.Concat(a.Files, b.Files)))
	return Result{
		Findings:  merge(a.Findings, b.Findings),
		Existing:  a.Existing.Max(b.Existing),
		Files:     slices.Compact(files),
		Customers: mergeCustomers(a.Customers, b.Customers),
		Whole:     a.Whole || b.Whole,
		Questions: unique(slices.Concat(a.Questions, b.Questions)),
		Postings:  slices.Concat(a.Postings, b.Postings),
		Schemas:   joinSchemas(a.Schemas, b.Schemas),
		policy:    cmp.Or(a.policy, b.policy),
		head:      cmp.Or(a.head, b.head),
		veils:     joinVeils(a.veils, b.veils),
	}
}

// leftOut warns of files that the policy that decides reads, that are still there, and that the new one does not read.
func leftOut(head fs.FS, deciding, own *policy.Policy) ([]finding.Finding, error) {
	files, err := catalog.New(head, deciding).Configs()
	if err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, func(f policy.File) bool { return own.Layout.Read(f.Path).Kind == f.Kind })
	if len(files) == 0 {
		return nil, nil
	}
	what := files[0].Path
	if n := len(files) - 1; n > 0 {
		what = fmt.Sprintf("%s and %d more", what, n)
	}
	return []finding.Finding{{Rule: "layout", Level: finding.Warning, File: policy.Path, At: top,
		Message: fmt.Sprintf("the new layout no longer reads %s: nothing will judge it, and production will lose it", what),
		Fix:     "add a pattern for it under layout, or remove the file if that is meant"}}, nil
}

func newChangeJudge(head fs.FS, p, base *policy.Policy, opts Options) *judge {
	j := &judge{head: newSide(catalog.NewKept(head, p, opts.Schemas), opts), base: newSide(catalog.NewKept(opts.Base, base, opts.Schemas), opts), opts: opts, touched: map[string]forge.ChangeKind{}}
	for _, ch := range opts.Changes {
		j.touched[ch.Path] = ch.Kind
	}
	return j
}

// merge gives the findings of both. Of one that both have, the stricter level counts.
func merge(a, b []finding.Finding) []finding.Finding {
	all := slices.Concat(a, b)
	strict := []finding.Level{finding.Failure, finding.Warning, finding.Notice}
	slices.SortFunc(all, func(a, b finding.Finding) int {
		return cmp.Or(finding.Compare(a, b), cmp.Compare(slices.Index(strict, a.Level), slices.Index(strict, b.Level)))
	})
	return slices.CompactFunc(all, func(a, b finding.Finding) bool { return finding.Compare(a, b) == 0 })
}

func mergeCustomers(a, b []Customer) []Customer {
	byName := map[string]Customer{}
	for _, c := range slices.Concat(a, b) {
		if old, has := byName[c.Name]; has {
			c.Files, c.Touched = max(c.Files, old.Files), c.Touched || old.Touched
			c.Count = c.Count.Max(old.Count)
		}
		byName[c.Name] = c
	}
	out := make([]Customer, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, byName[name])
	}
	return out
}

// A chosen is what is to be judged.
type chosen struct {
	files   []policy.File
	schemas []string      // by path
	beside  []policy.File // which no pattern covers
}

type chooser func(*catalog.Catalog) (chosen, error)

func everything(c *catalog.Catalog) (all chosen, err error) {
	if all.files, err = c.Configs(); err == nil {
		all.schemas, err = c.SchemaFiles()
	}
	return all, err
}

// listing is everything, and what lies beside it.
func listing(c *catalog.Catalog) (all chosen, err error) {
	if all.files, all.beside, err = c.Listing(); err == nil {
		all.schemas, err = c.SchemaFiles()
	}
	return all, err
}

func only(s catalog.Scope) chooser {
	return func(c *catalog.Catalog) (chosen, error) {
		queries := []policy.Query{}
		for _, customer := range s.Customers {
			queries = append(queries, policy.Query{Kind: policy.Config, Customer: customer})
		}
		for _, typ := range s.Types {
			queries = append(queries, policy.Query{Kind: policy.Config, Type: typ}, policy.Query{Kind: policy.Shared, Type: typ})
		}
		if s.Shared {
			queries = append(queries, policy.Query{Kind: policy.Shared})
		}
		byPath := map[string]policy.File{}
		for _, q := range queries {
			found, err := c.Find(q)
			if err != nil {
				return chosen{}, err
			}
			for _, f := range found {
				byPath[f.Path] = f
			}
		}
		some := chosen{files: make([]policy.File, 0, len(byPath))}
		for _, path := range slices.Sorted(maps.Keys(byPath)) {
			some.files = append(some.files, byPath[path])
		}
		for _, path := range s.Schemas {
			if _, err := fs.Lstat(c.Tree, path); err == nil {
				some.schemas = append(some.schemas, path)
			}
		}
		return some, nil
	}
}
