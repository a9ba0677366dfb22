package compat

import (
	"fmt"

	"github.com/tamerhq/tamer/internal/schema"
)

// Beyond looks for a value that a schema accepts and none of others does: Broken, Proven and Witness of the verdict say whether there
// is one, as for a direction of Compare. The error says that one of the schemas cannot be read.
func Beyond(s *schema.Schema, others ...*schema.Schema) (Verdict, error) {
	var nodes []*schema.Node
	for _, one := range append([]*schema.Schema{s}, others...) {
		n, err := one.Tree()
		if err != nil {
			return Verdict{}, fmt.Errorf("read a schema: %w", err)
		}
		nodes = append(nodes, n)
	}
	solver := newSolver(newClasses(nodes...), maxSteps)
	goal := []lit{solver.lit(nodes[0])}
	for _, n := range nodes[1:] {
		goal = append(goal, solver.lit(n).not())
	}
	r := solver.solve(goal...)
	if r.status == none {
		return Verdict{Proven: true}, nil
	}
	shown := r.status == found
	for _, n := range nodes[1:] {
		shown = shown && shows(nodes[0], n, r.value)
	}
	if shown {
		return Verdict{Broken: true, Proven: true, Witness: r.value}, nil
	}
	return Verdict{Broken: true, Why: solver.reason()}, nil
}
