package flow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// With its webhooks lost, a branch is served as it is pushed, moves and goes all the same; one that was never served is left to its age.
func TestPreviewsFollowWithoutWebhooks(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", plans())
	h.all(t, branchKey("main"))
	sweep := func() {
		t.Helper()
		h.all(t, work.Key{Kind: work.Repository, Installation: 1, Repository: 2})
	}
	one := h.commit("try", main, map[string]string{acmePlan: "name: A\n"})
	h.commit("ancient", main, map[string]string{acmePlan: "name: B\n"})
	h.commit("gh-readonly-queue/main/pr-1-"+strings.Repeat("0", 40), main, map[string]string{acmePlan: "name: C\n"})
	h.young = map[forge.Commit]bool{one: true}
	for _, step := range []struct {
		what string
		do   func()
		want string // the plain file of the branch
	}{
		{"pushed", func() {}, "name: A\n"},
		{"moved", func() { h.commit("try", one, map[string]string{acmePlan: "name: A2\n"}) }, "name: A2\n"},
		{"gone", func() { delete(h.heads.Tips, "try") }, ""},
	} {
		step.do()
		sweep()
		if got := h.store.Objects()[".branches/try/acme/plan.yaml"]; got != step.want {
			t.Errorf("%s: the branch is served %q, want %q", step.what, got, step.want)
		}
		if got := h.beside(); strings.Contains(got, "ancient") || strings.Contains(got, "readonly") {
			t.Errorf("%s: served beside production:\n%s", step.what, got)
		}
		before := h.effects
		if sweep(); h.effects != before {
			t.Errorf("%s: swept again, there are %d more effects", step.what, h.effects-before)
		}
	}
}

// However many branches there are, one sweep looks at a few, and each has its turn.
func TestEveryBranchHasItsTurn(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", plans())
	h.young = map[forge.Commit]bool{}
	for i := range 50 {
		h.young[h.commit(fmt.Sprintf("try-%02d", i), main, nil)] = true
	}
	seen := map[string]bool{}
	for range 3 {
		h.wanted = nil
		if err := h.work(t, work.Key{Kind: work.Repository, Installation: 1, Repository: 2}); err != nil {
			t.Fatal(err)
		}
		asked := 0
		for _, w := range h.wanted {
			if strings.HasPrefix(w.Key.Name, "branch/try-") {
				seen[w.Key.Name] = true
				asked++
			}
		}
		if asked > 20 {
			t.Errorf("one sweep asks for %d branches", asked)
		}
		h.later += time.Minute
	}
	if len(seen) != 50 {
		t.Errorf("%d of 50 branches were asked for in three sweeps", len(seen))
	}
}
