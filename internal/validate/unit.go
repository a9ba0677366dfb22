package validate

import (
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
)

// A unit is the configs of one customer on one side, or all shared ones. What it has read stays in it, so it is dropped as soon as
// the customer is judged.
type unit struct {
	side     *side
	customer string // empty: the shared configs
	twin     *unit  // the same on the other side, whose work on equal files counts here too
	same     func(policy.File) bool

	mu      sync.Mutex
	listed  bool
	files   []policy.File
	done    map[string]*judged
	indexes map[string]*index
}

func newUnit(s *side, customer string) *unit {
	return &unit{side: s, customer: customer, done: map[string]*judged{}, indexes: map[string]*index{}}
}

// A fault is a finding with what later steps need to know about it.
type fault struct {
	finding.Finding
	customer string
	ref      *catalog.Ref      // of a reference that leads nowhere, or nobody knows whether it does
	targets  []*catalog.Target // of a value that nothing of its customer refers to: one for each path that selects it
	blocker  string            // the file that would have to be mended first to know; else empty
	open     bool              // it may lead to another customer
	meant    catalog.Value     // for ref: what it certainly should be; else empty
}

// An index holds what the configs of one type in one unit offer to others.
type index struct {
	files   []policy.File
	targets map[string]map[catalog.Value][]spot // by path
	unread  []policy.File                       // those that were not wholly read

	mu    sync.Mutex
	names map[string]*near.Names // the texts among the targets, by path; see namesAt
}

// namesAt gives the texts at a path among which the one that was meant may be.
func (x *index) namesAt(path string) *near.Names {
	x.mu.Lock()
	defer x.mu.Unlock()
	if names, known := x.names[path]; known {
		return names
	}
	if x.names == nil {
		x.names = map[string]*near.Names{}
	}
	x.names[path] = namesOf(maps.Keys(x.targets[path]))
	return x.names[path]
}

// namesOf gives the texts among values, but for those that are too long for names.
func namesOf(values iter.Seq[catalog.Value]) *near.Names {
	var names []string
	for v := range values {
		if text, ok := v.Text(); ok && len(text) < 200 {
			names = append(names, text)
		}
	}
	return near.NewNames(names)
}

// A spot is a target and its file.
type spot struct {
	file string
	*catalog.Target
}

// put keeps what was found out about a file, and gives what was kept first: whoever looks at the file sees the same.
func (u *unit) put(f policy.File, j *judged) *judged {
	u.mu.Lock()
	defer u.mu.Unlock()
	if first := u.done[f.Path]; first != nil {
		return first
	}
	u.done[f.Path] = j
	return j
}

func (u *unit) have(path string) *judged {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.done[path]
}

// file judges one of the unit's files, once.
func (u *unit) file(f policy.File) (*judged, error) {
	if j := u.have(f.Path); j != nil {
		return j, nil
	}
	if u.twin != nil && u.same(f) {
		if j := u.twin.have(f.Path); j != nil {
			return j, nil
		}
	}
	j, err := u.side.file(f)
	if err != nil {
		return nil, err
	}
	return u.put(f, j), nil
}

// all lists the unit's files.
func (u *unit) all() ([]policy.File, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.listed {
		return u.files, nil
	}
	q := policy.Query{Kind: policy.Config, Customer: u.customer}
	if u.customer == "" {
		q.Kind = policy.Shared
	}
	var err error
	u.files, err = u.side.Find(q)
	u.listed = err == nil
	return u.files, err
}

// ofType gives the unit's files of a type.
func (u *unit) ofType(typ string) ([]policy.File, error) {
	all, err := u.all()
	var files []policy.File
	for _, f := range all {
		if f.Type == typ {
			files = append(files, f)
		}
	}
	return files, err
}

// index gives what the unit's configs of a type offer.
func (u *unit) index(typ string) (*index, error) {
	u.mu.Lock()
	x := u.indexes[typ]
	u.mu.Unlock()
	if x != nil {
		return x, nil
	}
	files, err := u.ofType(typ)
	if err != nil {
		return nil, err
	}
	x = &index{files: files, targets: map[string]map[catalog.Value][]spot{}}
	for _, f := range files {
		j, err := u.file(f)
		if err != nil {
			return nil, err
		}
		if j.facts.Unread {
			x.unread = append(x.unread, f)
		}
		for i := range j.facts.Targets {
			t := &j.facts.Targets[i]
			if x.targets[t.Path] == nil {
				x.targets[t.Path] = map[catalog.Value][]spot{}
			}
			x.targets[t.Path][t.Value] = append(x.targets[t.Path][t.Value], spot{f.Path, t})
		}
	}
	u.mu.Lock()
	u.indexes[typ] = x
	u.mu.Unlock()
	return x, nil
}

// faults gives what is wrong with the files, which are some of the unit's: by themselves, and with one another.
func (u *unit) faults(files []policy.File) ([]fault, error) {
	var all []fault
	for _, f := range files {
		j, err := u.file(f)
		if err != nil {
			return nil, err
		}
		for _, x := range j.found {
			if x.Rule == "schema-missing" {
				if x, err = u.misnamed(f, x); err != nil {
					return nil, err
				}
			}
			all = append(all, fault{Finding: x, customer: u.customer})
		}
		lost, err := u.references(f, j)
		if err != nil {
			return nil, err
		}
		unused, err := u.unreferenced(f, j)
		if err != nil {
			return nil, err
		}
		all = append(append(all, lost...), unused...)
	}
	for _, look := range []func([]policy.File) ([]finding.Finding, error){u.duplicateTargets, u.duplicateFiles, u.namesake, u.cycles, u.conditions} {
		found, err := look(files)
		if err != nil {
			return nil, err
		}
		for _, x := range found {
			all = append(all, fault{Finding: x, customer: u.customer})
		}
	}
	return all, nil
}

// duplicateTargets finds values that references name and that stand twice.
func (u *unit) duplicateTargets(files []policy.File) ([]finding.Finding, error) {
	var found []finding.Finding
	for _, f := range files {
		j, err := u.file(f)
		if err != nil {
			return nil, err
		}
		if len(j.facts.Targets) == 0 {
			continue
		}
		x, err := u.index(f.Type)
		if err != nil {
			return nil, err
		}
		for i := range j.facts.Targets {
			t := &j.facts.Targets[i]
			first := x.targets[t.Path][t.Value][0]
			told := func(f finding.Finding) bool { return f.Rule == "unique" && f.At == t.At }
			if first.Target == t || slices.ContainsFunc(j.found, told) || found != nil && finding.Same(found[len(found)-1], duplicateTarget(f, t, first)) {
				continue
			}
			found = append(found, duplicateTarget(f, t, first))
		}
	}
	return found, nil
}

// duplicateFiles finds further files of one type, such as one in YAML and one in JSON.
func (u *unit) duplicateFiles(files []policy.File) ([]finding.Finding, error) {
	all, err := u.all()
	if err != nil {
		return nil, err
	}
	var found []finding.Finding
	first := map[string]string{}
	for _, f := range all {
		other, twice := first[f.Type]
		if !twice {
			first[f.Type] = f.Path
		} else if slices.ContainsFunc(files, func(g policy.File) bool { return g.Path == f.Path }) {
			found = append(found, duplicateFile(f, other))
		}
	}
	return found, nil
}
