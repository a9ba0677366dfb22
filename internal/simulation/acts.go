package simulation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
)

// What files may hold.
const (
	policyFile = ".tamer.yaml"
	planSchema = "schemas/plan.schema.json"

	policyText   = "governance: {request-reviews: true, regular-editors: {teams: [editors]}}\n"
	easyText     = "governance: {request-reviews: true, regular-editors: {teams: [editors]}, new-type: {approvals: 1, regular-editors: 0}}\n"
	strictText   = "governance: {regular-editors: {teams: [editors]}, new-type: {approvals: 3}}\n"
	unseen       = "deploy: {previews: {branches: false, commits: false}}\n" // previews cost the most
	homeText     = "deploy: {branch: main}\n"
	brokenPolicy = "governanc: {}\n"
	planText     = `{"type":"object","required":["name"]}`
	sizedText    = `{"type":"object","required":["name","size"]}`
)

var customers = []string{"acme", "beta", "corp"}

// first are the files that a history begins with.
func first() map[string]string {
	files := map[string]string{policyFile: policyText, planSchema: planText}
	for _, c := range customers {
		files[planOf(c)] = "name: " + c + "\n"
	}
	return files
}

func planOf(customer string) string { return "customers/" + customer + "/plan.yaml" }

// An act is something that a person does; it tells what, and is empty where there was nothing to do it to.
type act struct {
	weights [themes]int
	do      func(r *run) string
}

// What a history is mostly about.
const (
	everything = iota
	gates
	deploys
	overrides // of gates, and what makes them void
	bases     // that move below pull requests
	previews
	themes // how many
)

// played says how often each theme is.
var played = []int{everything, everything, everything, gates, gates, deploys, deploys, deploys, overrides, bases, previews}

var acts = []act{
	{[themes]int{10, 10, 2, 14, 6, 20}, (*run).pushes}, {[themes]int{8, 3, 3, 3, 6, 6}, (*run).opens}, {[themes]int{8, 2, 8, 2, 4, 4}, (*run).merges},
	{[themes]int{4, 1, 12, 1, 20, 4}, (*run).pushesToTrunk}, {[themes]int{4, 3, 0, 4, 2, 4}, (*run).forcePushes},
	{[themes]int{10, 40, 0, 6, 2, 0}, (*run).reviews}, {[themes]int{2, 3, 0, 0, 0, 0}, (*run).dismisses},
	{[themes]int{3, 6, 0, 12, 4, 0}, (*run).retargets}, {[themes]int{6, 8, 8, 36, 2, 6}, (*run).comments},
	{[themes]int{2, 3, 0, 12, 0, 0}, (*run).altersComment}, {[themes]int{2, 1, 0, 1, 2, 2}, (*run).closes}, {[themes]int{2, 1, 0, 1, 2, 2}, (*run).reopens},
	{[themes]int{3, 2, 2, 2, 2, 0}, (*run).reruns}, {[themes]int{2, 0, 0, 0, 0, 0}, (*run).presses}, {[themes]int{1, 0, 1, 0, 1, 4}, (*run).deletesBranch},
	{[themes]int{2, 0, 4, 0, 2, 0}, (*run).rewritesTrunk}, {[themes]int{1, 0, 3, 0, 0, 0}, (*run).losesTrunk}, {[themes]int{2, 2, 0, 1, 2, 0}, (*run).queues},
	{[themes]int{2, 4, 0, 2, 3, 2}, (*run).updatesBranch},
}

// act has somebody do something.
func (r *run) act() string {
	for range 50 {
		if r.git.full() {
			return ""
		}
		n := r.rng.IntN(weightOf(r.theme))
		for _, a := range acts {
			if n -= a.weights[r.theme]; n < 0 {
				if told := a.do(r); told != "" {
					return told
				}
				break
			}
		}
	}
	return ""
}

func weightOf(theme int) (n int) {
	for _, a := range acts {
		n += a.weights[theme]
	}
	return n
}

// pick gives one of them; the zero value of none.
func pick[T any](r *run, all []T) (one T) {
	if len(all) == 0 {
		return one
	}
	return all[r.rng.IntN(len(all))]
}

// someOpen gives an open pull request; nil where there is none.
func (r *run) someOpen() *pull {
	return pick(r, slices.DeleteFunc(slices.Clone(r.hub.pulls), func(p *pull) bool { return !p.Open }))
}

// someBranch gives a branch that is neither deployed nor GitHub's own.
func (r *run) someBranch() string {
	return pick(r, slices.DeleteFunc(slices.Sorted(maps.Keys(r.hub.branches)), func(b string) bool {
		return b == trunk || b == home || strings.HasPrefix(b, forge.MergeQueuePrefix)
	}))
}

// edit gives what somebody changes.
func (r *run) edit() map[string]string {
	r.edits++
	name := planOf(pick(r, customers))
	n := r.rng.IntN(20)
	switch {
	case (r.theme == gates || r.theme == overrides) && r.rng.IntN(2) == 0:
		n = 16
	case r.theme == bases:
		n = 9 + n%7 // what a schema can break, and schemas
	}
	switch {
	case n < 9:
		return map[string]string{name: fmt.Sprintf("name: v%d\nsize: 1\n", r.edits%7)}
	case n < 12:
		return map[string]string{name: fmt.Sprintf("name: v%d\n", r.edits%7)}
	case n < 14:
		return map[string]string{name: fmt.Sprintf("nome: v%d\n", r.edits%7)}
	case n < 15:
		return map[string]string{planSchema: sizedText}
	case n < 16:
		return map[string]string{planSchema: planText}
	case n < 18:
		return map[string]string{fmt.Sprintf("schemas/type%d.schema.json", r.edits%2): fmt.Sprintf(`{"type":"object","title":"%d"}`, r.edits%3)}
	case n < 19:
		return map[string]string{policyFile: pick(r, []string{policyText, strictText, brokenPolicy})}
	}
	return map[string]string{name: ""}
}

// change makes a commit with an edit, on top of another one.
func (r *run) change(on forge.Commit, by forge.User) forge.Commit {
	t := r.git.byName[on].tree.with(r.edit())
	if len(t.files) == 0 {
		t = r.git.byName[on].tree
	}
	return r.git.commit(t, by, r.hub.second(), on)
}

func (r *run) pushes() string {
	by := pick(r, writers)
	if p := r.someOpen(); p != nil && p.Fork {
		r.hub.forks[p.HeadBranch] = r.change(r.hub.forks[p.HeadBranch], eve)
		r.hub.follow(p)
		return "eve pushes to her fork"
	}
	b := r.someBranch()
	if b == "" {
		return ""
	}
	r.hub.move(b, r.change(r.hub.branches[b], pick(r, []forge.User{by, by, pick(r, writers)})), by) // maybe in somebody else's name
	return by.Login + " pushes to " + b
}

func (r *run) pushesToTrunk() string {
	if r.hub.branches[trunk] == "" {
		return ""
	}
	by := pick(r, writers)
	r.hub.move(trunk, r.change(r.hub.branches[trunk], by), by)
	return by.Login + " pushes to " + trunk
}

func (r *run) forcePushes() string {
	b := r.someBranch()
	if b == "" || r.hub.branches[trunk] == "" {
		return ""
	}
	by := pick(r, writers)
	from := r.hub.branches[trunk]
	if parents := r.git.byName[r.hub.branches[b]].parents; r.rng.IntN(2) == 0 && len(parents) > 0 {
		from = parents[0]
	}
	r.hub.move(b, r.change(from, by), by)
	return by.Login + " force-pushes " + b
}

func (r *run) deletesBranch() string {
	b := r.someBranch()
	if b == "" {
		return ""
	}
	r.hub.move(b, "", anna)
	return "deleted is " + b
}

func (r *run) rewritesTrunk() string {
	tip := r.hub.branches[trunk]
	if tip == "" || len(r.git.byName[tip].parents) == 0 {
		return ""
	}
	to := r.git.byName[tip].parents[0]
	if r.rng.IntN(2) == 0 {
		to = r.change(to, anna)
	}
	r.hub.move(trunk, to, anna)
	return "rewritten is " + trunk
}

// losesTrunk deletes the deploy branch, or pushes it anew. GitHub does not let the default branch go.
func (r *run) losesTrunk() string {
	if r.hub.home == trunk {
		return ""
	}
	if tip := r.hub.branches[trunk]; tip != "" {
		r.lastTrunk = tip
		r.hub.move(trunk, "", anna)
		return "deleted is " + trunk
	}
	r.hub.move(trunk, r.lastTrunk, anna)
	return "back is " + trunk
}
