package flow_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
)

// Pushes gives those to the branch of the pull request, the newest first.
func (h *hub) Pushes(_ context.Context, _ forge.Repo, pull forge.PullRequest) iter.Seq2[forge.Push, error] {
	return func(yield func(forge.Push, error) bool) {
		if h.call("Pushes"); h.crowd.unpushed != nil {
			yield(forge.Push{}, h.crowd.unpushed)
			return
		}
		for _, p := range slices.Backward(h.crowd.pushes[pull.HeadBranch]) {
			h.call("push")
			if !yield(p, nil) {
				return
			}
		}
	}
}

// pushed notes that somebody has moved the branch of a pull request to where it is now.
func (h *hub) pushed(n int, login string, before forge.Commit) {
	pr := h.pulls[n]
	h.crowd.pushes[pr.HeadBranch] = append(h.crowd.pushes[pr.HeadBranch], forge.Push{By: people[login], Before: before, After: pr.Head})
}

// forged has somebody push a commit that says to be anna's.
func (h *hub) forged(n int, login, file string) forge.Commit {
	before := h.pulls[n].Head
	c := h.push(n, "anna", map[string]string{file: "x"})
	h.pushed(n, login, before)
	return c
}

// reset has somebody push a branch of a pull request to a commit that is there, whatever it was before.
func (h *hub) reset(n int, login string, to forge.Commit) {
	before := h.pulls[n].Head
	h.heads.Tips[h.pulls[n].HeadBranch] = to
	h.alter(n, func(pr *forge.PullRequest) { pr.Head = to })
	h.pushed(n, login, before)
}

// Who has pushed part of a change does not approve it, whatever the commits say of who made them.
func TestApprovalsByPushers(t *testing.T) {
	for name, c := range map[string]struct {
		arrange    func(h *hub) // after the author has pushed the first commit, and ben and ella have approved it
		conclusion forge.Conclusion
	}{
		"only the author":               {func(h *hub) { h.forged(1, "anna", "README.md") }, forge.Success},
		"an approver, as the author":    {func(h *hub) { h.forged(1, "ben", "README.md"); h.forged(1, "anna", "more.md") }, forge.ActionRequired},
		"somebody else":                 {func(h *hub) { h.forged(1, "carl", "README.md") }, forge.Success},
		"a bot":                         {func(h *hub) { h.forged(1, "robot", "README.md"); h.review(1, forge.Approved, "robot") }, forge.Success},
		"an account that is gone":       {func(h *hub) { h.forged(1, "", "README.md") }, forge.Success},
		"an approver begins the branch": {func(h *hub) { h.crowd.pushes["change"][0].By = people["ben"] }, forge.ActionRequired},
		"an approver updates the branch": {func(h *hub) {
			before := h.pulls[1].Head
			h.commit("main", h.heads.Tips["main"], map[string]string{betaPlan: "name: B\n"})
			h.update(1, "anna", nil)
			h.pushed(1, "ben", before)
		}, forge.Success},
		"an approver changes more while updating the branch": {func(h *hub) {
			before := h.pulls[1].Head
			h.commit("main", h.heads.Tips["main"], map[string]string{betaPlan: "name: B\n"})
			h.update(1, "anna", map[string]string{"README.md": "x"})
			h.pushed(1, "ben", before)
		}, forge.ActionRequired},
		"what an approver pushed was taken back": {func(h *hub) {
			first := h.pulls[1].Head
			h.forged(1, "ben", "README.md")
			h.reset(1, "anna", first)
		}, forge.Success},
		"an approver takes something back": {func(h *hub) {
			first := h.pulls[1].Head
			h.forged(1, "anna", "README.md")
			h.reset(1, "ben", first)
		}, forge.Success},
		"a part of what an approver pushed was taken back": {func(h *hub) {
			kept := h.forged(1, "ben", "README.md")
			h.forged(1, "ben", "more.md")
			h.crowd.pushes["change"] = slices.Delete(h.crowd.pushes["change"], 1, 3) // it was one push
			h.crowd.pushes["change"] = append(h.crowd.pushes["change"], forge.Push{By: people["ben"], Before: h.crowd.pushes["change"][0].After, After: h.pulls[1].Head})
			h.reset(1, "anna", kept)
		}, forge.ActionRequired},
		"the same, and the rest is gone": {func(h *hub) {
			first := h.pulls[1].Head
			kept := h.forged(1, "ben", "README.md")
			gone := h.forged(1, "ben", "more.md")
			h.crowd.pushes["change"] = append(h.crowd.pushes["change"][:1], forge.Push{By: people["ben"], Before: first, After: gone})
			h.reset(1, "anna", kept)
			delete(h.parents, gone)
		}, forge.ActionRequired},
		"an approver replaces what is gone": {func(h *hub) {
			gone := h.forged(1, "anna", "README.md")
			h.reset(1, "ben", h.crowd.pushes["change"][0].After)
			delete(h.parents, gone)
		}, forge.ActionRequired},
		"the branch was deleted and begun anew": {func(h *hub) {
			h.crowd.pushes["change"] = append(h.crowd.pushes["change"], forge.Push{By: people["ella"], Before: h.pulls[1].Head})
			h.pushed(1, "anna", "")
		}, forge.Success},
		"GitHub tells nothing": {func(h *hub) { h.forged(1, "ben", "README.md"); clear(h.crowd.pushes) }, forge.Success},
	} {
		t.Run(name, func(t *testing.T) {
			h := newGate()
			h.pushed(1, "anna", "")
			h.review(1, forge.Approved, "ben", "ella")
			c.arrange(h)
			run := h.gate(t, 1)
			if run.Conclusion != c.conclusion || strings.Contains(run.Summary, "pushed part of it") != (c.conclusion != forge.Success) {
				t.Errorf("%s, want %s\n%s\n%s", run.Conclusion, c.conclusion, run.Title, run.Summary)
			}
		})
	}
}

// GitHub is asked who has pushed only where that can matter, and no longer than until all is told. What it does not answer is no answer.
func TestPushersAreAskedForWhenNeeded(t *testing.T) {
	h, calls := newGate(), map[string]int{}
	h.called = func(name string) { calls[name]++ }
	h.pushed(1, "anna", "")
	h.gate(t, 1)
	if calls["Pushes"] != 0 {
		t.Errorf("nobody has approved: asked %d times", calls["Pushes"])
	}
	head := h.pulls[1].Head
	for range 3 { // there and back again: the last of these brings all
		h.reset(1, "anna", h.heads.Tips["main"])
		h.reset(1, "anna", head)
	}
	h.review(1, forge.Approved, "ben", "ella")
	h.crowd.unpushed = errors.New("out of order")
	if err := h.work(t, gateKey(1)); err == nil || !strings.Contains(err.Error(), "out of order") || h.newest(head, flow.ApprovalsCheck).Conclusion == forge.Success {
		t.Errorf("no answer: %v", err)
	}
	h.crowd.unpushed = nil
	clear(calls)
	if run := h.gate(t, 1); run.Conclusion != forge.Success || calls["Pushes"] != 1 || calls["push"] != 1 {
		t.Errorf("%s; asked %d times, for %d pushes", run.Conclusion, calls["Pushes"], calls["push"])
	}
}
