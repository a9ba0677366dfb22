// Package compat compares two schemas by what they mean: whether one accepts everything that the other accepts, and what
// shows it where it does not.
package compat

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/tamerhq/tamer/internal/schema"
)

// A Direction is one of the two ways in which a change of a schema can break something.
type Direction string

const (
	Backward Direction = "backward" // the new schema refuses what the old one accepts: files break
	Forward  Direction = "forward"  // the old schema refuses what the new one accepts: readers break
)

// A Compatibility says in which directions a change breaks nothing.
type Compatibility string

const (
	Identical    Compatibility = "identical" // there is no change
	Full         Compatibility = "full"      // both accept the same
	OnlyBackward Compatibility = "backward"  // the new schema accepts all that the old one accepts
	OnlyForward  Compatibility = "forward"   // the old schema accepts all that the new one accepts
	None         Compatibility = "none"
)

// A Report is what differs between two schemas.
type Report struct {
	Compatibility Compatibility
	Changes       []Change
}

// Breaks tells whether a direction is broken.
func (r Report) Breaks(d Direction) bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return slices.Contains(c.Breaks, d) })
}

// A Change is one thing that differs.
type Change struct {
	Path    string // JSON Pointer as a fragment, such as #/properties/x; into the old schema for what is gone
	File    string // the file that Path is in
	Kind    string // a keyword and what became of it, such as maxLength-changed
	Breaks  []Direction
	Message string
	// Witnesses are values that one schema accepts and the other refuses. A direction of Breaks without one is not proven to
	// be broken: it is only not proven that it is not.
	Witnesses map[Direction]any
	unsure    []Direction // which this change may break or not
}

// Bounds on steps of the search, each of which is some microseconds: for one direction, for what one change does to it, and
// for all changes together.
const (
	maxSteps       = 60_000
	maxChangeSteps = 5_000
	maxAllSteps    = 120_000
)

// Compare compares two schemas. A direction is called whole only where that is proven. The error says that one of them
// cannot be read.
func Compare(old, new *schema.Schema) (Report, error) { return NewBudget(MaxTime).Compare(old, new) }

// Compare is Compare within what is left of the budget.
func (b *Budget) Compare(old, new *schema.Schema) (Report, error) {
	defer b.start()()
	p, err := newPair(old, new, b)
	if err != nil {
		return Report{}, err
	}
	if reflect.DeepEqual(old.Contents(), new.Contents()) {
		return Report{Compatibility: Identical}, nil
	}
	verdicts := map[Direction]Verdict{Backward: p.verdict(Backward), Forward: p.verdict(Forward)}
	d := differ{pair: p, verdicts: verdicts, met: map[[2]*schema.Node]int{}, left: maxAllSteps}
	d.walk(p.old, p.new, root)
	d.finish()
	return Report{compatibility(verdicts), d.changes}, nil
}

func compatibility(v map[Direction]Verdict) Compatibility {
	switch {
	case !v[Backward].Broken && !v[Forward].Broken:
		return Full
	case !v[Backward].Broken:
		return OnlyBackward
	case !v[Forward].Broken:
		return OnlyForward
	}
	return None
}

// A Verdict says whether a direction is broken.
type Verdict struct {
	Broken  bool
	Proven  bool // else it counts as broken because nothing else could be shown
	Witness any  // what shows it, where Broken and Proven
	Why     string
}

// A pair is two schemas that are compared.
type pair struct {
	old, new *schema.Node
	solver   *solver
}

func newPair(a, b *schema.Schema, within *Budget) (*pair, error) {
	old, err := a.Tree()
	if err != nil {
		return nil, fmt.Errorf("read the old schema: %w", err)
	}
	new, err := b.Tree()
	if err != nil {
		return nil, fmt.Errorf("read the new schema: %w", err)
	}
	return &pair{old, new, newSolver(newClasses(within, old, new), maxSteps, within)}, nil
}

// sides gives the schema that accepts what shows that a direction is broken, and the one that refuses it.
func (p *pair) sides(d Direction) (from, to *schema.Node) {
	if d == Backward {
		return p.old, p.new
	}
	return p.new, p.old
}

// verdict judges a direction.
func (p *pair) verdict(d Direction) Verdict {
	from, to := p.sides(d)
	s := p.solver
	s.refill(maxSteps)
	r := s.solve(s.lit(from), s.lit(to).not())
	if r.status == none {
		return Verdict{Proven: true}
	}
	if r.status == found && shows(from, to, r.value) {
		return Verdict{Broken: true, Proven: true, Witness: r.value}
	}
	why := s.reason()
	if w, ok := p.guess(from, to, r.value); ok {
		return Verdict{Broken: true, Proven: true, Witness: w}
	}
	return Verdict{Broken: true, Why: why}
}

// shows tells whether it is certain that from accepts a value and to refuses it.
func shows(from, to *schema.Node, v any) bool {
	yes, known := accepts(from, v)
	no, known2 := accepts(to, v)
	return yes && !no && known && known2
}
