package validate

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/evolution"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/rule"
)

// A SchemaChange is a schema that the change alters, and what that does to the configs that are there.
type SchemaChange struct {
	evolution.Change
	Customers int      // how many have a config of the type
	Broken    []string // those of them whose configs fit the schema no more, sorted
	Causes    []Breakage
	Fixed     []string             // customers whose configs would fit it no more, and that the same change mends; sorted
	Services  []evolution.Consumer // that the change breaks

	first []finding.Related // the first places in configs that it breaks
}

// A Breakage is one thing that is wrong, alike but for the values found, in configs of several customers because the schema has changed.
type Breakage struct {
	finding.Finding          // the first of them
	Where           string   // the pointer, in which * stands for the items of lists
	Customers       []string // sorted
}

// schemaChanges compares the schemas that the change alters, and counts the customers that have a config of the type.
func (j *judge) schemaChanges() ([]SchemaChange, error) {
	if j.base == nil || len(j.types) == 0 {
		return nil, nil
	}
	var all []SchemaChange
	for _, c := range evolution.Compare(j.base.Catalog, j.head.Catalog, j.types) {
		s := SchemaChange{Change: c}
		files, err := j.head.Find(policy.Query{Kind: policy.Config, Type: c.Type})
		if err != nil {
			return nil, err
		}
		customers := map[string]bool{}
		for _, f := range files {
			customers[f.Customer] = true
		}
		s.Customers = len(customers)
		if s.Fixed, err = j.mendedFor(c, files); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// maxRejudged bounds for how many touched configs it is asked what they would be worth had the change left them alone.
const maxRejudged = 2_000

// mendedFor gives the customers whose configs the new schema would refuse as they were, which the old one accepted, and that the
// change has made valid.
func (j *judge) mendedFor(c evolution.Change, files []policy.File) ([]string, error) {
	if !c.HurtsFiles() {
		return nil, nil
	}
	var all []string
	asked := 0
	for _, f := range files {
		if !j.isTouched(f.Path) || asked == maxRejudged {
			continue
		}
		before, after, err := j.beforeAndAfter(f)
		if err != nil {
			return nil, err
		}
		asked++
		if before == nil || after == nil || failures(before.found) > 0 || failures(after.found) > 0 {
			continue
		}
		src, large, err := read(j.base.Tree, f.Path, j.opts.Limits)
		if err != nil || large != nil {
			return nil, err
		}
		compiled, _ := schemaOf(j.head.Catalog, f.Type)
		docs, found := document.Parse(src, j.opts.Limits)
		if compiled == nil || len(found) > 0 || failures(eachDocument(compiled, docs)) == 0 {
			continue
		}
		all = append(all, f.Customer)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

func failures(found []finding.Finding) int { return finding.CountOf(found).Failures }

// countBroken tells of each altered schema which customers it breaks, as the findings say, whose secrets are hidden by now.
func (r *Result) countBroken() {
	if r.policy == nil {
		return
	}
	for i := range r.Schemas {
		s := &r.Schemas[i]
		at := map[[3]string]int{}
		s.Causes, s.Broken, s.first = nil, nil, nil
		if !s.HurtsFiles() { // what is wrong is wrong by itself
			continue
		}
		for _, f := range r.Findings {
			owner := r.policy.Layout.Read(f.File)
			if f.Level != finding.Failure || owner.Kind != policy.Config || owner.Type != s.Type || !ofForm(f.Rule) {
				continue
			}
			where := itemsStarred(f.Pointer)
			key := [3]string{f.Rule, where, f.Fix}
			n, known := at[key]
			if !known {
				n = len(s.Causes)
				at[key] = n
				s.Causes = append(s.Causes, Breakage{Finding: f, Where: where})
			}
			s.Causes[n].Customers = append(s.Causes[n].Customers, owner.Customer)
			s.Broken = append(s.Broken, owner.Customer)
			if len(s.first) < maxBroken {
				s.first = append(s.first, finding.Related{File: f.File, At: f.At, Message: "breaks here: " + f.Message})
			}
		}
		s.Broken = sortedSet(s.Broken)
		for n := range s.Causes {
			s.Causes[n].Customers = sortedSet(s.Causes[n].Customers)
		}
		slices.SortStableFunc(s.Causes, func(a, b Breakage) int { return cmp.Compare(len(b.Customers), len(a.Customers)) })
	}
}

// itemsStarred is a pointer in which * stands in the place of numbers.
func itemsStarred(pointer string) string {
	tokens := document.Tokens(pointer)
	for i, t := range tokens {
		if _, err := strconv.Atoi(t); err == nil {
			tokens[i] = "*"
		}
	}
	return document.Pointer(tokens)
}

// ofForm tells whether a rule is about a file and its schema.
func ofForm(id string) bool {
	r, ok := rule.ByID(id)
	return ok && r.Family == rule.Schema
}

func sortedSet(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// tellBreaks adds, at the line of each schema that breaks configs, whose they are: the configs may stand in files that nobody looks at.
func (r *Result) tellBreaks(only []string) {
	for i := range r.Schemas {
		if s := &r.Schemas[i]; len(s.Broken) > 0 {
			f := s.finding()
			if r.policy != nil {
				f.Level = r.policy.Level(f.Rule, f.Level)
			}
			if f.Level != policy.Off && under(f.File, only) {
				r.Findings = append(r.Findings, f)
			}
		}
	}
	finding.Sort(r.Findings)
}

// maxBroken is how many of the broken configs are named at the schema.
const maxBroken = 10

func (s *SchemaChange) finding() finding.Finding {
	f := finding.Finding{Rule: "schema-breaks", Level: finding.Notice, File: s.Culprit.File, At: s.Culprit.At, Pointer: s.Culprit.Pointer,
		Message: "this change breaks " + s.Share(),
		Fix:     "mend the configs in the same pull request, or let the schema accept what they say", Related: s.first}
	return f
}

// Share is whom the change breaks: "12 of 340 customers: acme, beta, gamma and 9 more; 2 are mended here".
func (s *SchemaChange) Share() string {
	text := fmt.Sprintf("%d of %s: %s", len(s.Broken), many(s.Customers, "customer"), strings.Join(s.Broken[:min(len(s.Broken), maxNamed)], ", "))
	if n := len(s.Broken) - maxNamed; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	if n := len(s.Fixed); n > 0 {
		text += fmt.Sprintf("; %d mended in the same change", n)
	}
	return text
}

// joinSchemas gives the altered schemas of both verdicts, each type once.
func joinSchemas(a, b []SchemaChange) []SchemaChange {
	all := slices.Clone(a)
	for _, s := range b {
		if !slices.ContainsFunc(a, func(o SchemaChange) bool { return o.Type == s.Type }) {
			all = append(all, s)
		}
	}
	return all
}
