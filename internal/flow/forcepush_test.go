package flow_test

import (
	"os"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
)

// Force-pushes, each at another moment of the look at the head before, a thousand of them with TAMER_TEST_CRASHES: what is said of a head is said of its own files, and the
// last head gets its verdict.
func TestForcePushesWhileJudging(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", plans())
	faults := map[forge.Commit]int{}
	push := func(n int) {
		head := h.commit("change", main, map[string]string{acmePlan: wrong(n)})
		faults[head] = n
		pr := h.pulls[1]
		pr.Head = head
		h.pulls[1] = pr
	}
	h.commit("change", main, nil)
	h.open(1, "change")
	push(1)
	meanwhile, pushes := 0, 50
	if os.Getenv("TAMER_TEST_CRASHES") != "" {
		pushes = 1000
	}
	for i := range pushes {
		calls := 0
		h.called = func(string) {
			if calls++; calls == i%10+1 {
				push(i%40 + 2)
				meanwhile++
			}
		}
		_ = h.work(t, pullKey(1)) // may find that the head is gone
	}
	h.called = nil
	h.finish(t, pullKey(1))
	if run := h.newest(h.pulls[1].Head, flow.ValidateCheck); run.Status != forge.Completed || meanwhile < pushes/2 {
		t.Errorf("the last head: %s; %d force-pushes came while its predecessor was judged", run.Status, meanwhile)
	}
	for _, r := range h.runs {
		if want, judged := faults[r.Head], r.Status == forge.Completed; judged && len(r.Annotations) != want {
			t.Errorf("run %d says %d faults of %s, which has %d", r.ID, len(r.Annotations), r.Head.Short(), want)
		}
	}
	if all := h.said(1); len(all) != 1 {
		t.Errorf("%d comments", len(all))
	}
}
