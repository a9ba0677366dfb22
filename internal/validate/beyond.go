package validate

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/parallel"
	"github.com/tamerhq/tamer/internal/policy"
)

// Everything that looks beyond one customer. It looks at facts of the types concerned only.

// An everywhere is what all configs of a type, of any customer, offer to references of the scope any.
type everywhere struct {
	mu     sync.Mutex
	values map[catalog.Value]bool
	unread []policy.File // those that were not wholly read

	naming sync.Once
	names  *near.Names
}

// namesAt gives the texts among the values, of which one may be what was meant. All values must have been added.
func (e *everywhere) namesAt() *near.Names {
	e.naming.Do(func() { e.names = namesOf(maps.Keys(e.values)) })
	return e.names
}

func (e *everywhere) add(f policy.File, facts catalog.Facts, path string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if facts.Unread {
		e.unread = append(e.unread, f)
	}
	for _, t := range facts.Targets {
		if t.Path == path {
			e.values[t.Value] = true
		}
	}
}

// collect makes the side gather what references of the scope any may lead to while every file is judged.
func (s *side) collect() error {
	defs, err := s.Definitions()
	if err != nil {
		return err
	}
	for _, d := range defs.All {
		if d.Scope == policy.ScopeAny {
			o := &once[*everywhere]{value: &everywhere{values: map[catalog.Value]bool{}}}
			o.Do(func() {})
			s.wide[d.To] = o
		}
	}
	return nil
}

// gather adds what one file offers, where collect was called.
func (s *side) gather(f policy.File, facts catalog.Facts) {
	for sel, o := range s.wide {
		if sel.Type == f.Type {
			o.value.add(f, facts, sel.Path)
		}
	}
}

// everywhere gives what all configs offer, reading the facts of those of the type where they were not collected.
func (s *side) everywhere(sel catalog.Selection) (*everywhere, error) {
	s.mu.Lock()
	o, known := s.wide[sel]
	if !known {
		o = &once[*everywhere]{}
		s.wide[sel] = o
	}
	s.mu.Unlock()
	return o.get(func() (*everywhere, error) {
		e := &everywhere{values: map[catalog.Value]bool{}}
		return e, s.scan(sel.Type, func(f policy.File, j *judged) error {
			e.add(f, j.facts, sel.Path)
			return nil
		})
	})
}

// scan judges every config and shared config of a type, by several workers, and keeps none of them.
func (s *side) scan(typ string, see func(policy.File, *judged) error) error {
	files, err := s.Find(policy.Query{Kind: policy.Config, Type: typ})
	if err != nil {
		return err
	}
	shared, err := s.Find(policy.Query{Kind: policy.Shared, Type: typ})
	if err != nil {
		return err
	}
	files = append(files, shared...)
	if err := s.expect(files); err != nil {
		return err
	}
	return parallel.Each(files, pathOf, parallel.Options{Workers: s.opts.Workers}, func(_ int, f policy.File) error {
		j, err := s.file(f)
		if err != nil {
			return err
		}
		return see(f, j)
	})
}

// gone are values that a change takes away from where others than their own customer may refer to them.
type gone map[catalog.Selection]map[catalog.Value]bool

func (g gone) add(sel catalog.Selection, v catalog.Value) {
	if g[sel] == nil {
		g[sel] = map[catalog.Value]bool{}
	}
	g[sel][v] = true
}

// referrers gives the files outside of the scope that refer to something which the change has taken away: what it breaks elsewhere.
func (j *judge) referrers(known []policy.File) ([]policy.File, error) {
	lost, err := j.gone()
	if err != nil || len(lost) == 0 {
		return nil, err
	}
	defs, err := j.head.Definitions()
	if err != nil {
		return nil, err
	}
	var types []string
	for _, d := range defs.All {
		if lost[d.To] != nil && d.Scope != policy.ScopeCustomer {
			types = append(types, d.From)
		}
	}
	return j.find(types, known, func(_ policy.File, v *judged) bool {
		return slices.ContainsFunc(v.facts.Refs, func(r catalog.Ref) bool { return r.Scope != policy.ScopeCustomer && lost[r.To][r.Value] })
	})
}

// find gives the files of some types that are not known yet and that is wants.
func (j *judge) find(types []string, known []policy.File, wants func(policy.File, *judged) bool) ([]policy.File, error) {
	in := map[string]bool{}
	for _, f := range known {
		in[f.Path] = true
	}
	var (
		mu    sync.Mutex
		found []policy.File
	)
	slices.Sort(types)
	for _, typ := range slices.Compact(types) {
		err := j.head.scan(typ, func(f policy.File, v *judged) error {
			if in[f.Path] || !wants(f, v) {
				return nil
			}
			j.head.remember(f, v)
			mu.Lock()
			defer mu.Unlock()
			found = append(found, f)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("look for what the change breaks elsewhere: %w", err)
		}
	}
	return found, nil
}

// gone compares the touched files before and after the change.
func (j *judge) gone() (gone, error) {
	lost := gone{}
	defs, err := j.head.Definitions()
	if err != nil {
		return nil, err
	}
	for path := range j.touched {
		f := j.base.Policy.Layout.Read(path)
		if f.Kind != policy.Config && f.Kind != policy.Shared || !wanted(defs, f) {
			continue
		}
		before, after, err := j.beforeAndAfter(f)
		if err != nil {
			return nil, err
		}
		if before == nil {
			continue
		}
		left := map[spotValue]bool{}
		if after != nil {
			for _, t := range after.facts.Targets {
				left[spotValue{t.Path, t.Value}] = true
			}
		}
		for _, t := range before.facts.Targets {
			if !left[spotValue{t.Path, t.Value}] {
				lost.add(catalog.Selection{Type: f.Type, Path: t.Path}, t.Value)
			}
		}
	}
	return lost, nil
}

type spotValue struct {
	path  string
	value catalog.Value
}

// wanted tells whether files of other customers may refer to a file.
func wanted(defs *catalog.Definitions, f policy.File) bool {
	return slices.ContainsFunc(defs.All, func(d catalog.Definition) bool {
		return d.To.Type == f.Type && (d.Scope == policy.ScopeAny || d.Scope == policy.ScopeShared && f.Kind == policy.Shared)
	})
}

// beforeAndAfter judges both versions of a touched file; nil for one that is not there, or is something else.
func (j *judge) beforeAndAfter(f policy.File) (before, after *judged, err error) {
	old, ok, err := j.base.stat(f.Path)
	if err == nil && ok {
		before, err = j.base.keep(old)
	}
	if err != nil {
		return nil, nil, err
	}
	now, ok, err := j.head.stat(f.Path)
	if err == nil && ok && now.Kind == f.Kind && now.Type == f.Type && now.Customer == f.Customer {
		after, err = j.head.keep(now)
	}
	return before, after, err
}
