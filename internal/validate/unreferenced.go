package validate

import (
	"fmt"
	"slices"
	"sync"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/rule"
)

// looksFor tells whether the policy wants findings of a rule.
func (s *side) looksFor(id string) bool {
	r, _ := rule.ByID(id)
	return s.Policy.Level(id, r.Default()) != policy.Off
}

// unreferenced gives the values of a file that others may refer to, and nothing of the same customer does.
func (u *unit) unreferenced(f policy.File, j *judged) ([]fault, error) {
	if len(j.facts.Targets) == 0 || !u.side.looksFor("unreferenced") {
		return nil, nil
	}
	used, err := u.used(f.Type)
	if err != nil {
		return nil, err
	}
	defs, err := u.side.Definitions()
	if err != nil {
		return nil, err
	}
	open := wanted(defs, f)
	var found []fault
	for _, spot := range bySpot(j.facts.Targets) {
		if slices.ContainsFunc(spot, func(t *catalog.Target) bool { return used[catalog.Selection{Type: f.Type, Path: t.Path}][t.Value] }) {
			continue
		}
		t := spot[0]
		found = append(found, fault{customer: u.customer, targets: spot, open: open, Finding: finding.Finding{
			Rule: "unreferenced", Level: finding.Warning, File: f.Path, At: t.At, Pointer: t.Pointer,
			Message: fmt.Sprintf("nothing refers to %s", t.Value), Fix: "remove it, or refer to it where it is needed"}})
	}
	return found, nil
}

// bySpot gives together the targets that are the same value at the same place, which several paths select; in the order of the first.
func bySpot(targets []catalog.Target) [][]*catalog.Target {
	type place struct {
		pointer string
		doc     int
		at      finding.Span
		value   catalog.Value
	}
	var spots [][]*catalog.Target
	index := map[place]int{}
	for i := range targets {
		t := &targets[i]
		p := place{t.Pointer, t.Doc, t.At, t.Value}
		at, again := index[p]
		if !again {
			at = len(spots)
			index[p], spots = at, append(spots, nil)
		}
		spots[at] = append(spots[at], t)
	}
	return spots
}

// used gives what the unit's own files refer to in configs of a type, where they may mean their own.
func (u *unit) used(typ string) (map[catalog.Selection]map[catalog.Value]bool, error) {
	defs, err := u.side.Definitions()
	if err != nil {
		return nil, err
	}
	used := map[catalog.Selection]map[catalog.Value]bool{}
	seen := map[string]bool{}
	for _, d := range defs.All {
		if d.To.Type != typ || seen[d.From] {
			continue
		}
		seen[d.From] = true
		files, err := u.ofType(d.From)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			j, err := u.file(f)
			if err != nil {
				return nil, err
			}
			for _, r := range j.facts.Refs {
				if r.Scope == policy.ScopeShared && u.customer != "" {
					continue
				}
				if used[r.To] == nil {
					used[r.To] = map[catalog.Value]bool{}
				}
				used[r.To][r.Value] = true
			}
		}
	}
	return used, nil
}

// A usage is what references that may lead beyond their customer name.
type usage struct {
	mu     sync.Mutex
	shared map[catalog.Value]bool // by the scopes shared and any: what they name of shared configs
	any    map[catalog.Value]bool // by the scope any
}

// usage reads the facts of all files that may refer to a selection.
func (s *side) usage(sel catalog.Selection) (*usage, error) {
	s.mu.Lock()
	o, known := s.uses[sel]
	if !known {
		o = &once[*usage]{}
		s.uses[sel] = o
	}
	s.mu.Unlock()
	return o.get(func() (*usage, error) {
		u := &usage{shared: map[catalog.Value]bool{}, any: map[catalog.Value]bool{}}
		defs, err := s.Definitions()
		if err != nil {
			return nil, err
		}
		var types []string
		for _, d := range defs.All {
			if d.To == sel && d.Scope != policy.ScopeCustomer {
				types = append(types, d.From)
			}
		}
		slices.Sort(types)
		for _, typ := range slices.Compact(types) {
			err := s.scan(typ, func(_ policy.File, j *judged) error {
				u.mu.Lock()
				defer u.mu.Unlock()
				for _, r := range j.facts.Refs {
					if r.To == sel && r.Scope != policy.ScopeCustomer {
						u.shared[r.Value] = true
						u.any[r.Value] = u.any[r.Value] || r.Scope == policy.ScopeAny
					}
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
		return u, nil
	})
}

// usedElsewhere tells whether another customer refers to a value of one, or anybody to one of a shared config.
func (s *side) usedElsewhere(f *fault) (bool, error) {
	typ := s.Policy.Layout.Read(f.File).Type
	for _, t := range f.targets {
		u, err := s.usage(catalog.Selection{Type: typ, Path: t.Path})
		if err != nil {
			return false, err
		}
		if u.any[t.Value] || f.customer == "" && u.shared[t.Value] {
			return true, nil
		}
	}
	return false, nil
}

// forsaken gives the files outside of the scope that hold something to which the change refers no more.
func (j *judge) forsaken(known []policy.File) ([]policy.File, error) {
	if !j.head.looksFor("unreferenced") {
		return nil, nil
	}
	lost := gone{}
	for path := range j.touched {
		f, ok, err := j.base.stat(path)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		before, err := j.base.keep(f)
		if err != nil {
			return nil, err
		}
		for _, r := range before.facts.Refs {
			if r.Scope != policy.ScopeCustomer {
				lost.add(r.To, r.Value)
			}
		}
	}
	var types []string
	for sel := range lost {
		types = append(types, sel.Type)
	}
	return j.find(types, known, func(f policy.File, v *judged) bool {
		return slices.ContainsFunc(v.facts.Targets, func(t catalog.Target) bool {
			return lost[catalog.Selection{Type: f.Type, Path: t.Path}][t.Value]
		})
	})
}
