package compat

import (
	"fmt"

	"github.com/tamerhq/tamer/internal/schema"
)

// Beyond looks for a value that a schema accepts and none of others does: Broken, Proven and Witness of the verdict say whether there
// is one, as for a direction of Compare. The error says that one of the schemas cannot be read.
func (b *Budget) Beyond(s *schema.Schema, others ...*schema.Schema) (Verdict, error) {
	var nodes []*schema.Node
	for _, one := range append([]*schema.Schema{s}, others...) {
		n, err := one.Tree()
		if err != nil {
			return Verdict{}, fmt.Errorf("read a schema: %w", err)
		}
		nodes = append(nodes, n)
	}
	return b.Searcher(nodes...).Search(nodes[:1], nodes[1:]), nil
}

// A Searcher looks for values in the same schemas again and again, and remembers what it has found out. It is not safe for concurrent use.
type Searcher struct{ solver *solver }

// Searcher begins to look for values in some schemas, and in others that are made of them.
func (b *Budget) Searcher(of ...*schema.Node) *Searcher {
	defer b.start()()
	return &Searcher{newSolver(newClasses(b, of...), maxSteps, b)}
}

// Search looks for a value that each of some nodes accepts and none of others does. Its verdict is that of Beyond.
func (s *Searcher) Search(all, refuse []*schema.Node) Verdict {
	defer s.solver.budget.start()()
	s.solver.refill(maxSteps)
	var goal []lit
	for _, n := range all {
		goal = append(goal, s.solver.lit(n))
	}
	for _, n := range refuse {
		goal = append(goal, s.solver.lit(n).not())
	}
	r := s.solver.solve(goal...)
	if r.status == none {
		return Verdict{Proven: true}
	}
	shown := r.status == found
	for _, n := range all {
		yes, known := accepts(n, r.value)
		shown = shown && yes && known
	}
	for _, n := range refuse {
		yes, known := accepts(n, r.value)
		shown = shown && !yes && known
	}
	if shown {
		return Verdict{Broken: true, Proven: true, Witness: r.value}
	}
	return Verdict{Broken: true, Why: s.solver.reason()}
}
