package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
	"github.com/tamerhq/tamer/internal/work"
)

// A worker that was paused on its way to the store finds another one's deploy of a later commit there: that is no rewritten branch, and
// holds nothing.
func TestOvertakenIsNotHeld(t *testing.T) {
	h := newHub()
	first := h.commit("main", "", plans())
	h.finish(t, branchKey("main"))
	second := h.commit("main", first, map[string]string{acmePlan: "name: A\n"})
	fail, paused := h.store.Fail, false
	h.store.Fail = func(op, key string) error {
		if op == sinktest.Get && key == release.ChannelKey(release.Production) && !paused {
			paused = true
			h.commit("main", second, map[string]string{acmePlan: "name: B\n"})
			h.finish(t, deployKey("store"))
		}
		return fail(op, key)
	}
	h.finish(t, deployKey("store"))
	if c := h.channel(t); c.Hold != nil || h.served()["acme/plan.yaml"] != "name: B\n" || !paused {
		t.Errorf("%+v, and %q is served", c, h.served())
	}
}

// A worker that was paused while it wrote a file is overtaken by the deploy of a later commit, and its file arrives behind that: it asks
// for the store to be looked at again, which writes what belongs there.
func TestALateFileIsWrittenAgain(t *testing.T) {
	h := newHub()
	first := h.commit("main", "", plans())
	h.finish(t, branchKey("main"))
	second := h.commit("main", first, map[string]string{acmePlan: "name: A\n"})
	f, err := flow.New(h.config())
	if err != nil {
		t.Fatal(err)
	}
	fail, lost := h.store.Fail, error(nil)
	h.store.Fail = func(op, key string) error {
		if op == sinktest.Put && key == "acme/plan.yaml" && lost == nil {
			lost = errors.New("in other hands")
			h.commit("main", second, map[string]string{acmePlan: "name: B\n"})
			h.finish(t, deployKey("store"))
		}
		return fail(op, key)
	}
	ctx := work.WithHold(t.Context(), work.Hold{Key: deployKey("store"), Check: func() error { return lost }})
	if _, err := f.Handle(ctx, work.Task{Key: deployKey("store"), Attempt: 1}); err == nil {
		t.Error("who is late succeeds")
	}
	if got := h.served()["acme/plan.yaml"]; got != "name: A\n" {
		t.Fatalf("%q is served, and nothing was late", got)
	}
	for _, k := range h.asked() {
		h.finish(t, k)
	}
	if got := h.served()["acme/plan.yaml"]; got != "name: B\n" {
		t.Errorf("%q is served", got)
	}
}

// Two pull requests have one head. One is closed while it waits for its turn: it no longer speaks for the other.
func TestClosedWhileItWaits(t *testing.T) {
	for name, key := range map[string]func(int) work.Key{"verdict": pullKey, "gates": gateKey} {
		t.Run(name, func(t *testing.T) {
			h := newHub()
			main := h.commit("main", "", plans())
			h.commit("other", main, nil)
			h.commit("change", main, map[string]string{acmePlan: "name: A\n"})
			h.open(1, "change")
			h.open(2, "change")
			h.alter(1, func(pr *forge.PullRequest) { pr.BaseBranch = "other" })
			cfg := h.config()
			cfg.Turn = func(context.Context, string) (func(), error) {
				h.alter(1, func(pr *forge.PullRequest) { pr.Open = false })
				return func() {}, nil
			}
			f, err := flow.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			state, err := f.Handle(t.Context(), work.Task{Key: key(1), Attempt: 1})
			if err != nil || len(h.runs) > 0 || strings.Contains(string(state), "with") {
				t.Errorf("%d check runs, state %q, %v", len(h.runs), state, err)
			}
		})
	}
}

// What a person asked for stays where the branch is looked at again, whatever the policy says.
func TestAskedPreviewStays(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", map[string]string{planSchema: plans()[planSchema], acmePlan: "name: Acme\n", ".tamer.yaml": "deploy: {previews: {branches: false, commits: false}}\n"})
	h.all(t, branchKey("main"))
	head := h.commit("change", main, map[string]string{acmePlan: "name: A\n"})
	key := work.Key{Kind: work.Preview, Installation: 1, Repository: 2, Name: release.CommitChannel(head)}
	if err := h.do(t, work.Task{Key: key, Anew: true, Attempt: 1}); err != nil {
		t.Fatal(err)
	}
	h.heads.Tips["same"] = head
	h.all(t, branchKey("same"))
	if got := h.beside(); !strings.Contains(got, ".commits/"+string(head)+"/acme/plan.yaml=name: A") {
		t.Errorf("served beside production:\n%s", got)
	}
}

// A deploy that was cut off, and that nobody goes on with, is gone on with at the latest when the store is tended.
func TestTendGoesOn(t *testing.T) {
	for n := 1; ; n++ {
		h := newHub()
		first := h.commit("main", "", plans())
		h.finish(t, branchKey("main"))
		h.commit("main", first, map[string]string{acmePlan: "name: A\n"})
		h.effects, h.failAt = 0, n
		if err := h.once(t, deployKey("store")); err == nil {
			break
		}
		begun := strings.Contains(h.store.Objects()[release.JournalKey(release.Production)], `"generation":2`)
		h.wanted = nil
		h.all(t, work.Key{Kind: work.Tend, Installation: 1, Repository: 2, Name: "store"})
		if served := h.served()["acme/plan.yaml"] == "name: A\n"; served != begun {
			t.Errorf("cut off at effect %d, with its journal written %t: tended, and production holds %q", n, begun, h.served())
		}
	}
}

// A removal that was cut off leaves no files behind for ever.
func TestTendLeftovers(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", plans())
	h.all(t, branchKey("main"))
	for _, branch := range []string{"one", "two"} {
		h.commit(branch, main, map[string]string{acmePlan: "name: " + branch + "\n"})
		h.all(t, branchKey(branch))
	}
	if err := h.store.Delete(t.Context(), release.ChannelKey(release.BranchChannel("one"))); err != nil {
		t.Fatal(err)
	}
	tend := work.Key{Kind: work.Tend, Installation: 1, Repository: 2, Name: "store"}
	h.all(t, tend)
	if got := h.beside(); !strings.Contains(got, ".branches/one/") {
		t.Errorf("somebody may be at work, and served is:\n%s", got)
	}
	h.later = 48 * 3600e9
	h.heads.Tips = map[string]forge.Commit{"main": main, "two": h.heads.Tips["two"]}
	h.all(t, tend)
	if got := h.beside(); strings.Contains(got, "/one") || !strings.Contains(got, ".branches/two/") {
		t.Errorf("tended, and there is:\n%s", got)
	}
	for key := range h.store.Objects() {
		if strings.HasPrefix(key, release.JournalPrefix+"branch/one") {
			t.Errorf("%s is left", key)
		}
	}
}

// A commit that was overtaken before it was deployed does not look for ever as if it were being deployed; cut off at any effect, likewise.
func TestOvertakenIsNotShownForEver(t *testing.T) {
	announce := work.Key{Kind: work.Announce, Installation: 1, Repository: 2}
	for n := 0; ; n++ {
		h := newHub()
		first := h.commit("main", "", plans())
		h.finish(t, branchKey("main"))
		second := h.commit("main", first, map[string]string{acmePlan: "name: A\n"})
		h.finishOne(t, announce)
		if run := h.newest(second, flow.DeployCheck); run.Status == forge.Completed {
			t.Fatalf("nothing was deployed, and shown is %s", run.Title)
		}
		third := h.commit("main", second, map[string]string{acmePlan: "name: B\n"})
		h.effects, h.failAt = 0, n
		again := h.finish(t, branchKey("main"))
		old, now := h.newest(second, flow.DeployCheck), h.newest(third, flow.DeployCheck)
		if old.Conclusion != forge.Cancelled || now.Conclusion != forge.Success || h.deploys[1].State != forge.DeploymentInactive || len(h.runs) != 3 || len(h.deploys) != 3 {
			t.Errorf("cut off at effect %d: %s: %s; then %s; deployments %+v", n, old.Status, old.Title, now.Conclusion, h.deploys)
		}
		if n > 0 && !again {
			break
		}
	}
}

// A deploy branch that came back for a moment, seen by one piece of work alone, is dealt with by the next sweep: nothing is shown as under way
// for ever, and what was deployed meanwhile is held.
func TestABranchThatWasBackForAMoment(t *testing.T) {
	sweep := work.Key{Kind: work.Repository, Installation: 1, Repository: 2}
	for _, seen := range []work.Key{{Kind: work.Announce, Installation: 1, Repository: 2}, deployKey("store")} {
		t.Run(string(seen.Kind), func(t *testing.T) {
			h := newHub()
			home := h.commit("main", "", plans())
			h.commit("main", home, map[string]string{".tamer.yaml": "deploy: {branch: stable}\n"})
			gone := func() { delete(h.heads.Tips, "stable") }
			h.all(t, branchKey("stable"))
			h.heads.Tips["stable"] = home
			h.finishOne(t, seen)
			gone()
			h.all(t, sweep)
			if run := h.newest(home, flow.DeployCheck); run.Status == forge.InProgress {
				t.Errorf("shown for ever: %s", run.Title)
			}
			if held := strings.Contains(h.store.Objects()[release.ChannelKey(release.Production)], `"by":"tamer"`); held != (seen.Kind == work.Deploy) {
				t.Errorf("production is held: %t", held)
			}
			before := h.effects
			if h.all(t, sweep); h.effects != before {
				t.Errorf("swept again, there are %d more effects", h.effects-before)
			}
		})
	}
}
