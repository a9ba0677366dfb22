// Package compat compares two schemas by what they mean: whether one accepts everything that the other accepts.
package compat

import (
	"fmt"

	"github.com/tamerhq/tamer/internal/schema"
)

// A Direction is one of the two ways in which a change of a schema can break something.
type Direction string

const (
	Backward Direction = "backward" // the new schema refuses what the old one accepts: files break
	Forward  Direction = "forward"  // the old schema refuses what the new one accepts: readers break
)

// maxSteps bounds what one direction may cost; a step is about a microsecond.
const maxSteps = 300_000

// A Verdict says whether a direction is broken.
type Verdict struct {
	Broken  bool
	Proven  bool // else it counts as broken because nothing else could be shown
	Witness any  // what shows it, where Broken and Proven
}

// A pair is two schemas that are compared.
type pair struct {
	old, new *schema.Node
	classes  *classes
}

func newPair(a, b *schema.Schema) (*pair, error) {
	old, err := a.Tree()
	if err != nil {
		return nil, fmt.Errorf("read the old schema: %w", err)
	}
	new, err := b.Tree()
	if err != nil {
		return nil, fmt.Errorf("read the new schema: %w", err)
	}
	return &pair{old, new, newClasses(old, new)}, nil
}

// verdict tells whether to refuses something that from accepts.
func (p *pair) verdict(from, to *schema.Node) Verdict {
	s := newSolver(p.classes, maxSteps)
	r := s.solve(s.lit(from), s.lit(to).not())
	if r.status == none {
		return Verdict{Proven: true}
	}
	if r.status == found && shows(from, to, r.value) {
		return Verdict{true, true, r.value}
	}
	return Verdict{Broken: true}
}

// shows tells whether it is certain that from accepts a value and to refuses it.
func shows(from, to *schema.Node, v any) bool {
	yes, known := accepts(from, v)
	no, known2 := accepts(to, v)
	return yes && !no && known && known2
}
