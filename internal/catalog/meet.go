package catalog

import (
	"io/fs"
	"path"
	"slices"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/schema"
)

// A Move is a change that a branch has seen. It is not safe for concurrent use.
type Move struct {
	old, now *Catalog // by the policy of now; nil where that cannot be read
	shelf    *schema.Shelf
	changes  []forge.Change
	what     footprint
}

// NewMove makes the Move from one tree to another. shelf, which may be nil, is as for NewKept.
func NewMove(old, now fs.FS, changes []forge.Change, shelf *schema.Shelf) (*Move, error) {
	m := &Move{changes: changes, shelf: shelf}
	p, _, err := policy.Read(now)
	if err != nil || p == nil {
		return m, err
	}
	m.old, m.now = NewKept(old, p, shelf), NewKept(now, p, shelf)
	m.what, err = m.now.footprint(m.old, changes)
	return m, err
}

// Meets tells whether the verdict on another change, own, that leads from where the branch is now to merged, can be another one than it was
// before the move. Where it cannot tell, it says that it can.
func (m *Move) Meets(merged fs.FS, own []forge.Change) (bool, error) {
	if m.now == nil || m.what.policy || samePath(m.changes, own) {
		return true, nil
	}
	after := NewKept(merged, m.now.Policy, m.shelf)
	what, err := after.footprint(m.now, own)
	if err != nil {
		return true, err
	}
	if what.policy || m.what.meets(what) || what.meets(m.what) {
		return true, nil
	}
	trees := []*Catalog{m.now}
	if len(m.what.schemas) > 0 {
		trees = append(trees, m.old)
	}
	if len(what.schemas) > 0 {
		trees = append(trees, after)
	}
	for _, c := range trees {
		if met, err := c.refer(m.what, what); err != nil || met {
			return true, err
		}
	}
	return false, nil
}

// refer tells whether anything in the tree lets the verdict on one change depend on what another one touches, beyond one customer.
func (c *Catalog) refer(a, b footprint) (bool, error) {
	defs, err := c.Definitions()
	if err != nil {
		return true, err
	}
	for _, d := range defs.All {
		if a.refers(d, b) || b.refers(d, a) {
			return true, nil
		}
	}
	return c.judgesWith(a.schemas, b) || c.judgesWith(b.schemas, a), nil
}

// judgesWith tells whether a schema of one of the types may look at more than the file that it judges, while other touches files.
func (c *Catalog) judgesWith(types map[string]bool, other footprint) bool {
	if len(other.types) == 0 {
		return false
	}
	for typ := range types {
		if path := c.SchemaPath(typ); path != "" {
			if compiled, _ := c.Schema(path); compiled == nil || compiled.Carries(schema.WithRules) {
				return true
			}
		}
	}
	return false
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
	customers map[string]bool // by near.Fold: names that it writes alike collide
	types     map[string]bool // of configs and shared configs
	shared    map[string]bool // of shared configs
	schemas   map[string]bool // types with another schema
	consumers bool            // what services declare, or a file that may be the schema of one
}

func (c *Catalog) footprint(before *Catalog, changes []forge.Change) (footprint, error) {
	f := footprint{customers: map[string]bool{}, types: map[string]bool{}, shared: map[string]bool{}, schemas: map[string]bool{}}
	configsOnly := true
	for _, ch := range changes {
		f.policy = f.policy || ch.Path == policy.Path
		file := c.Policy.Layout.Read(ch.Path)
		configsOnly = configsOnly && file.Kind == policy.Config
		switch file.Kind {
		case policy.Config:
			f.customers[near.Fold(file.Customer)] = true
			f.types[file.Type] = true
		case policy.Shared:
			f.types[file.Type], f.shared[file.Type] = true, true
		case policy.Consumer:
			f.consumers = true
		case policy.Other:
			f.consumers = f.consumers || slices.Contains([]string{".json", ".yaml", ".yml"}, path.Ext(file.Path))
		}
	}
	var s Scope
	whole, err := before.addReferring(&s, changes)
	if err == nil && (!configsOnly || !whole) { // else the schemas of c, which may be one of hundreds of trees, are made of the same files
		s, err = c.Scope(before, changes)
	}
	for _, typ := range s.Types {
		f.schemas[typ] = true
	}
	return f, err
}

// meets tells whether what other touches depends on what f touches.
func (f footprint) meets(other footprint) bool {
	return overlap(f.customers, other.customers) || overlap(f.schemas, other.types) ||
		len(f.shared) > 0 && len(other.shared) > 0 || // conditions and circles lead from one to another
		f.consumers && len(other.schemas) > 0 || len(f.schemas) > 0 && len(other.schemas) > 0 // a new type is compared with all
}

func overlap(a, b map[string]bool) bool {
	for k := range a {
		if b[k] {
			return true
		}
	}
	return false
}

// refers tells whether values in what f touches refer to some in what other touches. Of a customer whose files both touch, that is
// known already. A schema touches all files of its type.
func (f footprint) refers(d Definition, other footprint) bool {
	switch {
	case f.schemas[d.From]:
		return other.types[d.To.Type]
	case d.Scope == policy.ScopeAny:
		return f.types[d.From] && other.types[d.To.Type]
	case d.Scope == policy.ScopeShared:
		return f.types[d.From] && other.shared[d.To.Type]
	}
	return false
}
