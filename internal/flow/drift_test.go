package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/work"
)

// What somebody else has changed in a store is shown, put right or left as the policy says, and forgotten once it is as it was.
func TestDriftIsReported(t *testing.T) {
	for name, c := range map[string]struct {
		policy     string
		file       string // after the comparison
		conclusion forge.Conclusion
		says       string
	}{
		"put right":   {"{}\n", "name: Acme\n", forge.Success, "They were put right"},
		"reported":    {"deploy: {drift: report}\n", "name: theirs\n", forge.ActionRequired, "**They are still so**"},
		"by its name": {"deploy: {drift: repair}\n", "name: Acme\n", forge.Success, "They were put right"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHub()
			files := plans()
			files[".tamer.yaml"] = c.policy
			main := h.commit("main", "", files)
			h.all(t, branchKey("main"))
			put := func(text string) {
				t.Helper()
				if _, err := h.store.Put(t.Context(), "acme/plan.yaml", []byte(text), sink.Always); err != nil {
					t.Fatal(err)
				}
			}
			tend := func() forge.CheckRun {
				t.Helper()
				h.all(t, work.Key{Kind: work.Tend, Installation: 1, Repository: 2, Name: "store"})
				return h.newest(main, flow.DeployCheck)
			}
			put("name: theirs\n")
			for range 2 { // once more on the same day
				run := tend()
				if run.Conclusion != c.conclusion || !strings.Contains(run.Summary, c.says) || !strings.Contains(run.Summary, "acme/plan.yaml") {
					t.Errorf("%s: %s\n%s", run.Conclusion, run.Title, run.Summary)
				}
				if got := h.served()["acme/plan.yaml"]; got != c.file {
					t.Errorf("production holds %q, want %q", got, c.file)
				}
			}
			put("name: Acme\n")
			h.later += 24 * time.Hour
			if run := tend(); run.Conclusion != forge.Success || strings.Contains(run.Summary, "somebody else") {
				t.Errorf("the next day: %s: %s\n%s", run.Conclusion, run.Title, run.Summary)
			}
		})
	}
}
