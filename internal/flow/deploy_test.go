package flow_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink"
)

func deployedPlans(acme string) map[string]string {
	return map[string]string{"acme/plan.yaml": acme, "beta/plan.yaml": "name: Beta\n"}
}

// Cut off at any effect, before it or with its answer lost, and worked on again: the same files, one check run, one deployment.
func TestDeployReplayed(t *testing.T) {
	for _, lost := range []bool{false, true} {
		for n := 1; ; n++ {
			h := newHub()
			h.commit("main", "", plans())
			h.finish(t, branchKey("main"))
			h.effects = 0
			second := h.commit("main", h.heads.Tips["main"], map[string]string{betaPlan: "", acmePlan: "name: A\n", "shared/plan.yaml": "name: S\n"})
			h.failAt, h.lost = n, lost
			again := h.finish(t, branchKey("main"))
			want := map[string]string{"acme/plan.yaml": "name: A\n", ".shared/plan.yaml": "name: S\n"}
			if got := h.served(); !maps.Equal(got, want) {
				t.Errorf("cut off at effect %d (lost %t): production holds %q", n, lost, got)
			}
			run := h.newest(second, flow.DeployCheck)
			if len(h.runs) != 2 || run.Conclusion != forge.Success || len(h.deploys) != 2 || h.deploys[1].State != forge.DeploymentSuccess {
				t.Errorf("cut off at effect %d (lost %t): %d runs, %s; deployments %+v", n, lost, len(h.runs), run.Conclusion, h.deploys)
			}
			if before := h.effects; h.finish(t, branchKey("main")) || h.effects != before {
				t.Errorf("cut off at effect %d (lost %t): seen again, there are %d more effects", n, lost, h.effects-before)
			}
			if !again {
				break
			}
		}
	}
}

// Cut off at any effect, and then the branch is somewhere else: no file of the commit that was on its way is left behind.
func TestInterruptedDeployIsNotServed(t *testing.T) {
	for name, c := range map[string]struct {
		then       func(h *hub, first, second forge.Commit)
		want       map[string]string
		conclusion forge.Conclusion
	}{
		"the next commit is invalid for one": {func(h *hub, _, second forge.Commit) {
			h.commit("main", second, map[string]string{acmePlan: "nome: A\n", "customers/gamma/plan.yaml": ""})
		}, deployedPlans("name: Acme\n"), forge.Failed},
		"nobody can read the next commit": {func(h *hub, _, second forge.Commit) {
			h.commit("main", second, map[string]string{".tamer.yaml": "layuot: {}\n"})
		}, deployedPlans("name: Acme\n"), forge.Failed},
		"the branch is set back": {func(h *hub, first, _ forge.Commit) { h.heads.Tips["main"] = first }, deployedPlans("name: Acme\n"), forge.Success},
		"the next commit undoes it": {func(h *hub, _, second forge.Commit) {
			h.commit("main", second, map[string]string{acmePlan: "name: Acme\n", "customers/gamma/plan.yaml": ""})
		}, deployedPlans("name: Acme\n"), forge.Success},
		"the next commit goes on": {func(h *hub, _, second forge.Commit) {
			h.commit("main", second, map[string]string{acmePlan: "name: A3\n", "customers/gamma/plan.yaml": ""})
		}, deployedPlans("name: A3\n"), forge.Success},
		"the branch is another one": {func(h *hub, _, _ forge.Commit) { h.commit("main", "", map[string]string{acmePlan: "name: Other\n"}) },
			deployedPlans("name: Acme\n"), forge.ActionRequired},
	} {
		t.Run(name, func(t *testing.T) {
			for n := 1; ; n++ {
				h := newHub()
				first := h.commit("main", "", plans())
				h.finish(t, branchKey("main"))
				second := h.commit("main", first, map[string]string{acmePlan: "name: A\n", "customers/gamma/plan.yaml": "name: Gamma\n"})
				h.effects, h.failAt = 0, n
				if err := h.once(t, branchKey("main")); err == nil {
					break
				} else if !errors.Is(err, errCut) {
					t.Fatal(err)
				}
				moved := strings.Contains(h.store.Objects()[".tamer/channels/production.json"], string(second))
				c.then(h, first, second)
				h.finish(t, branchKey("main"))
				if moved && name != "the next commit undoes it" && name != "the next commit goes on" {
					continue // the second commit was served already
				}
				if got := h.served(); !maps.Equal(got, c.want) {
					t.Errorf("cut off at effect %d: production holds %q", n, got)
				}
				if run := h.newest(h.heads.Tips["main"], flow.DeployCheck); run.Conclusion != c.conclusion {
					t.Errorf("cut off at effect %d: %s: %s", n, run.Conclusion, run.Title)
				}
			}
		})
	}
}

// A store that holds another repository's configuration is left alone.
func TestForeignStore(t *testing.T) {
	h := newHub()
	h.commit("main", "", plans())
	h.finish(t, branchKey("main"))
	if _, err := h.store.Put(t.Context(), release.OwnerKey, []byte(`{"id":3,"repository":"acme/config"}`), sink.Always); err != nil {
		t.Fatal(err)
	}
	before := h.store.Objects()
	h.repo.Name = "other"
	tip := h.commit("main", "", plans())
	h.finish(t, branchKey("main"))
	if run := h.newest(tip, flow.DeployCheck); run.Conclusion != forge.Failed || !strings.Contains(run.Summary, "acme/config") {
		t.Errorf("%s: %s", run.Conclusion, run.Summary)
	}
	if !maps.Equal(h.store.Objects(), before) {
		t.Error("the store was written to")
	}
}

// The first deploy of all is cut off, and then there is nothing valid to deploy: the store is as empty as it was, or serves all of the first
// commit where that had begun to be seen.
func TestFirstDeployInterrupted(t *testing.T) {
	whole := map[string]string{"acme/plan.yaml": "name: Acme\n", "beta/plan.yaml": "name: Beta\n"}
	for n := 1; n <= 7; n++ {
		h := newHub()
		first := h.commit("main", "", plans())
		h.failAt = n
		if err := h.once(t, branchKey("main")); !errors.Is(err, errCut) {
			t.Fatalf("effect %d: %v", n, err)
		}
		if strings.Contains(h.store.Objects()[".tamer/channels/production.json"], string(first)) {
			t.Fatalf("after effect %d the commit is served", n)
		}
		begun := h.store.Objects()[".tamer/journals/production.json"] != ""
		h.commit("main", first, map[string]string{".tamer.yaml": "layuot: {}\n"})
		h.finish(t, branchKey("main"))
		if got := h.served(); !begun && len(got) > 0 || begun && !maps.Equal(got, whole) {
			t.Errorf("cut off at effect %d: production holds %q", n, got)
		}
	}
}

// The branch is deleted while its first deploy is under way: what had begun to be seen is served whole, and held; also where somebody resumes
// although there is no branch.
func TestBranchDeletedDuringTheFirstDeploy(t *testing.T) {
	h := newHub()
	first := h.commit("main", "", plans())
	h.failAt = 7
	if err := h.once(t, branchKey("main")); !errors.Is(err, errCut) {
		t.Fatal(err)
	}
	h.commit("other", first, map[string]string{".tamer.yaml": "deploy: {branch: main}\n"})
	h.heads.Default = "other"
	delete(h.heads.Tips, "main")
	h.finish(t, branchKey("main"))
	if c := h.channel(t); c.Commit != first || c.Hold == nil || !strings.Contains(c.Hold.Reason, "was deleted") || len(h.served()) != 2 {
		t.Fatalf("channel %+v, production holds %q", c, h.served())
	}
	h.resume(t)
	h.finish(t, branchKey("main"))
	if c := h.channel(t); c.Commit != first || c.Hold != nil {
		t.Errorf("resumed: channel %+v", c)
	}
}
