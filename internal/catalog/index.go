package catalog

import (
	"iter"
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/policy"
)

// An Index holds the facts of all files of a tree, and answers what refers to what, in both directions. A file is put in anew when
// it has changed, and nothing else has to be read for that. It is not safe for concurrent use.
type Index struct {
	files map[string]Indexed
	kin   map[kin]map[string]bool    // paths of the files of one customer and type
	typed map[string]map[string]bool // by type
	refer map[aim]map[string]bool    // paths of the files that refer to a value
}

// An Indexed is a file with its facts, which must not be changed.
type Indexed struct {
	File  policy.File
	Facts Facts
}

// kin is what the files have in common among which a reference of the scopes customer and shared is looked for.
type kin struct {
	kind          policy.Kind
	customer, typ string
}

func kinOf(f policy.File) kin { return kin{f.Kind, f.Customer, f.Type} }

// An aim is what a reference names, as far as it tells the files that it may lead to.
type aim struct {
	to       Selection
	value    Value
	scope    policy.Scope
	customer string // of a reference of the scope customer: whose; "" from a shared config
}

func aimOf(from policy.File, r Ref) aim {
	a := aim{to: r.To, value: r.Value, scope: r.Scope}
	if r.Scope == policy.ScopeCustomer {
		a.customer = from.Customer
	}
	return a
}

// NewIndex makes an empty Index.
func NewIndex() *Index {
	return &Index{files: map[string]Indexed{}, kin: map[kin]map[string]bool{}, typed: map[string]map[string]bool{}, refer: map[aim]map[string]bool{}}
}

// Put sets what is known of a file, which is a config or a shared one.
func (x *Index) Put(f policy.File, facts Facts) {
	x.Remove(f.Path)
	x.files[f.Path] = Indexed{f, facts}
	note(x.kin, kinOf(f), f.Path)
	note(x.typed, f.Type, f.Path)
	for _, r := range facts.Refs {
		note(x.refer, aimOf(f, r), f.Path)
	}
}

// Remove forgets a file.
func (x *Index) Remove(path string) {
	old, known := x.files[path]
	if !known {
		return
	}
	delete(x.files, path)
	forget(x.kin, kinOf(old.File), path)
	forget(x.typed, old.File.Type, path)
	for _, r := range old.Facts.Refs {
		forget(x.refer, aimOf(old.File, r), path)
	}
}

func note[K comparable](in map[K]map[string]bool, key K, path string) {
	if in[key] == nil {
		in[key] = map[string]bool{}
	}
	in[key][path] = true
}

func forget[K comparable](in map[K]map[string]bool, key K, path string) {
	delete(in[key], path)
	if len(in[key]) == 0 {
		delete(in, key)
	}
}

// File gives what is known of a file; false for one that is not in the Index.
func (x *Index) File(path string) (Indexed, bool) {
	f, known := x.files[path]
	return f, known
}

// leads tells whether a reference of that scope in the file from may lead into the file to, as a judge of from sees it.
func leads(from policy.File, scope policy.Scope, to policy.File) bool {
	switch {
	case scope == policy.ScopeAny:
		return true
	case from.Kind == policy.Shared:
		return to.Kind == policy.Shared
	case scope == policy.ScopeShared:
		return to.Kind == policy.Shared
	}
	return to.Kind == policy.Config && to.Customer == from.Customer
}

// within gives the files of a type into which a reference of that scope in from may lead, those of its own customer first.
func (x *Index) within(from policy.File, typ string, scope policy.Scope) iter.Seq[Indexed] {
	own := kinOf(from)
	own.typ = typ
	groups := []map[string]bool{x.kin[own], x.kin[kin{kind: policy.Shared, typ: typ}]}
	if scope == policy.ScopeAny {
		groups = append(groups, x.typed[typ])
	}
	return func(yield func(Indexed) bool) {
		seen := map[string]bool{}
		for _, paths := range groups {
			for _, path := range slices.Sorted(maps.Keys(paths)) {
				f := x.files[path]
				if seen[path] || !leads(from, scope, f.File) {
					continue
				}
				if seen[path] = true; !yield(f) {
					return
				}
			}
		}
	}
}

// A Hit is a value in a file that others may refer to.
type Hit struct {
	File   policy.File
	Target Target
}

// Offers gives the values that a reference of that scope in the file from may name, those of its own customer first.
func (x *Index) Offers(from policy.File, to Selection, scope policy.Scope) iter.Seq[Hit] {
	return func(yield func(Hit) bool) {
		for f := range x.within(from, to.Type, scope) {
			for _, t := range f.Facts.Targets {
				if t.Path == to.Path && !yield(Hit{f.File, t}) {
					return
				}
			}
		}
	}
}

// Targets gives the values that a reference in the file from leads to.
func (x *Index) Targets(from policy.File, ref Ref) []Hit {
	var hits []Hit
	for hit := range x.Offers(from, ref.To, ref.Scope) {
		if hit.Target.Value == ref.Value {
			hits = append(hits, hit)
		}
	}
	return hits
}

// A Referrer is a value in a file that refers to another.
type Referrer struct {
	File policy.File
	Ref  Ref
}

// Referrers gives the values that lead to a target in the file to, sorted by file and place.
func (x *Index) Referrers(to policy.File, t Target) []Referrer {
	sel := Selection{Type: to.Type, Path: t.Path}
	paths := map[string]bool{}
	for _, a := range []aim{{sel, t.Value, policy.ScopeCustomer, to.Customer}, {sel, t.Value, policy.ScopeShared, ""}, {sel, t.Value, policy.ScopeAny, ""}} {
		maps.Copy(paths, x.refer[a])
	}
	var all []Referrer
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		f := x.files[path]
		for _, r := range f.Facts.Refs {
			if r.To == sel && r.Value == t.Value && leads(f.File, r.Scope, to) {
				all = append(all, Referrer{f.File, r})
			}
		}
	}
	return all
}
