package flow_test

import (
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
)

// Who may take production back by a command, and what comes of it.
func TestOperatorsCommands(t *testing.T) {
	const rest = " prices were wrong"
	for name, c := range map[string]struct {
		say      string
		by       int64
		acme     string // what production serves then
		says     string // in the answer
		held     bool
		commands int // of the same, for the same is the same
	}{
		"an operator":        {"/tamer rollback" + rest, 7, "name: Acme\n", "serves commit 0000000", true, 2},
		"one customer":       {"/tamer rollback --customer acme --to 1" + rest, 7, "name: Acme\n", "serves commit", false, 1},
		"a writer":           {"/tamer rollback" + rest, 8, "name: A\n", "takes a member of a team", false, 1},
		"without a reason":   {"/tamer rollback --to 1", 7, "name: A\n", "Say why", false, 1},
		"an unknown option":  {"/tamer rollback --all" + rest, 7, "name: A\n", "--customer NAME", false, 1},
		"an unfinished one":  {"/tamer rollback --to", 7, "name: A\n", "names nothing", false, 1},
		"nothing to resume":  {"/tamer resume" + rest, 7, "name: A\n", "nothing holds production", false, 1},
		"resume with option": {"/tamer resume --to 1" + rest, 7, "name: A\n", "without options", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			h := operated(t)
			for range c.commands {
				if err := h.once(t, h.say(1, forge.Comment{Author: forge.User{ID: c.by, Login: "olga"}, Body: c.say})); err != nil {
					t.Fatal(err)
				}
			}
			said := strings.Join(h.said(1), "\n")
			if got := h.served()["acme/plan.yaml"]; got != c.acme || !strings.Contains(said, c.says) || (h.channel(t).Hold != nil) != c.held {
				t.Errorf("production serves %q, and %s is said; channel %+v", got, said, h.channel(t))
			}
		})
	}
}

// operated is a repository whose second commit is deployed, with an operator, 7, and a writer, 8.
func operated(t *testing.T) *hub {
	t.Helper()
	h := newHub()
	first := h.commit("main", "", plans())
	h.finish(t, branchKey("main"))
	h.commit("main", first, map[string]string{acmePlan: "name: A\n"})
	h.finish(t, branchKey("main"))
	h.commit("change", first, nil)
	h.open(1, "change")
	h.overrides = []string{"acme/operators"}
	h.crowd.teams["acme/operators"] = []forge.User{{ID: 7, Login: "olga"}}
	h.writers[7], h.writers[8] = true, true
	return h
}

// Resumed by a command, production follows its branch again; cut off at any effect, it does so once.
func TestResumeCommandReplayed(t *testing.T) {
	for n := 1; ; n++ {
		h := operated(t)
		h.finish(t, h.say(1, forge.Comment{Author: forge.User{ID: 7, Login: "olga"}, Body: "/tamer rollback prices were wrong"}))
		h.effects, h.failAt, h.lost = 0, n, true
		again := h.finish(t, h.say(1, forge.Comment{Author: forge.User{ID: 7, Login: "olga"}, Body: "/tamer resume mended"}))
		if got := h.served()["acme/plan.yaml"]; got != "name: A\n" || h.channel(t).Hold != nil || h.channel(t).Generation != 4 {
			t.Errorf("cut off at effect %d: production serves %q by %+v", n, got, h.channel(t))
		}
		if !again {
			break
		}
	}
}

// What the status page does for an operator is what the command does, also the second time.
func TestResumeByOperator(t *testing.T) {
	h := operated(t)
	h.finish(t, h.say(1, forge.Comment{Author: forge.User{ID: 7, Login: "olga"}, Body: "/tamer rollback prices were wrong"}))
	f, err := flow.New(h.config())
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[int64]bool{7: true, 8: false} {
		if got, err := f.Operator(t.Context(), h.repo, forge.User{ID: id}); err != nil || got != want {
			t.Errorf("person %d is an operator: %t, %v", id, got, err)
		}
	}
	for range 2 {
		if err := f.Resume(t.Context(), h.repo, "olga", "mended"); err != nil {
			t.Fatal(err)
		}
		h.finish(t, branchKey("main"))
		if got := h.served()["acme/plan.yaml"]; got != "name: A\n" || h.channel(t).Hold != nil {
			t.Errorf("production serves %q by %+v", got, h.channel(t))
		}
	}
}
