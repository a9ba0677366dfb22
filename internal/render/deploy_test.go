package render_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/validate"
)

// serving is a store that serves a commit of 2026-10-01, which was deployed in somewhat more than a second.
func serving(name string, at forge.Commit, change func(*render.DeployStore)) render.DeployStore {
	noon := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	s := render.DeployStore{Name: name,
		Channel: release.Channel{Commit: at, Release: "r", Generation: 42, UpdatedAt: noon.Add(time.Second)},
		Journal: release.Journal{Commit: at, Generation: 42, Written: 3, Removed: 1, StartedAt: noon.Add(-100 * time.Millisecond)}}
	if change != nil {
		change(&s)
	}
	return s
}

// What tamer/deploy says of a commit, in one line and in full, and what a deployment to a preview says.
func TestDeployCheck(t *testing.T) {
	tip, before := forge.Commit(strings.Repeat("b", 40)), forge.Commit(strings.Repeat("a", 40))
	wrong := validate.Result{Findings: []finding.Finding{{Rule: "type", File: "customers/acme/plan.yaml", Message: "is a string, and must be an integer", Fix: "write 30", Level: finding.Failure}}}
	one := func(s render.DeployStore) []render.DeployStore { return []render.DeployStore{s} }
	all := map[string]render.Deploy{
		"served": {Stores: one(serving("main", tip, nil))},
		"one store is down": {Stores: []render.DeployStore{serving("main", tip, nil),
			serving("second", before, func(s *render.DeployStore) { s.Problem = "write .tamer/channels/production.json: connection refused" })}},
		"one store is another repository's": {Stores: []render.DeployStore{serving("main", tip, nil),
			{Name: "second", Refused: "the store holds the configuration of another repository: acme/other"}}},
		"held by a person": {Stores: one(serving("main", before, func(s *render.DeployStore) {
			s.Channel.Hold = &release.Hold{By: "ana", Reason: "prices were wrong", Since: s.Channel.UpdatedAt}
		}))},
		"a customer is held back": {Verdict: wrong, Stores: one(serving("main", tip, func(s *render.DeployStore) {
			was := release.Digest(strings.Repeat("1", 64))
			s.Release = release.Release{Commit: tip, Customers: map[string]release.Entry{
				"acme": {Bundle: &was, Held: &release.Held{Commit: &before, Reason: "customers/acme/plan.yaml:1: is a string, and must be an integer"}},
				"beta": {Bundle: &was}, "gamma": {Held: &release.Held{Reason: "refers to acme, which is held back"}}}}
		}))},
		"nothing can be served": {Verdict: wrong, Stores: one(serving("main", before, func(s *render.DeployStore) { s.Stopped = true }))},
		"changed by somebody else": {Stores: one(serving("main", tip, func(s *render.DeployStore) {
			d := render.NewDrift("2026-10-02", []string{"acme/plan.yaml"}, 1, false)
			s.Drift = &d
		}))},
		"put right": {Stores: one(serving("main", tip, func(s *render.DeployStore) {
			d := render.NewDrift("2026-10-02", []string{"acme/plan.yaml", "evil/plan.yaml"}, 0, true)
			s.Drift = &d
		}))},
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d := all[name]
		d.Branch, d.Commit = "main", tip
		run := render.DeployCheck(d)
		fmt.Fprintf(&b, "=== %s: %s %s\n%s\n\n%s\n", name, run.Status, run.Conclusion, run.Title, run.Summary)
	}
	b.WriteString("=== previews\n")
	for _, line := range []string{render.PreviewLine(1, 0, false), render.PreviewLine(2, 1, false), render.PreviewLine(0, 0, true)} {
		fmt.Fprintln(&b, line)
	}
	golden.Check(t, "testdata/deploy.golden", b.String())
}
