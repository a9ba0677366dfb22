package catalog

import (
	"slices"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

// A Scope is what a change makes worth judging, as far as paths and schemas tell.
type Scope struct {
	Customers []string // every config of these
	Types     []string // every config and shared config of these, because their schema changed, or what refers to them
	Shared    bool     // every shared config
	Schemas   []string // these schema files, by path
}

// Scope tells what the changes between the trees of old and c touch. Only schemas are read. old may be nil.
func (c *Catalog) Scope(old *Catalog, changes []forge.Change) (Scope, error) {
	var s Scope
	configsOnly := true
	for _, ch := range changes {
		f := c.Policy.Layout.Read(ch.Path)
		configsOnly = configsOnly && f.Kind == policy.Config
		switch f.Kind {
		case policy.Config:
			s.Customers = append(s.Customers, f.Customer)
		case policy.Shared:
			s.Shared = true
		case policy.Schema:
			s.Types = append(s.Types, f.Type)
			s.Schemas = append(s.Schemas, f.Path)
		}
	}
	if whole, err := c.addReferring(&s, changes); err != nil {
		return s, err
	} else if !configsOnly || !whole { // else old's schemas are made of the same files
		if _, err := old.addReferring(&s, changes); err != nil {
			return s, err
		}
	}
	slices.Sort(s.Customers)
	for _, customer := range slices.Compact(slices.Clone(s.Customers)) {
		twins, err := c.Twins(customer) // those that only old has are removed by the change, and so in it already
		if err != nil {
			return s, err
		}
		s.Customers = append(s.Customers, twins...)
	}
	if err := c.addReferredTo(&s, old); err != nil {
		return s, err
	}
	for _, list := range []*[]string{&s.Customers, &s.Types, &s.Schemas} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return s, nil
}

// addReferring adds the types whose schemas are made of one of the changed files, and tells whether that is known of all schemas: they
// could be looked into, and only their own files decide which ones these are.
func (c *Catalog) addReferring(s *Scope, changes []forge.Change) (whole bool, err error) {
	if c == nil {
		return true, nil
	}
	schemas, err := c.Find(policy.Query{Kind: policy.Schema})
	if err != nil {
		return false, err
	}
	changed := map[string]bool{}
	for _, ch := range changes {
		changed[ch.Path] = true
	}
	whole = true
	for _, f := range schemas {
		compiled, why := c.Schema(f.Path)
		if compiled == nil {
			if whole = false; changed[why[0].File] {
				s.Schemas = append(s.Schemas, f.Path)
			}
			continue
		}
		if slices.ContainsFunc(compiled.Files(), func(part string) bool { return changed[part] }) {
			s.Types = append(s.Types, f.Type)
			s.Schemas = append(s.Schemas, f.Path)
		}
		whole = whole && compiled.Direct()
	}
	return whole, nil
}

// addReferredTo adds the types to which other values refer than before.
func (c *Catalog) addReferredTo(s *Scope, old *Catalog) error {
	if old == nil || len(s.Schemas) == 0 {
		return nil
	}
	now, err := c.Definitions()
	if err != nil {
		return err
	}
	before, err := old.Definitions()
	if err != nil {
		return err
	}
	for _, typ := range slices.Concat(now.Types(), before.Types()) {
		if now.Of(typ).Digest != before.Of(typ).Digest {
			s.Types = append(s.Types, typ)
		}
	}
	if c.Policy.Level("unreferenced", policy.Off) == policy.Off {
		return nil
	}
	for _, d := range slices.Concat(now.All, before.All) {
		if slices.Contains(s.Types, d.From) {
			s.Types = append(s.Types, d.To.Type) // to which fewer may refer than before
		}
	}
	return nil
}
