package flow_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
	"github.com/tamerhq/tamer/internal/work"
)

// A deployment leads to what is served and to the check run that tells how it went, from its first state on; a preview, of which no check run
// tells, to all of its commit.
func TestDeploymentsLeadSomewhere(t *testing.T) {
	h := newHub()
	down := true
	h.second = &sinktest.Memory{Fail: func(op, _ string) error {
		if down && op == sinktest.Put {
			return errors.New("the second store takes nothing")
		}
		return nil
	}}
	main := h.commit("main", "", plans())
	leads := func(when string, want forge.Deployment) {
		t.Helper()
		got := h.deploys[len(h.deploys)-1]
		if got.Environment != want.Environment || got.State != want.State || got.URL != want.URL || got.LogURL != want.LogURL {
			t.Errorf("%s: %+v\nwant %+v", when, got, want)
		}
	}
	if err := h.once(t, branchKey("main")); err == nil {
		t.Fatal("nothing failed")
	}
	h.drain(t, deployKey("store"))
	const page = "https://tamer.example.com/r/acme/config?channel="
	want := forge.Deployment{Environment: "production", State: forge.DeploymentInProgress, URL: page + release.Production,
		LogURL: fmt.Sprintf("https://github.example.com/acme/config/runs/%d", h.newest(main, flow.DeployCheck).ID)}
	leads("in one of two stores", want)
	down = false
	h.finish(t, deployKey("second"))
	want.State = forge.DeploymentSuccess
	leads("in both stores", want)

	elsewhere := h.config()
	elsewhere.Pages = flow.Pages{GitHub: "https://git.example.com"}
	f, err := flow.New(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Handle(t.Context(), work.Task{Key: work.Key{Kind: work.Announce, Installation: 1, Repository: 2}, Anew: true}); err != nil {
		t.Fatal(err)
	}
	leads("the pages have moved, and nothing else", want)

	try := h.commit("try", main, map[string]string{acmePlan: "name: A\n"})
	h.all(t, branchKey("try"))
	want = forge.Deployment{Environment: "preview/try", State: forge.DeploymentSuccess, URL: page + "branch/try",
		LogURL: "https://github.example.com/acme/config/commit/" + string(try) + "/checks"}
	leads("a preview", want)
	delete(h.heads.Tips, "try")
	h.all(t, branchKey("try"))
	want.State, want.URL = forge.DeploymentInactive, ""
	leads("a preview that is gone", want)
}
