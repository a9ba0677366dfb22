package flow_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// queue makes the merge queue's commit of a pull request on top of another commit, and gives it with the key of its gates.
func (h *hub) queue(n int, on forge.Commit, files map[string]string) (forge.Commit, work.Key) {
	branch := fmt.Sprintf("gh-readonly-queue/main/pr-%d-%s", n, on)
	return h.commit(branch, on, files), work.Key{Kind: work.Approvals, Installation: 1, Repository: 2, Name: branch}
}

// A group of the merge queue needs the approvals of all pull requests in it, for what the group makes of them.
func TestApprovalsOfAGroup(t *testing.T) {
	type files = map[string]string
	plan := files{acmePlan: "name: A\n"}
	for name, c := range map[string]struct {
		arrange    func(h *hub, main forge.Commit) (forge.Commit, work.Key)
		conclusion forge.Conclusion
		says       string
	}{
		"approved": {func(h *hub, main forge.Commit) (forge.Commit, work.Key) {
			return h.queue(1, main, files{loyalty: `{"type": "object"}`})
		}, forge.Success, "Approved by ben and ella"},
		"another content than was approved": {func(h *hub, main forge.Commit) (forge.Commit, work.Key) {
			return h.queue(1, main, files{loyalty: `{"type": "array"}`})
		}, forge.ActionRequired, "2 approvals"},
		"nothing governed": {func(h *hub, main forge.Commit) (forge.Commit, work.Key) {
			return h.queue(2, main, plan)
		}, forge.Success, "No approval needed"},
		"on top of one that is approved": {func(h *hub, main forge.Commit) (forge.Commit, work.Key) {
			first, _ := h.queue(1, main, files{loyalty: `{"type":"object"}`})
			return h.queue(2, first, plan)
		}, forge.Success, "Approved by ben and ella"},
		"on top of one that is not": {func(h *hub, main forge.Commit) (forge.Commit, work.Key) {
			h.crowd.reviews[1] = nil
			first, _ := h.queue(1, main, files{loyalty: `{"type":"object"}`})
			return h.queue(2, first, plan)
		}, forge.ActionRequired, "2 approvals"},
		"on top of one that was merged": {func(h *hub, main forge.Commit) (forge.Commit, work.Key) {
			first, _ := h.queue(1, main, files{loyalty: `{"type":"object"}`})
			h.heads.Tips["main"] = first
			h.crowd.reviews[1] = nil
			return h.queue(2, first, plan)
		}, forge.Success, "No approval needed"},
		"on top of something else": {func(h *hub, main forge.Commit) (forge.Commit, work.Key) {
			return h.queue(2, h.commit("elsewhere", main, files{"x": "y"}), plan)
		}, forge.Failed, "cannot be told"},
		"on top of what is not there": {func(h *hub, main forge.Commit) (forge.Commit, work.Key) {
			tip, key := h.queue(2, main, plan)
			key.Name = strings.ReplaceAll(key.Name, string(main), strings.Repeat("f", 40))
			h.heads.Tips[key.Name] = tip
			return tip, key
		}, forge.Failed, "cannot be told"},
		"of a pull request that is not there": {func(h *hub, main forge.Commit) (forge.Commit, work.Key) {
			return h.queue(9, main, plan)
		}, forge.Failed, "#9"},
		"of one into another branch": {func(h *hub, main forge.Commit) (forge.Commit, work.Key) {
			h.alter(1, func(pr *forge.PullRequest) { pr.BaseBranch = "release" })
			return h.queue(1, main, files{loyalty: `{"type":"object"}`})
		}, forge.Failed, "another branch"},
		// Whoever may push can give a branch such a name. What it says must not make a commit green that somebody offers as well.
		"a branch that only has the name": {func(h *hub, main forge.Commit) (forge.Commit, work.Key) {
			h.alter(2, func(pr *forge.PullRequest) { pr.Head = h.commit("sly", main, files{".tamer.yaml": "{}\n"}) })
			tip := h.pulls[2].Head
			key := work.Key{Kind: work.Approvals, Installation: 1, Repository: 2, Name: fmt.Sprintf("gh-readonly-queue/main/pr-2-%s", main)}
			h.heads.Tips[key.Name] = tip
			return tip, key
		}, forge.ActionRequired, "policy-change"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newGate()
			main := h.heads.Tips["main"]
			h.commit("plan", main, plan)
			h.openBy(2, "plan", "ben")
			h.review(1, forge.Approved, "ben", "ella")
			tip, key := c.arrange(h, main)
			h.finish(t, key)
			run := h.newest(tip, flow.ApprovalsCheck)
			if run.Conclusion != c.conclusion || !strings.Contains(run.Title+run.Summary, c.says) || len(h.talk) > 0 {
				t.Errorf("%s, want %s with %q and no comment\n%s\n%s", run.Conclusion, c.conclusion, c.says, run.Title, run.Summary)
			}
		})
	}
}
