package validate

import (
	"cmp"
	"slices"
	"sync"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/parallel"
	"github.com/tamerhq/tamer/internal/policy"
)

// A batch is the files of one unit that are judged.
type batch struct {
	unit  *unit
	files []policy.File
	left  int // of files that are not judged by themselves yet
}

// customers judges the files, customer by customer so that little has to be kept, and gives what is wrong now and counts what was wrong
// already in files that the change leaves alone.
func (j *judge) customers(files []policy.File) ([]fault, finding.Count, error) {
	if j.whole {
		if err := j.head.collect(); err != nil {
			return nil, finding.Count{}, err
		}
	}
	batches, order := j.batches(files)
	known, order, err := j.recallCustomers(batches, order)
	if err != nil {
		return nil, finding.Count{}, err
	}
	var all []policy.File
	var of []*batch // of each file
	for _, customer := range order {
		for _, f := range batches[customer].files {
			all, of = append(all, f), append(of, batches[customer])
		}
	}
	if err := j.head.expect(all); err != nil {
		return nil, finding.Count{}, err
	}
	var (
		mu       sync.Mutex
		now      = known
		existing finding.Count
	)
	err = parallel.Each(all, pathOf, parallel.Options{Workers: j.opts.Workers, Progress: j.opts.Progress}, func(i int, f policy.File) error {
		b := of[i]
		v, err := b.unit.file(f)
		if err != nil {
			return err
		}
		if j.whole {
			j.head.gather(f, v.facts)
		}
		mu.Lock()
		b.left--
		last := b.left == 0
		mu.Unlock()
		if !last {
			return nil
		}
		faults, before, err := j.customer(b)
		if err == nil {
			j.keepCustomer(b, faults)
		}
		mu.Lock()
		defer mu.Unlock()
		now, existing = append(now, faults...), existing.Plus(before)
		b.unit = nil
		return err
	})
	if err != nil {
		return nil, existing, err
	}
	return j.elsewhere(now, existing)
}

// batches sorts the files by customer.
func (j *judge) batches(files []policy.File) (map[string]*batch, []string) {
	batches := map[string]*batch{}
	var order []string
	for _, f := range files {
		b := batches[f.Customer]
		if b == nil {
			b = &batch{unit: newUnit(j.head, f.Customer)}
			if f.Kind == policy.Shared {
				b.unit = j.head.shared
			}
			batches[f.Customer] = b
			order = append(order, f.Customer)
		}
		b.files = append(b.files, f)
		b.left++
	}
	slices.Sort(order)
	return batches, order
}

// customer judges one customer, whose files have been judged by themselves.
func (j *judge) customer(b *batch) (now []fault, existing finding.Count, err error) {
	slices.SortFunc(b.files, func(a, b policy.File) int { return cmp.Compare(a.Path, b.Path) })
	faults, err := b.unit.faults(b.files)
	if err != nil || len(faults) == 0 || j.base == nil {
		return faults, existing, err
	}
	var old []policy.File // files of the base in which something may have been wrong already
	alone := map[string]bool{}
	for _, f := range faults {
		if read := j.head.Policy.Layout.Read(f.File); !j.isTouched(f.File) && j.readBefore(read) && !alone[f.File] {
			alone[f.File] = true
		}
	}
	if len(alone) == 0 {
		return faults, existing, nil
	}
	before := j.baseUnit(b.unit)
	all, err := before.all()
	if err != nil {
		return nil, existing, err
	}
	for _, f := range all {
		if alone[f.Path] {
			old = append(old, f)
		}
	}
	was, err := before.faults(old)
	if err != nil {
		return nil, existing, err
	}
	for _, f := range faults {
		old := false
		if alone[f.File] && !f.open { // what is open is settled later
			if old, err = j.base.had(was, f); err != nil {
				return nil, existing, err
			}
		}
		if old {
			existing.Add(j.level(f.Finding))
		} else {
			now = append(now, f)
		}
	}
	return now, existing, nil
}

// had tells whether a fault is among those of the side.
func (s *side) had(was []fault, f fault) (bool, error) {
	for i := range was {
		w := &was[i]
		if !finding.Same(w.Finding, f.Finding) {
			continue
		}
		if !w.open {
			return true, nil
		}
		if stays, err := s.settle(w); err != nil || stays {
			return true, err
		}
	}
	return false, nil
}

// baseUnit gives the same customer before the change.
func (j *judge) baseUnit(u *unit) *unit {
	if u.customer == "" {
		return j.base.shared
	}
	before := newUnit(j.base, u.customer)
	before.twin, before.same = u, j.same
	return before
}

// elsewhere settles what depends on other customers: references that may lead to them, and values to which they may refer.
func (j *judge) elsewhere(faults []fault, existing finding.Count) ([]fault, finding.Count, error) {
	var now []fault
	was := map[string][]fault{} // by path
	guessed := map[string]int{} // by path
	for _, f := range faults {
		if !f.open {
			now = append(now, f)
			continue
		}
		stays, err := j.head.settle(&f)
		if err != nil {
			return nil, existing, err
		}
		if !stays {
			continue
		}
		before, known := was[f.File]
		if !known {
			if before, err = j.faultsBefore(f.File); err != nil {
				return nil, existing, err
			}
			was[f.File] = before
		}
		old, err := j.base.had(before, f)
		if err != nil {
			return nil, existing, err
		}
		if old {
			existing.Add(j.level(f.Finding))
			continue
		}
		if f.ref != nil && f.blocker == "" && guessed[f.File] < maxGuessed {
			guessed[f.File]++
			if err := j.head.suggest(&f); err != nil {
				return nil, existing, err
			}
		}
		now = append(now, f)
	}
	return now, existing, nil
}

// suggest adds to a reference that leads nowhere what was likely meant, of all that any customer has.
func (s *side) suggest(f *fault) error {
	e, err := s.everywhere(f.ref.To)
	if err == nil {
		f.suggest(func(v catalog.Value) bool { return e.values[v] }, e.namesAt().Nearest(f.ref.Value.Bare()))
	}
	return err
}

// settle tells whether a fault stays one after a look at all other customers.
func (s *side) settle(f *fault) (bool, error) {
	if f.targets != nil {
		used, err := s.usedElsewhere(f)
		return !used, err
	}
	e, err := s.everywhere(f.ref.To)
	if err != nil || e.values[f.ref.Value] {
		return false, err
	}
	if f.blocker == "" {
		if f.blocker = s.blocker(e.unread, f.ref.To.Path, f.ref.Value); f.blocker != "" {
			lookUp{blocker: f.blocker}.explain(f, nil, false)
		}
	}
	return true, nil
}

// faultsBefore gives the faults with other files that one had before the change, if the change leaves it alone.
func (j *judge) faultsBefore(name string) ([]fault, error) {
	if j.base == nil || j.isTouched(name) || !j.readBefore(j.head.Policy.Layout.Read(name)) {
		return nil, nil
	}
	old, ok, err := j.base.stat(name)
	if err != nil || !ok {
		return nil, err
	}
	u := newUnit(j.base, old.Customer)
	if old.Kind == policy.Shared {
		u = j.base.shared
	}
	v, err := u.file(old)
	if err != nil {
		return nil, err
	}
	was, err := u.references(old, v)
	if err != nil {
		return nil, err
	}
	unused, err := u.unreferenced(old, v)
	return append(was, unused...), err
}
