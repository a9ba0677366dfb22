package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
)

// A service that is pinned to a released commit is judged by what that commit holds, out of the server's own mirror: a value that its
// schema refuses names it, and a commit that was never released is none.
func TestServicePinnedToACommit(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	const repo = "acme/config"
	mode := func(values string) map[string]string {
		return map[string]string{"schemas/plan.schema.json": `{"properties": {"mode": {"enum": [` + values + `]}}}`}
	}
	pinnedTo := func(commit string) map[string]string {
		return map[string]string{"consumers/billing.yaml": "owner: \"@shop/billing\"\nreads:\n  - {type: plan, schema: {commit: " + commit + "}}\n"}
	}
	files := mode(`"a"`)
	files["customers/acme/plan.yaml"] = "mode: a\n"
	w.create(repo, files)
	released := w.tip(repo)
	w.push(repo, "main", mode(`"a", "b"`))
	w.push(repo, "main", pinnedTo(released))

	run := w.judged(repo, w.change(repo, "wider", mode(`"a", "b", "c"`)))
	want := fmt.Sprintf(`this change breaks the service "billing" of "@shop/billing": its own schema schemas/plan.schema.json of commit %s refuses {"mode":"c"}`, released[:7])
	if run.Conclusion != "failure" || len(run.Annotations) != 1 || !strings.Contains(run.Annotations[0].Message, want) {
		t.Errorf("%s: %+v\n%s", run.Conclusion, run.Annotations, run.Summary)
	}
	if run := w.judged(repo, w.change(repo, "narrower", mode(`"a"`))); run.Conclusion != "success" {
		t.Errorf("what the pinned schema accepts is %s: %+v", run.Conclusion, run.Annotations)
	}
	other := w.push(repo, "draft", mode(`"z"`))
	run = w.judged(repo, w.change(repo, "silent", pinnedTo(other)))
	if run.Conclusion != "failure" || len(run.Annotations) != 1 || !strings.Contains(run.Annotations[0].Message, "the branch holds no commit "+other) {
		t.Errorf("%s: %+v", run.Conclusion, run.Annotations)
	}
}
