package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/work"
)

func driftNote(sink string) string { return "drift " + sink }

// noteDrift keeps what a comparison has found in a sink, and has it shown. What was found stays for the day, for a repair leaves nothing to
// be found.
func (f *Flow) noteDrift(ctx context.Context, repo forge.Repo, sink string, found ship.Drift, repaired bool) error {
	day := string(f.tendState(repo))
	before, err := f.drift(ctx, repo, sink)
	if err != nil || found.None() && (before == nil || before.Day == day) {
		return err
	}
	var text []byte
	if !found.None() {
		now := render.NewDrift(day, slices.Concat(found.Missing, found.Changed, found.Extra), len(found.Lost), repaired)
		if text, err = json.Marshal(now); err != nil {
			return fmt.Errorf("note what has changed in the store %s: %w", sink, err)
		}
	}
	if err := f.Notes.Remember(ctx, repo, driftNote(sink), text); err != nil {
		return err
	}
	return f.ask(ctx, []work.Wanted{{Key: announceKey(repo)}})
}

// drift gives what the last comparison has found in a sink; nil for nothing. A note that cannot be read counts as none: there is another
// one tomorrow.
func (f *Flow) drift(ctx context.Context, repo forge.Repo, sink string) (*render.Drift, error) {
	text, err := f.Notes.Recall(ctx, repo, driftNote(sink))
	if err != nil || len(text) == 0 {
		return nil, err
	}
	var d render.Drift
	if json.Unmarshal(text, &d) != nil {
		return nil, nil
	}
	return &d, nil
}
