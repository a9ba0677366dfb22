package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// asksForGate tells whether the sweep asks for the gates of pull request 1.
func (h *hub) asksForGate(t *testing.T) bool {
	t.Helper()
	h.wanted = nil
	defer func() { h.wanted = nil }()
	if err := h.work(t, work.Key{Kind: work.Repository, Installation: 1, Repository: 2}); err != nil {
		t.Fatal(err)
	}
	for _, w := range h.wanted {
		if w.Key == gateKey(1) {
			return true
		}
	}
	return false
}

// With the webhook of a review lost, the sweep notices: the pull request has changed since. So it does what nobody can see on the pull
// request, in time; and a base that moves is looked at only where a gate is touched.
func TestGatesAreSwept(t *testing.T) {
	for name, c := range map[string]struct {
		change  map[string]string
		happens func(h *hub)
		asks    bool
	}{
		"nothing":                     {nil, func(*hub) {}, false},
		"a review":                    {nil, func(h *hub) { h.review(1, forge.Approved, "ben") }, true},
		"a label":                     {nil, func(h *hub) { h.alter(1, func(*forge.PullRequest) {}) }, true},
		"hours":                       {nil, func(h *hub) { h.later = 6 * time.Hour }, true},
		"the base moves":              {nil, func(h *hub) { h.commit("main", h.heads.Tips["main"], map[string]string{betaPlan: "name: B\n"}) }, true},
		"a push":                      {nil, func(h *hub) { h.push(1, "anna", map[string]string{loyalty: "{}"}) }, true},
		"no gate: a review":           {map[string]string{acmePlan: "name: A\n"}, func(h *hub) { h.review(1, forge.Approved, "ben") }, false},
		"no gate: days":               {map[string]string{acmePlan: "name: A\n"}, func(h *hub) { h.later = 72 * time.Hour }, false},
		"no gate: the base moves":     {map[string]string{acmePlan: "name: A\n"}, func(h *hub) { h.commit("main", h.heads.Tips["main"], map[string]string{betaPlan: "name: B\n"}) }, false},
		"no gate: the policy changes": {map[string]string{acmePlan: "name: A\n"}, func(h *hub) { h.commit("main", h.heads.Tips["main"], map[string]string{".tamer.yaml": everything}) }, true},
		"no gate: a push":             {map[string]string{acmePlan: "name: A\n"}, func(h *hub) { h.push(1, "anna", map[string]string{acmePlan: "name: B\n"}) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newGate()
			if c.change != nil {
				h = newGate(c.change)
			}
			h.gate(t, 1)
			c.happens(h)
			if got := h.asksForGate(t); got != c.asks {
				t.Errorf("the sweep asks: %t, want %t", got, c.asks)
			}
			h.gate(t, 1)
			if h.asksForGate(t) {
				t.Error("the sweep asks again after the look")
			}
		})
	}
}

const everything = "governance: {rules: [{name: everything, when: 'true', approvals: 1}]}\n"

// The fewest are asked to review, once each, and nobody for a draft.
func TestReviewsAreRequested(t *testing.T) {
	for name, c := range map[string]struct {
		arrange func(t *testing.T, h *hub)
		want    string
	}{
		"the regular editor": {func(*testing.T, *hub) {}, "ella"},
		"a draft":            {func(t *testing.T, h *hub) { h.alter(1, func(pr *forge.PullRequest) { pr.Draft = true }) }, ""},
		"asked by somebody": {func(t *testing.T, h *hub) {
			h.alter(1, func(pr *forge.PullRequest) { pr.Requested = []forge.User{people["ella"]} })
		}, ""},
		"has reviewed": {func(t *testing.T, h *hub) { h.review(1, forge.Commented, "ella") }, ""},
		"the request taken back": {func(t *testing.T, h *hub) {
			h.gate(t, 1)
			h.alter(1, func(pr *forge.PullRequest) { pr.Requested = nil })
		}, "ella"},
		"and pushed":    {func(t *testing.T, h *hub) { h.gate(t, 1); h.push(1, "anna", map[string]string{loyalty: "[]"}) }, "ella"},
		"is the author": {func(t *testing.T, h *hub) { h.alter(1, func(pr *forge.PullRequest) { pr.Author = people["ella"] }) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newGate()
			main := h.commit("main", "", map[string]string{".tamer.yaml": "governance: {request-reviews: true, regular-editors: {teams: [editors]}}\n"})
			h.commit("change", main, map[string]string{loyalty: "{}"})
			h.openBy(1, "change", "anna")
			c.arrange(t, h)
			h.gate(t, 1)
			if got := strings.Join(h.crowd.asked[1], " "); got != c.want {
				t.Errorf("asks %q, want %q", got, c.want)
			}
		})
	}
}
