package flow

import (
	"context"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/trace"
)

// written keeps the check runs that were written, in order.
type written struct {
	Checks
	runs []forge.CheckRun
}

func (w *written) CreateCheckRun(_ context.Context, _ forge.Repo, run forge.CheckRun) (int64, error) {
	w.runs = append(w.runs, run)
	return int64(len(w.runs)), nil
}

func (w *written) UpdateCheckRun(_ context.Context, _ forge.Repo, run forge.CheckRun) error {
	w.runs = append(w.runs, run)
	return nil
}

// A run that was cut off for other inputs, with some annotations sent, ends as superseded: it names its work in the log as every other one does.
func TestSuperseded(t *testing.T) {
	w := &written{}
	p := publication{flow: &Flow{Config: Config{Checks: w}}, inputs: "new", shown: &forge.CheckRun{ID: 9, Status: forge.InProgress, ExternalID: "old", Annotated: 50}}
	parent := trace.New()
	if err := p.start(trace.With(t.Context(), parent), forge.CheckRun{Name: "tamer/validate", Title: "Judging", Summary: "At work."}); err != nil {
		t.Fatal(err)
	}
	if len(w.runs) != 2 || w.runs[0].ID != 9 || w.runs[0].Conclusion != forge.Cancelled || w.runs[1].ExternalID != "new" {
		t.Fatalf("%+v", w.runs)
	}
	for _, run := range w.runs {
		if !strings.Contains(run.Summary, "In the log of tamer: `"+parent.Trace+"`") {
			t.Errorf("%s: %s", run.Title, run.Summary)
		}
	}
}
