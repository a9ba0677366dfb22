package app_test

import (
	"testing"

	"github.com/tamerhq/tamer/internal/app"
)

// Two changes that are fine alone and not together: the queue's group, which holds both, fails on its own commit.
func TestMergeGroup(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	narrow := w.change("acme/config", "narrow", map[string]string{"schemas/plan.schema.json": `{"properties":{"limit":{"maximum":5}}}`})
	raise := w.change("acme/config", "raise", map[string]string{"customers/acme/plan.yaml": "name: Acme\nlimit: 9\n"})
	for _, n := range []int{narrow, raise} {
		if run := w.judged("acme/config", n); run.Conclusion != "success" {
			t.Fatalf("pull request %d: %s: %s", n, run.Conclusion, run.Summary)
		}
	}
	group := func(n int) string {
		t.Helper()
		head, err := w.Hub.RequestMergeGroup("acme/config", n)
		w.must(err)
		w.settle()
		runs := w.runs("acme/config", head, "tamer/validate")
		if len(runs) != 1 {
			t.Fatalf("%d check runs on the group, want 1", len(runs))
		}
		return runs[0].Conclusion
	}
	if got := group(narrow); got != "success" {
		t.Errorf("the first group: %s", got)
	}
	_, err := w.Hub.Merge("acme/config", narrow, "squash", "anna")
	w.must(err)
	if got := group(raise); got != "failure" {
		t.Errorf("the second group: %s", got)
	}
}
