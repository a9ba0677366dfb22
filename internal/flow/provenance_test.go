package flow_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
)

// CommitAuthor gives ben, who has pushed everything that came by no pull request.
func (h *hub) CommitAuthor(context.Context, forge.Repo, forge.Commit) (forge.User, error) {
	return people["ben"], nil
}

// A release tells by whom its commit was made, and how it came through its gates.
func TestReleaseTellsWhoLetItPass(t *testing.T) {
	for name, c := range map[string]struct {
		change map[string]string
		do     func(t *testing.T, h *hub) // while the pull request is open
		want   string                     // author, approvers, override
	}{
		"approvals that count": {nil, func(t *testing.T, h *hub) { h.review(1, forge.Approved, "guest", "ella", "ben") }, "anna: ben ella"},
		"overridden": {nil, func(t *testing.T, h *hub) {
			h.review(1, forge.Approved, "ben")
			h.gate(t, 1)
			h.finish(t, h.say(1, forge.Comment{Author: people["ola"], Body: "/tamer override production is down"}))
		}, "anna: ben, overridden by ola: production is down"},
		"overridden, and approved then": {nil, func(t *testing.T, h *hub) {
			h.gate(t, 1)
			h.finish(t, h.say(1, forge.Comment{Author: people["ola"], Body: "/tamer override production is down"}))
			h.review(1, forge.Approved, "ella", "ben")
		}, "anna: ben ella"},
		"no gate":            {map[string]string{acmePlan: "name: A\n"}, func(t *testing.T, h *hub) { h.review(1, forge.Approved, "guest") }, "anna: guest"},
		"by no pull request": {nil, func(t *testing.T, h *hub) { delete(h.pulls, 1) }, "ben:"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newGate()
			if c.change != nil {
				h = newGate(c.change)
			}
			h.overrides = []string{"acme/platform"}
			h.crowd.teams["acme/platform"] = []forge.User{people["ola"]}
			c.do(t, h)
			at := h.merge(1)
			h.finish(t, branchKey("main"))
			if got := h.provenance(t, at); got != c.want {
				t.Errorf("the release says %q, want %q", got, c.want)
			}
		})
	}
}

// merge squashes a pull request into main, if it is there.
func (h *hub) merge(n int) forge.Commit {
	at := h.commit("main", h.heads.Tips["main"], h.trees[h.heads.Tips["change"].Tree()])
	h.merges = map[forge.Commit]int{at: n}
	if _, ok := h.pulls[n]; ok {
		h.alter(n, func(pr *forge.PullRequest) { pr.Open, pr.Merged = false, true })
	}
	return at
}

// provenance is what the release of a commit tells about people, in a line.
func (h *hub) provenance(t *testing.T, at forge.Commit) string {
	t.Helper()
	var r release.Release
	c := h.channel(t)
	if err := json.Unmarshal([]byte(h.store.Objects()[release.ReleaseKey(c.Release)]), &r); err != nil {
		t.Fatal(err)
	}
	if r.Commit != at || r.Author == nil {
		t.Fatalf("the release is of %s, by %v", r.Commit, r.Author)
	}
	line := []string{r.Author.Login + ":"}
	for _, p := range r.Approvers {
		line = append(line, p.Login)
	}
	said := strings.Join(line, " ")
	if o := r.Override; o != nil {
		said += ", overridden by " + o.By.Login + ": " + o.Reason
	}
	return said
}
