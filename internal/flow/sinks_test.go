package flow_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
	"github.com/tamerhq/tamer/internal/work"
)

func deployKey(sink string) work.Key {
	return work.Key{Kind: work.Deploy, Installation: 1, Repository: 2, Name: sink}
}

// Of two stores one is down: the other is served, the check run says so and waits; once it is up again, it catches up alone, with one deploy.
func TestOneStoreIsDown(t *testing.T) {
	h := newHub()
	down, puts := false, 0
	second := &sinktest.Memory{Fail: func(op, key string) error {
		if op == sinktest.Put && strings.HasPrefix(key, release.ReleasePrefix) {
			puts++
		}
		if down && op != sinktest.Get {
			return errors.New("the second store takes nothing")
		}
		return nil
	}}
	h.second = second
	h.commit("main", "", plans())
	h.finish(t, branchKey("main"))
	down, puts = true, 0
	tip := h.heads.Tips["main"]
	for _, text := range []string{"1", "2", "3"} {
		tip = h.commit("main", tip, map[string]string{acmePlan: "name: A" + text + "\n"})
		if err := h.once(t, branchKey("main")); err == nil {
			t.Error("nothing failed")
		}
		h.drain(t, deployKey("store"))
	}
	if got := h.served()["acme/plan.yaml"]; got != "name: A3\n" {
		t.Errorf("the first store holds %q", got)
	}
	run := h.newest(tip, flow.DeployCheck)
	if run.Status != forge.InProgress || !strings.Contains(run.Summary, "takes nothing") || !strings.Contains(run.Title, "1 of 2 stores") || h.deploys[3].State != forge.DeploymentInProgress {
		t.Errorf("%s: %s\n%s", run.Status, run.Title, run.Summary)
	}
	down, puts = false, 0
	h.finish(t, deployKey("second"))
	run = h.newest(tip, flow.DeployCheck)
	if run.Conclusion != forge.Success || strings.Contains(run.Summary, "takes nothing") || puts != 1 || h.deploys[3].State != forge.DeploymentSuccess {
		t.Errorf("%s after %d deploys: %s", run.Conclusion, puts, run.Summary)
	}
	if one, two := h.store.Objects(), second.Objects(); one["acme/plan.yaml"] != two["acme/plan.yaml"] || len(one) < len(two) {
		t.Errorf("the stores differ: %q", two)
	}
}

// drain works on a key and on what it asks for, and forgets what fails.
func (h *hub) drain(t *testing.T, k work.Key) {
	t.Helper()
	for todo := []work.Key{k}; len(todo) > 0; {
		_ = h.work(t, todo[0])
		todo = append(todo[1:], h.asked()...)
	}
}

// A customer that fails is held back and shown with its findings; the others are served, and nothing is green.
func TestHeldCustomerIsShown(t *testing.T) {
	h := newHub()
	first := h.commit("main", "", plans())
	h.finish(t, branchKey("main"))
	tip := h.commit("main", first, map[string]string{acmePlan: "nome: A\n", betaPlan: "name: B\n"})
	h.finish(t, branchKey("main"))
	if got, want := h.served(), map[string]string{"acme/plan.yaml": "name: Acme\n", "beta/plan.yaml": "name: B\n"}; !maps.Equal(got, want) {
		t.Errorf("production holds %q", got)
	}
	run := h.newest(tip, flow.DeployCheck)
	if run.Conclusion != forge.Failed || len(run.Annotations) != 1 || !strings.Contains(run.Summary, "` acme ` keeps ` 0000000 `") || h.deploys[1].State != forge.DeploymentSuccess {
		t.Errorf("%s, %d annotations, deployment %s: %s\n%s", run.Conclusion, len(run.Annotations), h.deploys[1].State, run.Title, run.Summary)
	}
	tip = h.commit("main", tip, map[string]string{acmePlan: "name: A\n"})
	h.finish(t, branchKey("main"))
	if run := h.newest(tip, flow.DeployCheck); run.Conclusion != forge.Success || h.served()["acme/plan.yaml"] != "name: A\n" {
		t.Errorf("mended: %s: %s", run.Conclusion, run.Summary)
	}
}

// A branch that is rewritten or deleted holds the channel, whatever comes next, until somebody resumes.
func TestHoldUntilResumed(t *testing.T) {
	for name, c := range map[string]struct {
		stray func(h *hub, first, second forge.Commit)
		says  string
	}{
		"rewritten": {func(h *hub, first, _ forge.Commit) {
			h.commit("main", first, map[string]string{acmePlan: "name: Other\n"})
		}, "was rewritten"},
		"deleted": {func(h *hub, first, _ forge.Commit) {
			h.commit("other", first, map[string]string{".tamer.yaml": "deploy: {branch: main}\n"})
			h.heads.Default = "other"
			delete(h.heads.Tips, "main")
		}, "was deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHub()
			first := h.commit("main", "", plans())
			h.finish(t, branchKey("main"))
			second := h.commit("main", first, map[string]string{acmePlan: "name: Second\n"})
			h.finish(t, branchKey("main"))
			c.stray(h, first, second)
			h.finish(t, branchKey("main"))
			if channel := h.channel(t); channel.Hold == nil || !strings.Contains(channel.Hold.Reason, c.says) || channel.Commit != second {
				t.Fatalf("channel %+v", channel)
			}
			back := h.commit("main", second, map[string]string{acmePlan: "name: Third\n"})
			h.finish(t, branchKey("main"))
			if got := h.served()["acme/plan.yaml"]; got != "name: Second\n" {
				t.Errorf("held, and production holds %q", got)
			}
			if run := h.newest(back, flow.DeployCheck); run.Conclusion != forge.ActionRequired || !strings.Contains(run.Summary, c.says) {
				t.Errorf("%s: %s", run.Conclusion, run.Summary)
			}
			h.commit("main", first, map[string]string{acmePlan: "name: Fourth\n"}) // and it is no descendant
			h.resume(t)
			h.finish(t, branchKey("main"))
			if got := h.served()["acme/plan.yaml"]; got != "name: Fourth\n" {
				t.Errorf("resumed, and production holds %q", got)
			}
		})
	}
}
