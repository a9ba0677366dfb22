package flow_test

import (
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// Break glass: who may override the gates, of what, and what ends it.
func TestOverride(t *testing.T) {
	const command = "/tamer override production is down, and @ella sleeps"
	for name, c := range map[string]struct {
		by, text  string
		arrange   func(t *testing.T, h *hub) // before the command
		after     func(t *testing.T, h *hub)
		overrides bool
		says      string // in the answer
	}{
		"by the operator's team": {"ola", command, nil, nil, true, "lets"},
		"on an unreadable policy": {"ola", command, func(t *testing.T, h *hub) {
			h.commit("main", h.heads.Tips["main"], map[string]string{".tamer.yaml": "x: 1\n"})
		}, nil, true, "lets"},
		"by somebody else":         {"ben", command, nil, nil, false, "takes a member of a team"},
		"no reason":                {"ola", "/tamer override", nil, nil, false, "say why"},
		"by a guest":               {"guest", command, nil, nil, false, ""},
		"nobody is named":          {"ola", command, func(t *testing.T, h *hub) { h.overrides = nil }, nil, false, "the operator of tamer has named no team"},
		"a push right before":      {"ola", command, func(t *testing.T, h *hub) { h.push(1, "anna", map[string]string{loyalty: "[]"}) }, nil, false, "is newer than the command"},
		"edited by somebody":       {"ola", command, nil, func(t *testing.T, h *hub) { h.talk[h.command].Edited = true }, false, "lets"},
		"taken back":               {"ola", command, nil, func(t *testing.T, h *hub) { h.talk[h.command].Body = "never mind" }, false, "lets"},
		"the answer is edited":     {"ola", command, nil, func(t *testing.T, h *hub) { h.talk[len(h.talk)-1].Edited = true }, false, "lets"},
		"left the team":            {"ola", command, nil, func(t *testing.T, h *hub) { h.crowd.teams["acme/platform"] = nil }, false, "lets"},
		"may not write any more":   {"ola", command, nil, func(t *testing.T, h *hub) { h.writers[people["ola"].ID] = false }, false, "lets"},
		"the schema changes then":  {"ola", command, nil, func(t *testing.T, h *hub) { h.push(1, "anna", map[string]string{loyalty: "[]"}) }, false, "lets"},
		"one more gate is touched": {"ola", command, nil, func(t *testing.T, h *hub) { h.push(1, "anna", map[string]string{".tamer.yaml": "{}\n"}) }, false, "lets"},
		"something else changes":   {"ola", command, nil, func(t *testing.T, h *hub) { h.push(1, "anna", map[string]string{"README.md": "x"}) }, true, "lets"},
		"changes are asked for":    {"ola", command, func(t *testing.T, h *hub) { h.review(1, forge.ChangesRequested, "ben"); h.gate(t, 1) }, nil, true, "lets"},
		"an answer that is forged": {"ola", command, nil, func(t *testing.T, h *hub) { h.talk[len(h.talk)-1].Own = false }, false, "lets"},
		"another base": {"ola", command, nil, func(t *testing.T, h *hub) {
			h.commit("next", h.heads.Tips["main"], nil)
			h.alter(1, func(pr *forge.PullRequest) { pr.BaseBranch = "next" })
		}, false, "lets"},
		"through an app": {"robot", command, nil, nil, false, ""},
		"the policy is mended then": {"ola", command, func(t *testing.T, h *hub) {
			h.commit("main", h.heads.Tips["main"], map[string]string{".tamer.yaml": "x: 1\n"})
		}, func(t *testing.T, h *hub) {
			h.commit("main", h.heads.Tips["main"], map[string]string{".tamer.yaml": "{}\n"})
		}, true, "lets"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, lost := range []bool{false, true} {
				h := newGate()
				h.overrides = []string{"acme/platform"}
				h.crowd.teams["acme/platform"] = []forge.User{people["ola"], people["guest"], people["robot"]}
				h.gate(t, 1)
				if c.arrange != nil {
					c.arrange(t, h)
				}
				h.command = len(h.talk)
				key := h.say(1, forge.Comment{Author: people[c.by], Body: c.text})
				if name == "a push right before" {
					h.gate(t, 1)
				}
				h.failAt, h.lost = h.effects+1, lost
				h.finish(t, key)
				h.finish(t, key)
				answer := h.talk[len(h.talk)-1].Body
				if len(h.talk) == h.command+1 {
					answer = ""
				}
				if !strings.Contains(answer, c.says) || (answer == "") != (c.says == "") {
					t.Errorf("answer %q, want %q", answer, c.says)
				}
				if c.after != nil {
					c.after(t, h)
				}
				run := h.gate(t, 1)
				if got := run.Conclusion == forge.Success; got != c.overrides || got != strings.Contains(run.Title, "Overridden by ola") {
					t.Errorf("overridden: %t, want %t: %s: %s", got, c.overrides, run.Conclusion, run.Title)
				}
				if said := h.said(1)[0]; strings.Contains(said, "overridden by ` ola `") != c.overrides {
					t.Errorf("the comment says %q", said)
				}
			}
		})
	}
}

// A command that is edited while it is looked at makes nothing green: it is read once more, right before.
func TestOverrideEditedMeanwhile(t *testing.T) {
	h := newGate()
	h.overrides = []string{"acme/platform"}
	h.crowd.teams["acme/platform"] = []forge.User{people["ola"]}
	h.gate(t, 1)
	h.command = len(h.talk)
	h.finish(t, h.say(1, forge.Comment{Author: people["ola"], Body: "/tamer override it is urgent"}))
	cfg := h.config()
	cfg.At = func(p flow.Point) {
		if p == flow.GateDecided {
			h.talk[h.command].Edited = true
		}
	}
	f, err := flow.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // it is seen the second time
		_, _ = f.Handle(t.Context(), work.Task{Key: gateKey(1), Attempt: 1})
		if run := h.newest(h.pulls[1].Head, flow.ApprovalsCheck); run.Conclusion == forge.Success {
			t.Errorf("green all the same: %s", run.Title)
		}
	}
}
