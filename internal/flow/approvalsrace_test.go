package flow_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
)

// races is how many are run: TAMER_TEST_RACES, or fewer in the normal run.
func races() int {
	if n, err := strconv.Atoi(os.Getenv("TAMER_TEST_RACES")); err == nil {
		return n
	}
	return 100
}

// A race is one pull request on which people act at any moment of tamer's look at it.
type race struct {
	*hub
	r     *rand.Rand
	acts  int          // still to come
	base  string       // as tamer has read it last
	head  forge.Commit // likewise
	moved time.Time    // likewise: when it got that base
	good  bool         // what tamer has read last was enough
	since int          // calls since then
	stale int          // how many these were at the last write
	story []string
}

// act lets somebody do something.
func (r *race) act() {
	r.acts--
	what := [...]string{"ben approves", "ella approves", "carl approves", "anna changes", "anna polishes", "retargeted", "ben objects", "dismissed", "anna changes back"}[r.r.IntN(9)]
	r.story = append(r.story, what)
	switch what {
	case "ben approves", "ella approves", "carl approves":
		r.review(1, forge.Approved, what[:len(what)-len(" approves")])
	case "anna changes":
		r.push(1, "anna", map[string]string{loyalty: fmt.Sprintf(`{"maxProperties":%d}`, r.ticks)})
	case "anna changes back":
		r.push(1, "anna", map[string]string{loyalty: `{"type":"object"}`})
	case "anna polishes":
		r.push(1, "anna", map[string]string{"README.md": fmt.Sprint(r.ticks)})
	case "retargeted":
		r.retarget(1, map[string]string{"main": "free", "free": "main"}[r.pulls[1].BaseBranch])
	case "ben objects":
		r.review(1, forge.ChangesRequested, "ben")
	case "dismissed":
		if all := r.crowd.reviews[1]; len(all) > 0 {
			all[r.r.IntN(len(all))].State = forge.Dismissed
			r.alter(1, func(*forge.PullRequest) {})
		}
	}
}

// enough states plainly whether the head may be merged into the branch, which the pull request leads to since then, by the reviews that
// are there now.
func (r *race) enough(head forge.Commit, base string, since time.Time) bool {
	if base == "free" {
		return true
	}
	last := map[string]forge.Review{}
	for _, review := range r.crowd.reviews[1] {
		last[review.By.Login] = review
	}
	yes := map[string]bool{}
	for login, review := range last {
		switch {
		case review.State == forge.ChangesRequested:
			return false
		case review.State == forge.Approved && review.At.After(since) && r.trees[review.Commit.Tree()][loyalty] == r.trees[head.Tree()][loyalty]:
			yes[login] = true
		}
	}
	return len(yes) >= 2 && yes["ella"]
}

// called is every moment at which tamer speaks with GitHub: something may happen before, and a green run must rest on what was read.
func (r *race) called(name string) {
	if r.acts > 0 && r.r.IntN(3) == 0 {
		r.act()
	}
	r.since++
	switch name {
	case "effect":
		r.stale = r.since
	case "PullRequest":
		r.since = 0
		r.head, r.base = r.pulls[1].Head, r.pulls[1].BaseBranch
	case "Retargeted":
		r.moved = r.crowd.moved[1]
	case "Reviews":
		r.since = 0
		r.good = r.enough(r.head, r.base, r.moved)
	}
}

// People approve, push, retarget, object and dismiss at every moment: no run is green on content that was not approved when it was read
// last, and in the end the run is green exactly where the approvals suffice.
func TestNoRaceTurnsGreen(t *testing.T) {
	ended := map[bool]int{}
	for seed := range races() {
		r := &race{hub: newGate(), r: rand.New(rand.NewPCG(uint64(seed), 3)), acts: 12}
		r.commit("free", r.heads.Tips["main"], map[string]string{".tamer.yaml": "governance: {new-type: {approvals: 0, regular-editors: 0}}\n"})
		r.hub.called = r.called
		for r.acts > 0 {
			before := r.tick()
			if err := r.work(t, gateKey(1)); err != nil && !strings.Contains(err.Error(), "it changed while it was looked at") {
				t.Fatal(err)
			}
			r.judge(t, seed, before)
			if r.acts > 0 {
				r.act()
			}
		}
		run := r.gate(t, 1)
		want := r.enough(r.pulls[1].Head, r.pulls[1].BaseBranch, r.crowd.moved[1])
		ended[want]++
		if got := run.Conclusion == forge.Success; got != want {
			t.Fatalf("race %d: %q: green %t, want %t: %s", seed, r.story, got, want, run.Title)
		}
	}
	if races() >= 100 && (ended[true] < 5 || ended[false] < 5) {
		t.Errorf("the races end too much alike: %v", ended)
	}
}

// judge looks at what the last attempt has shown.
func (r *race) judge(t *testing.T, seed int, before time.Time) {
	t.Helper()
	for _, run := range r.runs {
		if run.Name != flow.ApprovalsCheck || !run.CompletedAt.After(before) || run.Conclusion != forge.Success {
			continue
		}
		if r.stale > 1 {
			t.Fatalf("race %d: %q: green, %d calls after the reviews were read", seed, r.story, r.stale)
		}
		if r.base != "free" && !r.good {
			t.Fatalf("race %d: %q: green on %s, and what was read last was not enough", seed, r.story, run.Head.Short())
		}
	}
}
