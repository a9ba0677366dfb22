package flow_test

import (
	"slices"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// Two pull requests have the same head, and the change breaks the base of one of them: the verdict speaks for both. When that one is closed,
// and its webhook is lost, the sweep has the other one looked at again, once.
func TestAPullRequestWithTheSameHeadIsClosed(t *testing.T) {
	h := newHub()
	root := h.commit("main", "", plans())
	h.commit("strict", root, map[string]string{planSchema: `{"type":"object","required":["owner"]}`})
	h.commit("change", root, map[string]string{acmePlan: "name: B\n"})
	head := h.open(1, "change")
	h.open(2, "change")
	h.alter(2, func(pr *forge.PullRequest) { pr.BaseBranch = "strict" })
	finish := func(keys ...work.Key) {
		for _, k := range keys {
			h.finish(t, k)
		}
	}
	finish(pullKey(1), pullKey(2), gateKey(1), gateKey(2))
	for _, step := range []struct {
		name    string
		do      func()
		asked   []work.Key
		verdict forge.Conclusion
	}{
		{"nothing has changed", func() {}, nil, forge.Failed},
		{"one is closed", func() { h.alter(2, func(pr *forge.PullRequest) { pr.Open = false }) }, []work.Key{pullKey(1), gateKey(1)}, forge.Success},
		{"nothing has changed again", func() {}, nil, forge.Success},
	} {
		step.do()
		h.wanted = nil
		h.finish(t, work.Key{Kind: work.Repository, Installation: 1, Repository: 2})
		var asked []work.Key
		for _, w := range h.wanted {
			if w.Key.Number != 0 {
				asked = append(asked, w.Key)
			}
		}
		if !slices.Equal(asked, step.asked) {
			t.Errorf("%s: the sweep asks for %v, want %v", step.name, asked, step.asked)
		}
		finish(asked...)
		if run := h.newest(head, flow.ValidateCheck); run.Conclusion != step.verdict {
			t.Errorf("%s: the verdict is %s, want %s\n%s", step.name, run.Conclusion, step.verdict, run.Summary)
		}
	}
}
