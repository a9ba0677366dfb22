package catalog

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

// A Move is a change that a branch has seen. It is not safe for concurrent use.
type Move struct {
	now         *Catalog // nil where the policy cannot be read
	changes     []forge.Change
	what        footprint
	definitions *Definitions // of now; read when first needed
}

// NewMove makes the Move from one tree to another.
func NewMove(old, now fs.FS, changes []forge.Change) (*Move, error) {
	m := &Move{changes: changes}
	p, _, err := policy.Read(now)
	if err != nil || p == nil {
		return m, err
	}
	m.now = New(now, p)
	m.what, err = m.now.footprint(New(old, p), changes)
	return m, err
}

// Meets tells whether the verdict on another change, own, that leads from where the branch is now to merged, can be another one than it was
// before the move. Where it cannot tell, it says that it can.
func (m *Move) Meets(merged fs.FS, own []forge.Change) (bool, error) {
	if m.now == nil || m.what.policy || samePath(m.changes, own) {
		return true, nil
	}
	what, err := New(merged, m.now.Policy).footprint(m.now, own)
	if err != nil {
		return true, err
	}
	if what.policy || m.what.meets(what) || what.meets(m.what) {
		return true, nil
	}
	if m.definitions == nil {
		if m.definitions, err = m.now.Definitions(); err != nil {
			return true, err
		}
	}
	for _, d := range m.definitions.All {
		if m.what.refers(d, what) || what.refers(d, m.what) {
			return true, nil
		}
	}
	return false, nil
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

// refers tells whether values in what f touches refer to some in what other touches, beyond one customer.
func (f footprint) refers(d Definition, other footprint) bool {
	switch d.Scope {
	case policy.ScopeAny:
		return f.types[d.From] && other.types[d.To.Type]
	case policy.ScopeShared:
		return f.types[d.From] && other.shared[d.To.Type]
	default:
		return f.shared[d.From] && other.shared[d.To.Type]
	}
}
