package validate

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/policy"
)

// An item is what refers, or is referred to: the part of a document that a path's last * stands for.
type item struct {
	file    string
	doc     int
	pointer string
}

func (a item) compare(b item) int {
	return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.doc, b.doc), cmp.Compare(a.pointer, b.pointer))
}

// An edge is one reference, from one item to another of the same unit.
type edge struct {
	to   item
	ref  *catalog.Ref
	file string
}

// A graph is the references of one unit that must not lead back.
type graph struct{ edges map[item][]edge }

// add adds the references of one file that stay in its unit: those from a customer to a shared config never come back.
func (g graph) add(u *unit, f policy.File, j *judged) error {
	defs, err := u.side.Definitions()
	if err != nil {
		return err
	}
	for i := range j.facts.Refs {
		ref := &j.facts.Refs[i]
		if !ref.Acyclic || u.customer != "" && ref.Scope == policy.ScopeShared {
			continue
		}
		x, err := u.index(ref.To.Type)
		if err != nil {
			return err
		}
		from := item{f.Path, ref.Doc, defs.Of(f.Type).Item(ref.Pointer)}
		for _, t := range x.targets[ref.To.Path][ref.Value] {
			to := item{t.file, t.Doc, defs.Of(ref.To.Type).Item(t.Pointer)}
			g.edges[from] = append(g.edges[from], edge{to, ref, f.Path})
		}
	}
	return nil
}

// findings gives one for each group of items that lead to one another, at its first reference.
func (g graph) findings() []finding.Finding {
	var found []finding.Finding
	for _, group := range g.circles() {
		within := map[item]bool{}
		for _, i := range group {
			within[i] = true
		}
		var edges []edge
		for _, i := range group {
			for _, e := range g.edges[i] {
				if within[e.to] {
					edges = append(edges, e)
				}
			}
		}
		slices.SortFunc(edges, func(a, b edge) int {
			return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.ref.At.Start.Line, b.ref.At.Start.Line), cmp.Compare(a.ref.At.Start.Column, b.ref.At.Start.Column))
		})
		found = append(found, cycle(edges))
	}
	return found
}

func cycle(edges []edge) finding.Finding {
	first := edges[0]
	all := sha256.New()
	for _, e := range edges {
		fmt.Fprintf(all, "%q %q\n", e.file, string(e.ref.Value))
	}
	f := finding.Finding{Rule: "reference-cycle", Level: finding.Failure, File: first.file, At: first.ref.At, Pointer: first.ref.Pointer,
		Cause:   hex.EncodeToString(all.Sum(nil)), // a circle that another file comes into is another one
		Message: fmt.Sprintf("this reference to %s leads back to where it stands", first.ref.Value),
		Fix:     "take out one of the references of the circle"}
	for _, e := range edges[1:] {
		f.Related = append(f.Related, finding.Related{File: e.file, At: e.ref.At, Message: fmt.Sprintf("the reference to %s is part of the circle", e.ref.Value)})
	}
	return f
}

// circles gives the groups of items each of which leads to all others of its group, or to itself.
// Source: R. Tarjan, Depth-first search and linear graph algorithms, 1972; without recursion, for a chain may be long.
func (g graph) circles() [][]item {
	type frame struct {
		at   item
		next int
	}
	var (
		groups      [][]item
		stack       []item
		number, low = map[item]int{}, map[item]int{}
		onStack     = map[item]bool{}
		count       = 0
		start       = slices.SortedFunc(maps.Keys(g.edges), item.compare)
	)
	for _, root := range start {
		if number[root] > 0 {
			continue
		}
		calls := []frame{{at: root}}
		for len(calls) > 0 {
			c := &calls[len(calls)-1]
			if c.next == 0 && number[c.at] == 0 {
				count++
				number[c.at], low[c.at] = count, count
				stack, onStack[c.at] = append(stack, c.at), true
			}
			if c.next < len(g.edges[c.at]) {
				to := g.edges[c.at][c.next].to
				c.next++
				if number[to] == 0 {
					calls = append(calls, frame{at: to})
				} else if onStack[to] {
					low[c.at] = min(low[c.at], number[to])
				}
				continue
			}
			done := *c
			calls = calls[:len(calls)-1]
			if len(calls) > 0 {
				above := calls[len(calls)-1].at
				low[above] = min(low[above], low[done.at])
			}
			if low[done.at] < number[done.at] {
				continue
			}
			from := len(stack) - 1
			for stack[from] != done.at {
				from--
			}
			group := slices.Clone(stack[from:])
			stack = stack[:from]
			for _, i := range group {
				onStack[i] = false
			}
			self := slices.ContainsFunc(g.edges[done.at], func(e edge) bool { return e.to == done.at })
			if len(group) > 1 || self {
				groups = append(groups, group)
			}
		}
	}
	return groups
}
