package catalog

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

// Meet tells whether two changes made one after the other, moved from old to now and own from there to merged, may depend on each
// other: whether the verdict on own can be another one than it was before moved. Where it cannot tell, it says that they do.
func Meet(old, now, merged fs.FS, moved, own []forge.Change) (bool, error) {
	if samePath(moved, own) {
		return true, nil
	}
	p, _, err := policy.Read(now)
	if err != nil || p == nil {
		return true, err
	}
	middle := New(now, p)
	a, err := middle.footprint(New(old, p), moved)
	if err != nil {
		return true, err
	}
	b, err := New(merged, p).footprint(middle, own)
	if err != nil {
		return true, err
	}
	return a.policy || b.policy || a.meets(b) || b.meets(a), nil
}

func samePath(a, b []forge.Change) bool {
	paths := map[string]bool{}
	for _, ch := range a {
		paths[ch.Path] = true
	}
	return slices.ContainsFunc(b, func(ch forge.Change) bool { return paths[ch.Path] })
}

// A footprint is what a change touches, as far as verdicts depend on it.
type footprint struct {
	policy    bool
	customers map[string]bool // in lower case: names that differ by case only collide
	types     map[string]bool // of configs and shared configs
	shared    map[string]bool // of shared configs
	schemas   map[string]bool // types with another schema
}

func (c *Catalog) footprint(before *Catalog, changes []forge.Change) (footprint, error) {
	f := footprint{customers: map[string]bool{}, types: map[string]bool{}, shared: map[string]bool{}, schemas: map[string]bool{}}
	for _, ch := range changes {
		f.policy = f.policy || ch.Path == policy.Path
		switch file := c.Policy.Layout.Read(ch.Path); file.Kind {
		case policy.Config:
			f.customers[strings.ToLower(file.Customer)] = true
			f.types[file.Type] = true
		case policy.Shared:
			f.types[file.Type], f.shared[file.Type] = true, true
		}
	}
	s, err := c.Scope(before, changes)
	for _, typ := range s.Types {
		f.schemas[typ] = true
	}
	return f, err
}

// meets tells whether what other touches depends on what f touches.
func (f footprint) meets(other footprint) bool {
	return overlap(f.customers, other.customers) || overlap(f.schemas, other.types) ||
		len(f.shared) > 0 && len(other.types) > 0 ||
		len(f.schemas) > 0 && len(other.schemas) > 0 // a new type is compared with all
}

func overlap(a, b map[string]bool) bool {
	for k := range a {
		if b[k] {
			return true
		}
	}
	return false
}
