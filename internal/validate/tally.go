package validate

import (
	"cmp"
	"slices"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
)

// A tally counts by customer.
type tally struct{ rows map[string]*Customer }

func newTally() tally { return tally{map[string]*Customer{}} }

func (t tally) row(name string) *Customer {
	r, ok := t.rows[name]
	if !ok {
		r = &Customer{Name: name}
		t.rows[name] = r
	}
	return r
}

func (t tally) add(f policy.File, touched bool) {
	if f.Kind != policy.Config {
		return
	}
	r := t.row(f.Customer)
	r.Files++
	r.Touched = r.Touched || touched
}

// count adds a finding in a file to its customer's, if that is in scope.
func (t tally) count(f policy.File, level finding.Level) {
	if r, ok := t.rows[f.Customer]; ok && f.Kind == policy.Config {
		r.Count.Add(level)
	}
}

func (t tally) removed(name string) { t.row(name).Touched = true }

func (t tally) customers() []Customer {
	out := make([]Customer, 0, len(t.rows))
	for _, r := range t.rows {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Customer) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
