package flow_test

import (
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

// retarget gives a pull request another base.
func (h *hub) retarget(n int, base string) {
	h.alter(n, func(pr *forge.PullRequest) { pr.BaseBranch = base })
	h.crowd.moved[n] = h.tick()
}

// onto is pull request 1 by anna that changes nothing but a text file on the branch of another one, which adds a type.
func onto() *hub {
	h := newGate()
	c := h.commit("small", h.heads.Tips["change"], map[string]string{"README.md": "x"})
	h.alter(1, func(pr *forge.PullRequest) { pr.Head, pr.HeadBranch, pr.BaseBranch = c, "small", "change" })
	return h
}

// What was approved onto another branch was seen without what that branch brings: it does not count onto main, whoever had the base
// changed. That somebody asks for changes does.
func TestApprovalsBeforeAnotherBase(t *testing.T) {
	h := onto()
	h.review(1, forge.Approved, "ben", "ella")
	if run := h.gate(t, 1); run.Conclusion != forge.Success || h.crowd.basesRead != 0 {
		t.Errorf("onto the branch: %s, asked for its bases %d times\n%s", run.Conclusion, h.crowd.basesRead, run.Summary)
	}
	h.retarget(1, "main")
	run := h.gate(t, 1)
	if run.Conclusion != forge.ActionRequired || !strings.Contains(run.Summary, "ben ` approved") ||
		!strings.Contains(run.Summary, "before the pull request got the base ` main `: approve again") {
		t.Errorf("onto main: %s\n%s", run.Conclusion, run.Summary)
	}
	h.review(1, forge.Approved, "ella")
	if run := h.gate(t, 1); run.Conclusion != forge.ActionRequired || !strings.Contains(run.Title, "Waiting for 1 approval") {
		t.Errorf("one has approved again: %s: %s", run.Conclusion, run.Title)
	}
	h.review(1, forge.Approved, "ben")
	if run := h.gate(t, 1); run.Conclusion != forge.Success {
		t.Errorf("both have approved again: %s\n%s", run.Conclusion, run.Summary)
	}
	h.review(1, forge.ChangesRequested, "carl")
	h.retarget(1, "change")
	h.retarget(1, "main")
	if run := h.gate(t, 1); run.Conclusion != forge.Failed {
		t.Errorf("asked for changes before: %s\n%s", run.Conclusion, run.Summary)
	}
}

// To another base and back while tamer looks: that is seen before the check turns green.
func TestApprovalsRetargetedMeanwhile(t *testing.T) {
	h := newGate()
	h.review(1, forge.Approved, "ben", "ella")
	moved := false
	h.called = func(name string) {
		if name == "PullRequest" && h.crowd.basesRead > 0 && !moved {
			moved = true
			h.retarget(1, "change")
			h.retarget(1, "main")
		}
	}
	if run := h.gate(t, 1); !moved || run.Conclusion != forge.ActionRequired {
		t.Errorf("moved %t: %s\n%s", moved, run.Conclusion, run.Summary)
	}
}

// Nobody is asked for the bases of a pull request that nobody has approved, or that runs into no gate.
func TestBasesAreAskedForOnlyWhenNeeded(t *testing.T) {
	for name, c := range map[string]struct {
		change map[string]string
		say    forge.ReviewState
		asked  bool
	}{
		"approved":    {map[string]string{loyalty: "{}"}, forge.Approved, true},
		"not yet":     {map[string]string{loyalty: "{}"}, forge.Commented, false},
		"objected":    {map[string]string{loyalty: "{}"}, forge.ChangesRequested, false},
		"in no gate":  {map[string]string{"README.md": "x"}, forge.Approved, false},
		"of a config": {map[string]string{acmePlan: "name: A\n"}, forge.Approved, false},
	} {
		h := newGate(c.change)
		h.review(1, c.say, "ben", "ella")
		h.gate(t, 1)
		if asked := h.crowd.basesRead > 0; asked != c.asked {
			t.Errorf("%s: asked for its bases %d times", name, h.crowd.basesRead)
		}
	}
}
