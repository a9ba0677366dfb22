package flow_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

const (
	planSchema = "schemas/plan.schema.json"
	acmePlan   = "customers/acme/plan.yaml"
	betaPlan   = "customers/beta/plan.yaml"
)

// plans is a repository with one type and two customers.
func plans() map[string]string {
	return map[string]string{
		planSchema: `{"type":"object","required":["name"],"properties":{"list":{"items":{"type":"integer"}}}}`,
		acmePlan:   "name: Acme\n",
		betaPlan:   "name: Beta\n",
	}
}

// wrong is a plan with n faults.
func wrong(n int) string { return "name: Acme\nlist:\n" + strings.Repeat("  - x\n", n) }

// How a pull request ends: with the conclusion, or without a check run where it is empty. None is green that was not judged.
func TestPullRequest(t *testing.T) {
	for name, c := range map[string]struct {
		arrange    func(h *hub, main forge.Commit)
		conclusion forge.Conclusion
		says       string // in what the check run shows
		state      work.State
	}{
		"valid":   {func(h *hub, main forge.Commit) { h.commit("change", main, map[string]string{acmePlan: "name: A\n"}) }, forge.Success, "1 customer", ""},
		"invalid": {func(h *hub, main forge.Commit) { h.commit("change", main, map[string]string{acmePlan: "nome: A\n"}) }, forge.Failed, "1 failure", ""},
		"valid alone, invalid when merged": {func(h *hub, main forge.Commit) {
			h.commit("change", main, map[string]string{"customers/new/plan.yaml": "name: N\n"})
			h.commit("main", main, map[string]string{planSchema: `{"required":["limit"]}`})
		}, forge.Failed, "1 failure", ""},
		"conflict": {func(h *hub, main forge.Commit) {
			h.commit("change", main, map[string]string{acmePlan: "name: A\n"})
			h.commit("main", main, map[string]string{acmePlan: "name: B\n"})
		}, forge.Failed, "conflicts with main", ""},
		"base branch missing": {func(h *hub, main forge.Commit) {
			h.commit("change", main, map[string]string{acmePlan: "name: A\n"})
			delete(h.heads.Tips, "main")
		}, forge.Failed, `the branch "main"`, ""},
		"no common history": {func(h *hub, main forge.Commit) { h.commit("change", "", plans()) }, forge.Failed, "start a new branch from main", ""},
		"tree that git refuses": {func(h *hub, main forge.Commit) {
			c := h.commit("change", main, map[string]string{acmePlan: "name: A\n"})
			h.broken[forge.Tree(fmt.Sprintf("merge of %s and %s", main, c))] = work.Permanent(errors.New("a name stands twice in one tree"))
		}, forge.Failed, "a name stands twice", ""},
		"closed": {func(h *hub, main forge.Commit) {
			h.commit("change", main, map[string]string{acmePlan: "nome: A\n"})
			h.pulls[1] = forge.PullRequest{Number: 1, BaseBranch: "main", HeadBranch: "change", Head: h.heads.Tips["change"]}
		}, "", "", "closed"},
		"gone": {func(h *hub, main forge.Commit) {
			h.commit("change", main, map[string]string{acmePlan: "nome: A\n"})
			h.pulls[1] = forge.PullRequest{Number: 0}
		}, "", "", "gone"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHub()
			c.arrange(h, h.commit("main", "", plans()))
			head := h.heads.Tips["change"]
			switch pr, there := h.pulls[1]; {
			case !there:
				h.open(1, "change")
			case pr.Number == 0:
				delete(h.pulls, 1)
			}
			if err := h.work(t, pullKey(1)); err != nil {
				t.Fatal(err)
			}
			run := h.newest(head, flow.ValidateCheck)
			if shown := run.Title + run.Summary + run.Text; run.Conclusion != c.conclusion || !strings.Contains(shown, c.says) {
				t.Errorf("%q, want %q; it shows %s", run.Conclusion, c.conclusion, shown)
			}
			if c.state != "" && (h.states[pullKey(1)] != c.state || h.effects > 0) {
				t.Errorf("state %q after %d effects, want %q after none", h.states[pullKey(1)], h.effects, c.state)
			}
			before := h.effects
			if err := h.work(t, pullKey(1)); err != nil || h.effects != before {
				t.Errorf("seen again: %v, %d more effects", err, h.effects-before)
			}
		})
	}
}

// Cut off at any effect, before it or with its answer lost, and worked on again: one check run, each annotation once, one comment.
func TestPullRequestReplayed(t *testing.T) {
	for _, lost := range []bool{false, true} {
		for n := 1; ; n++ {
			h := newHub()
			main := h.commit("main", "", plans())
			h.commit("change", main, map[string]string{acmePlan: wrong(120)})
			head := h.open(1, "change")
			h.failAt, h.lost = n, lost
			if !h.finish(t, pullKey(1)) {
				if n != 6 { // created, the comment, and three batches
					t.Errorf("there are %d effects", n-1)
				}
				break
			}
			if run := h.newest(head, flow.ValidateCheck); len(h.runs) != 1 || run.Conclusion != forge.Failed || !slices.Equal(lines(run), wantLines(120)) {
				t.Errorf("cut off at effect %d (lost %t): %d runs, the last %s at lines %v", n, lost, len(h.runs), run.Conclusion, lines(run))
			}
			if said := h.said(1); len(said) != 1 || !strings.Contains(said[0], "120 failures") {
				t.Errorf("cut off at effect %d (lost %t): comments %q", n, lost, said)
			}
		}
	}
}

func lines(run forge.CheckRun) []int {
	var all []int
	for _, a := range run.Annotations {
		all = append(all, a.StartLine)
	}
	return all
}

func wantLines(n int) []int {
	var all []int
	for i := range n {
		all = append(all, i+3)
	}
	return all
}

// A verdict that was cut off while it was sent, and is another one by then: what the newest run shows is of the new one alone,
// and no run stays in progress.
func TestVerdictChangesWhileItIsSent(t *testing.T) {
	for n := 1; n <= 5; n++ {
		h := newHub()
		main := h.commit("main", "", plans())
		h.commit("change", main, map[string]string{acmePlan: wrong(120)})
		head := h.open(1, "change")
		h.failAt = n
		if err := h.work(t, pullKey(1)); !errors.Is(err, errCut) {
			t.Fatal(err)
		}
		h.commit("main", main, map[string]string{planSchema: `{"required":["limit"]}`})
		h.finish(t, pullKey(1))
		run := h.newest(head, flow.ValidateCheck)
		if len(run.Annotations) != 1 || !strings.Contains(run.Annotations[0].Message, "limit") {
			t.Errorf("cut off at effect %d: annotations %+v", n, run.Annotations)
		}
		for _, r := range h.runs {
			if r.Status != forge.Completed || r.ID != run.ID && r.Conclusion == forge.Success {
				t.Errorf("cut off at effect %d: run %d is %s, %s", n, r.ID, r.Status, r.Conclusion)
			}
		}
	}
}

// The sweep asks for what was not dealt with, and for nothing else.
func TestSweep(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", plans())
	h.commit("change", main, map[string]string{acmePlan: "name: A\n"})
	h.open(1, "change")
	sweep := work.Key{Kind: work.Repository, Installation: 1, Repository: 2}
	asked := func() map[string]bool {
		t.Helper()
		h.wanted = nil
		if err := h.work(t, sweep); err != nil {
			t.Fatal(err)
		}
		keys := map[string]bool{}
		for _, w := range h.wanted {
			keys[w.Key.String()] = true
		}
		return keys
	}
	want := func(when string, keys ...work.Key) {
		t.Helper()
		all := map[string]bool{}
		for _, k := range keys {
			all[k.String()] = true
		}
		if got := asked(); !maps.Equal(got, all) {
			t.Errorf("%s: asks for %v, want %v", when, got, all)
		}
	}
	h.finish(t, work.Key{Kind: work.Tend, Installation: 1, Repository: 2, Name: "store"}) // for today
	deploy := []work.Key{branchKey("main"), {Kind: work.Deploy, Installation: 1, Repository: 2, Name: "store"}, {Kind: work.Announce, Installation: 1, Repository: 2}}
	want("at first", append(deploy, pullKey(1), gateKey(1))...)
	h.finish(t, branchKey("main"))
	h.finish(t, branchKey("change"))
	h.finish(t, pullKey(1))
	h.finish(t, gateKey(1))
	want("when all is done")
	main = h.commit("main", main, map[string]string{betaPlan: "name: Other\n"})
	want("when main has moved where the pull request does not look", deploy...)
	h.finish(t, branchKey("main"))
	main = h.commit("main", main, map[string]string{"customers/acme/other.yaml": "{}\n"})
	want("when main has moved where it does", append(deploy, pullKey(1))...)
	h.finish(t, branchKey("main"))
	h.finish(t, pullKey(1))
	h.commit("main", main, map[string]string{".tamer.yaml": "deploy: {branch: change}\n"})
	want("when main has moved, and another branch is to be deployed", append(deploy[1:], branchKey("change"), pullKey(1))...)
}
