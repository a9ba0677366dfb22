package flow_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// What cannot be judged however often it is tried is told on its check, without the reason, which is the operator's; the next push is
// judged in a run of its own.
func TestWhatKeepsFailingIsShown(t *testing.T) {
	for name, olderVerdict := range map[string]bool{"nothing was judged before": false, "an older verdict stands": true} {
		t.Run(name, func(t *testing.T) {
			h := newHub()
			main := h.commit("main", "", plans())
			c := h.commit("change", main, map[string]string{acmePlan: "name: A\n"})
			head := h.open(1, "change")
			if olderVerdict {
				if err := h.work(t, pullKey(1)); err != nil {
					t.Fatal(err)
				}
				main = h.commit("main", main, map[string]string{betaPlan: "name: B\n"})
			}
			poison := errors.New("reading https://x:hunter2@github.example.com: broken pipe")
			h.broken[forge.Tree(fmt.Sprintf("merge of %s and %s", main, c))] = poison
			for range 2 { // the last attempt, cut off after it was shown
				if err := h.work(t, pullKey(1)); !errors.Is(err, poison) {
					t.Fatal(err)
				}
				h.aside(t, pullKey(1), poison)
			}
			run := h.newest(head, flow.ValidateCheck)
			shown := fmt.Sprintf("%+v", run)
			if run.Status != forge.Completed || run.Conclusion != forge.Failed || !strings.Contains(shown, "could not evaluate") ||
				!strings.Contains(shown, "job 7") || strings.Contains(shown, "hunter2") {
				t.Errorf("shown: %s", shown)
			}
			if want := work.State(fmt.Sprintf("%s onto %s", head, main)); h.states[pullKey(1)] != want {
				t.Errorf("the sweep sees %q, want %q", h.states[pullKey(1)], want)
			}
			clear(h.broken)
			if err := h.work(t, pullKey(1)); err != nil {
				t.Fatal(err)
			}
			if run := h.newest(head, flow.ValidateCheck); run.Conclusion != forge.Success {
				t.Errorf("asked again: %s %s", run.Conclusion, run.Title)
			}
		})
	}
}

// Gates that cannot be decided on are told on their check, and the sweep leaves them alone until something changes there.
func TestGatesThatKeepFailingAreShown(t *testing.T) {
	h := newGate()
	poison := errors.New("reviews of https://x:hunter2@github.example.com: broken pipe")
	for range 2 {
		h.aside(t, gateKey(1), poison)
	}
	run := h.newest(h.pulls[1].Head, flow.ApprovalsCheck)
	if shown := fmt.Sprintf("%+v", run); len(h.runs) != 1 || run.Conclusion != forge.Failed || !strings.Contains(shown, "job 7") || strings.Contains(shown, "hunter2") {
		t.Errorf("%d runs, shown: %s", len(h.runs), shown)
	}
	if h.asksForGate(t) {
		t.Error("the sweep asks for it at once")
	}
	h.review(1, forge.Approved, "ben")
	if !h.asksForGate(t) {
		t.Error("the sweep does not ask again after a change")
	}
	if run := h.gate(t, 1); run.Conclusion != forge.ActionRequired {
		t.Errorf("asked again: %s %s", run.Conclusion, run.Title)
	}
}

// A verdict that stands is not replaced because a comment is refused for ever, and the sweep may ask again.
func TestAVerdictOutlivesWhatIsForbidden(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", plans())
	h.commit("change", main, map[string]string{acmePlan: "name: A\n"})
	head := h.open(1, "change")
	if err := h.work(t, pullKey(1)); err != nil {
		t.Fatal(err)
	}
	delete(h.states, pullKey(1))
	h.aside(t, pullKey(1), work.Permanent(errors.New("locked")))
	if run := h.newest(head, flow.ValidateCheck); len(h.runs) != 1 || run.Conclusion != forge.Success || h.states[pullKey(1)] != "" {
		t.Errorf("%d runs, the last %s; state %q", len(h.runs), run.Conclusion, h.states[pullKey(1)])
	}
}

// aside does what the queue does after a last attempt.
func (h *hub) aside(t *testing.T, k work.Key, cause error) {
	t.Helper()
	f, err := flow.New(h.config())
	if err != nil {
		t.Fatal(err)
	}
	state, err := f.SetAside(t.Context(), work.Task{Key: k, Attempt: 20}, "job 7", cause)
	if err != nil {
		t.Fatal(err)
	}
	if state != "" {
		h.states[k] = state
	}
}
