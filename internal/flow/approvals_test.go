package flow_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// The people of the gate: anna opens pull requests, ben and carl are peers, ella edits all customers regularly, guest may only read.
var people = map[string]forge.User{
	"anna": {ID: anna, Login: "anna"}, "ben": {ID: 21, Login: "ben"}, "carl": {ID: 22, Login: "carl"}, "ella": {ID: 23, Login: "ella"},
	"guest": {ID: 24, Login: "guest"}, "robot": {ID: 25, Login: "robot[bot]", Bot: true}, "ola": {ID: 26, Login: "ola"},
}

const loyalty = "schemas/loyalty.schema.json"

func gateKey(n int) work.Key {
	return work.Key{Kind: work.Approvals, Installation: 1, Repository: 2, Number: n}
}

// newGate is a repository whose regular editors are a team with ella in it, and pull request 1 by anna that adds a type.
func newGate(more ...map[string]string) *hub {
	h := newHub()
	for name, u := range people {
		h.writers[u.ID] = name != "guest"
	}
	h.crowd.teams["editors"] = []forge.User{people["ella"]}
	files := plans()
	files[".tamer.yaml"] = "governance: {regular-editors: {teams: [editors]}}\n"
	main := h.commit("main", "", files)
	change := map[string]string{loyalty: `{"type":"object"}`}
	for _, m := range more {
		change = m
	}
	h.commit("change", main, change)
	h.openBy(1, "change", "anna")
	return h
}

func (h *hub) openBy(n int, branch, login string) {
	h.open(n, branch)
	h.alter(n, func(pr *forge.PullRequest) { pr.Author = people[login] })
}

func (h *hub) alter(n int, with func(*forge.PullRequest)) {
	pr := h.pulls[n]
	with(&pr)
	pr.Updated = h.tick()
	h.pulls[n] = pr
}

// push adds a commit to a pull request, by somebody.
func (h *hub) push(n int, login string, files map[string]string) forge.Commit {
	c := h.commit(h.pulls[n].HeadBranch, h.pulls[n].Head, files)
	h.crowd.makers[c] = forge.Authorship{People: []forge.User{people[login]}}
	h.alter(n, func(pr *forge.PullRequest) { pr.Head = c })
	return c
}

// update merges the base into a pull request, by somebody who may change more besides.
func (h *hub) update(n int, login string, more map[string]string) {
	pr := h.pulls[n]
	base := h.heads.Tips[pr.BaseBranch]
	merged := must(h.Merge(context.Background(), h.repo, pr.Head, base))
	c := h.push(n, login, more)
	h.trees[c.Tree()] = maps.Clone(h.trees[merged.Tree])
	maps.Copy(h.trees[c.Tree()], more)
	h.parents[c] = append(h.parents[c], base)
}

// review has people say something of the present head of a pull request.
func (h *hub) review(n int, state forge.ReviewState, logins ...string) {
	for _, login := range logins {
		h.crowd.reviews[n] = append(h.crowd.reviews[n], forge.Review{By: people[login], State: state, Commit: h.pulls[n].Head, At: h.tick()})
		h.alter(n, func(*forge.PullRequest) {})
	}
}

// gate decides on a pull request, and gives what its head shows.
func (h *hub) gate(t *testing.T, n int) forge.CheckRun {
	t.Helper()
	h.finish(t, gateKey(n))
	return h.newest(h.pulls[n].Head, flow.ApprovalsCheck)
}

// crossed has pull request 1 bring back the policy of before a newer one: it has left main there, and at a branch that was merged into
// main, which began when the policy was the old one. Then main goes on.
func crossed(h *hub, more map[string]string) {
	first := h.heads.Tips["main"]
	side := h.commit("side", first, map[string]string{"side.md": "x"})
	newer := h.commit("main", first, map[string]string{".tamer.yaml": "governance: {new-type: {approvals: 3}}\n"})
	main := h.commit("main", newer, map[string]string{"side.md": "x"})
	h.commit("main", main, more)
	head := h.commit("change", newer, map[string]string{".tamer.yaml": h.trees[first.Tree()][".tamer.yaml"], "side.md": "x"})
	h.crowd.bases[head] = []forge.Commit{side}
	h.alter(1, func(pr *forge.PullRequest) { pr.Head = head })
}

// How far a pull request is that adds a type, which asks for two approvals, one of them by a regular editor; and what is said of it.
func TestApprovals(t *testing.T) {
	yes, no := forge.Approved, forge.ChangesRequested
	schemaOnly := func(h *hub) { h.push(1, "anna", map[string]string{loyalty: `{"type":"array"}`}) }
	for name, c := range map[string]struct {
		arrange    func(h *hub)
		conclusion forge.Conclusion
		says       []string
	}{
		"nobody":                       {func(h *hub) {}, forge.ActionRequired, []string{"Waiting for 2 approvals, 1 of them by a regular editor", "ella", "member of the team editors", "anybody else with write access"}},
		"two peers, no regular editor": {func(h *hub) { h.review(1, yes, "ben", "carl") }, forge.ActionRequired, []string{"Waiting for 1 approval by a regular editor"}},
		"two peers, a regular editor":  {func(h *hub) { h.review(1, yes, "ben", "ella") }, forge.Success, []string{"Approved by ben and ella"}},
		"the author is regular editor": {func(h *hub) { h.crowd.teams["editors"] = []forge.User{people["anna"]}; h.review(1, yes, "ben", "carl") }, forge.ActionRequired, []string{"1 approval by a regular editor", "nobody whom tamer knows of"}},
		"changed after the approvals":  {func(h *hub) { h.review(1, yes, "ben", "ella"); schemaOnly(h) }, forge.ActionRequired, []string{"2 approvals", loyalty, "changed since, in", "approve again"}},
		"approved again":               {func(h *hub) { h.review(1, yes, "ben", "ella"); schemaOnly(h); h.review(1, yes, "ben", "ella") }, forge.Success, nil},
		"formatted after the approvals": {func(h *hub) {
			h.review(1, yes, "ben", "ella")
			h.push(1, "anna", map[string]string{loyalty: "{\n  \"type\": \"object\"\n}\n", "README.md": "x"})
		}, forge.Success, nil},
		"an approver pushes": {func(h *hub) { h.review(1, yes, "ben", "ella"); h.push(1, "ben", map[string]string{"README.md": "x"}) }, forge.ActionRequired, []string{"ben ` approved", "has written or pushed part of it"}},
		"an approver updates the branch": {func(h *hub) {
			h.review(1, yes, "ben", "ella")
			h.commit("main", h.heads.Tips["main"], map[string]string{betaPlan: "name: B\n"})
			h.update(1, "ben", nil)
		}, forge.Success, []string{"Approved by ben and ella"}},
		"an approver changes more while updating the branch": {func(h *hub) {
			h.review(1, yes, "ben", "ella")
			h.commit("main", h.heads.Tips["main"], map[string]string{betaPlan: "name: B\n"})
			h.update(1, "ben", map[string]string{"README.md": "x"})
		}, forge.ActionRequired, []string{"has written or pushed part of it"}},
		"changes are asked for":         {func(h *hub) { h.review(1, yes, "ben", "ella"); h.review(1, no, "carl") }, forge.Failed, []string{"carl asks for changes"}},
		"by somebody who may not write": {func(h *hub) { h.review(1, yes, "ben", "ella"); h.review(1, no, "guest") }, forge.Success, nil},
		"an approval by a guest":        {func(h *hub) { h.review(1, yes, "guest", "ella") }, forge.ActionRequired, []string{"may not write to this repository"}},
		"an approval by a bot":          {func(h *hub) { h.review(1, yes, "robot", "ella") }, forge.ActionRequired, []string{"is no person"}},
		"nobody knows whose commit": {func(h *hub) {
			h.review(1, yes, "ben", "ella")
			h.crowd.makers[h.pulls[1].Head] = forge.Authorship{Unknown: "the e-mail of the author belongs to no account"}
		}, forge.Failed, []string{"Cannot tell who made", "belongs to no account"}},
		"nobody knows which commit was approved": {func(h *hub) {
			h.review(1, yes, "ben", "ella")
			h.crowd.reviews[1][0].Commit = ""
		}, forge.ActionRequired, []string{"is not there any more"}},
		"the approved commit is gone": {func(h *hub) {
			h.review(1, yes, "ben", "ella")
			h.commit("change", h.heads.Tips["main"], map[string]string{loyalty: `{"type":"object"}`})
			delete(h.parents, h.pulls[1].Head)
			h.alter(1, func(pr *forge.PullRequest) { pr.Head = h.heads.Tips["change"] })
		}, forge.ActionRequired, []string{"is not there any more"}},
		"rebased": {func(h *hub) {
			h.review(1, yes, "ben", "ella")
			main := h.commit("main", h.heads.Tips["main"], map[string]string{betaPlan: "name: B\n"})
			h.commit("change", main, map[string]string{loyalty: `{"type":"object"}`})
			h.alter(1, func(pr *forge.PullRequest) { pr.Head = h.heads.Tips["change"] })
		}, forge.Success, nil},
		"the policy is weakened with it": {func(h *hub) {
			h.push(1, "anna", map[string]string{".tamer.yaml": "governance: {new-type: {approvals: 0, regular-editors: 0}, policy-change: {approvals: 0, regular-editors: 0}}\n"})
		}, forge.ActionRequired, []string{"approvals for 2 of 2 gates", "policy-change"}},
		"the policy of the base cannot be read": {func(h *hub) {
			h.review(1, yes, "ben", "ella")
			h.commit("main", h.heads.Tips["main"], map[string]string{".tamer.yaml": "governanc: {}\n"})
		}, forge.Failed, []string{"the policy of main cannot be read", "line 1"}},
		"it takes back the policy by way of another branch": {func(h *hub) {
			crossed(h, map[string]string{"README.md": "y"})
		}, forge.ActionRequired, []string{"policy-change"}},
		"and conflicts": {func(h *hub) {
			crossed(h, map[string]string{".tamer.yaml": "governance: {new-type: {approvals: 4}}\n"})
		}, forge.Failed, []string{"merge main into it"}},
		"the base is gone":  {func(h *hub) { delete(h.heads.Tips, "main") }, forge.Failed, []string{`the branch "main"`}},
		"no common history": {func(h *hub) { h.commit("main", "", plans()) }, forge.Failed, []string{"no history in common"}},
		"nothing governed": {func(h *hub) {
			h.push(1, "anna", map[string]string{loyalty: "", acmePlan: "name: A\n"})
		}, forge.Success, []string{"No approval needed"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newGate()
			c.arrange(h)
			run := h.gate(t, 1)
			shown := run.Title + "\n" + run.Summary
			if run.Conclusion != c.conclusion || run.Status != forge.Completed {
				t.Errorf("%s, want %s\n%s", run.Conclusion, c.conclusion, shown)
			}
			for _, text := range c.says {
				if !strings.Contains(shown, text) {
					t.Errorf("%q is not in\n%s", text, shown)
				}
			}
			before := h.effects
			if h.gate(t, 1); h.effects != before {
				t.Errorf("looked at again: %d more effects", h.effects-before)
			}
		})
	}
}

// GitHub's list of commits may lag behind the pull request: what an approver has just pushed is not taken for nobody's.
func TestApprovalsOfCommitNotListed(t *testing.T) {
	h := newGate()
	h.review(1, forge.Approved, "ben", "ella")
	h.gate(t, 1)
	h.push(1, "ben", map[string]string{"README.md": "x"})
	h.crowd.lagging = true
	if err := h.work(t, gateKey(1)); err == nil || !strings.Contains(err.Error(), "is not among them yet") {
		t.Errorf("lagging: %v", err)
	}
	h.crowd.lagging = false
	if run := h.gate(t, 1); run.Conclusion != forge.ActionRequired || len(h.runs) != 2 {
		t.Errorf("%d runs, the last %s", len(h.runs), run.Conclusion)
	}
}

// One head, two pull requests: green only if the gates of each are met, whichever is looked at.
func TestApprovalsOfOneHead(t *testing.T) {
	h := newGate()
	h.commit("old", h.heads.Tips["main"], map[string]string{loyalty: `{"type":"string"}`})
	h.openBy(2, "change", "anna")
	h.alter(2, func(pr *forge.PullRequest) { pr.BaseBranch = "old" })
	h.review(1, forge.Approved, "ben", "ella")
	for _, n := range []int{1, 2} {
		if run := h.gate(t, n); run.Conclusion != forge.ActionRequired || !strings.Contains(run.Summary, "#2 into ` old `") {
			t.Errorf("looked at from #%d: %s\n%s", n, run.Conclusion, run.Summary)
		}
	}
	h.review(2, forge.Approved, "ben", "ella")
	if run := h.gate(t, 1); run.Conclusion != forge.Success {
		t.Errorf("both approved: %s\n%s", run.Conclusion, run.Summary)
	}
}

// Cut off at any effect, before or after it has happened, and begun again: one check run, one comment, everybody asked once.
func TestApprovalsCutOff(t *testing.T) {
	for _, lost := range []bool{false, true} {
		for n := 1; ; n++ {
			h := newGate()
			h.commit("main", "", map[string]string{".tamer.yaml": "governance: {request-reviews: true, regular-editors: {teams: [editors]}}\n"})
			h.commit("change", h.heads.Tips["main"], map[string]string{loyalty: "{}"})
			h.openBy(1, "change", "anna")
			h.failAt, h.lost = n, lost
			waiting := h.finish(t, gateKey(1))
			if run := h.newest(h.pulls[1].Head, flow.ApprovalsCheck); run.Conclusion != forge.ActionRequired {
				t.Errorf("cut off at effect %d (lost %t): %s", n, lost, run.Conclusion)
			}
			h.review(1, forge.Approved, "ben", "ella")
			given := h.finish(t, gateKey(1))
			run := h.newest(h.pulls[1].Head, flow.ApprovalsCheck)
			said, asked := h.said(1), h.crowd.asked[1]
			if len(h.runs) != 1 || run.Conclusion != forge.Success || len(said) != 1 || !strings.Contains(said[0], "given by") || fmt.Sprint(asked) != "[ella]" {
				t.Errorf("cut off at effect %d (lost %t): %d runs, the last %s; comments %q; asked %q", n, lost, len(h.runs), run.Conclusion, said, asked)
			}
			if !waiting && !given {
				break
			}
		}
	}
}
