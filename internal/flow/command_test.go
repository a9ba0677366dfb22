package flow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

const anna, stranger = 7, 8

// What comments lead to: asked is a key that is asked for anew, says what an answer holds; neither: silence.
func TestCommands(t *testing.T) {
	for name, c := range map[string]struct {
		comment forge.Comment
		asked   bool
		says    []string
	}{
		"check":                             {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer check\nplease"}, true, nil},
		"in any case":                       {forge.Comment{Author: forge.User{ID: anna}, Body: " \n/tamer\tCheck"}, true, nil},
		"help":                              {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer help"}, false, []string{"`/tamer check`"}},
		"nothing":                           {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer"}, false, []string{"does not know ` /tamer `"}},
		"unknown":                           {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer merge @all `x`"}, false, []string{"does not know `` /tamer merge @all `x` ``"}},
		"a stranger":                        {forge.Comment{Author: forge.User{ID: stranger}, Body: "/tamer check"}, false, nil},
		"a program":                         {forge.Comment{Author: forge.User{ID: anna, Bot: true}, Body: "/tamer check"}, false, nil},
		"through an app":                    {forge.Comment{Author: forge.User{ID: anna}, App: true, Body: "/tamer check"}, false, nil},
		"not the first":                     {forge.Comment{Author: forge.User{ID: anna}, Body: "Try\n/tamer check"}, false, nil},
		"another word":                      {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamers check"}, false, nil},
		"deleted":                           {forge.Comment{Author: forge.User{ID: anna}}, false, nil},
		"explain":                           {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer explain customers/acme/plan.yaml#/list/0"}, false, []string{"```yaml\nx\n", "line 3", "It is new", "must be a whole number"}},
		"explain a file":                    {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer explain `customers/acme/plan.yaml`"}, false, []string{"name: Acme", "changes it", "must be a whole number"}},
		"explain same":                      {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer explain customers/acme/plan.yaml#/name"}, false, []string{"leaves it as it is on ` main `"}},
		"explain secret":                    {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer explain customers/acme/plan.yaml#/token"}, false, []string{"is secret", "changes it\n"}},
		"explain secret no more":            {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer explain customers/acme/plan.yaml#/token"}, false, []string{"is secret"}},
		"explain secret of a broken schema": {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer explain customers/acme/plan.yaml#/token"}, false, []string{"is secret"}},
		"explain above":                     {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer explain customers/acme/plan.yaml#"}, false, []string{"holds something secret"}},
		"explain nothing":                   {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer explain"}, false, []string{"write the path of a config"}},
		"explain other":                     {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer explain README.md"}, false, []string{"not the path of a config"}},
		"explain outside":                   {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer explain ../../secret"}, false, []string{"write the path of a config"}},
		"explain gone":                      {forge.Comment{Author: forge.User{ID: anna}, Body: "/tamer explain customers/acme/plan.yaml#/list/00"}, false, []string{"no such value"}},
	} {
		t.Run(name, func(t *testing.T) {
			schema := `{"type":"object","properties":{"list":{"items":{"type":"integer"}}}}`
			token := ""
			if strings.Contains(name, "secret") || name == "explain above" {
				schema, token = `{"properties":{"token":{"type":"string","writeOnly":true}}}`, "token: abc\n"
			}
			for _, lost := range []bool{false, true} {
				h := newHub()
				main := h.commit("main", "", map[string]string{planSchema: schema, acmePlan: "name: Acme\n" + token})
				changed := map[string]string{acmePlan: wrong(1) + strings.Replace(token, "abc", "def", 1), planSchema: schema}
				if strings.HasSuffix(name, "no more") {
					changed[planSchema] = "{}"
				} else if strings.HasSuffix(name, "broken schema") {
					changed[planSchema] = "{"
				}
				h.commit("change", main, changed)
				h.open(1, "change")
				h.writers[anna] = true
				key := h.say(1, c.comment)
				h.failAt, h.lost = 1, lost
				h.finish(t, key)
				before := h.effects
				if h.finish(t, key); len(c.says) > 0 && h.effects != before {
					t.Errorf("looked at again: %d more effects", h.effects-before)
				}
				asked := slices.Contains(h.wanted, work.Wanted{Key: pullKey(1), Anew: true})
				if asked != c.asked || h.seen[1] != c.asked {
					t.Errorf("asked %t, reacted %t, want %t", asked, h.seen[1], c.asked)
				}
				checkAnswer(t, h.said(1), c.says)
			}
		})
	}
}

func checkAnswer(t *testing.T, said, want []string) {
	t.Helper()
	if len(want) == 0 && len(said) == 0 {
		return
	}
	if len(want) == 0 || len(said) != 1 {
		t.Fatalf("answers %q, want %q in one", said, want)
	}
	for _, text := range want {
		if !strings.Contains(said[0], text) {
			t.Errorf("%q is not in\n%s", text, said[0])
		}
	}
	if strings.Contains(said[0], "abc") || strings.Contains(said[0], "def") {
		t.Errorf("the secret is told: %s", said[0])
	}
}

// What a press of "Apply fixes" leads to: a commit that makes the edits and nothing else, or a word to the presser, once.
func TestFixes(t *testing.T) {
	const spoiled, mended = "name:  'Acme' # größe\nlist: [\"1\", \"2\"] # five\n", "name:  'Acme' # größe\nlist: [1, 2] # five\n"
	for name, c := range map[string]struct {
		arrange func(h *hub, main forge.Commit)
		by      int64
		commits bool
		says    string
	}{
		"applied":         {nil, anna, true, ""},
		"not allowed":     {nil, stranger, false, "takes write access"},
		"of a fork":       {func(h *hub, _ forge.Commit) { change(h, func(pr *forge.PullRequest) { pr.Fork = true }) }, anna, false, "cannot write to the fork"},
		"closed":          {func(h *hub, _ forge.Commit) { change(h, func(pr *forge.PullRequest) { pr.Open = false }) }, anna, false, ""},
		"pushed since":    {func(h *hub, _ forge.Commit) { h.commit("change", h.heads.Tips["change"], nil) }, anna, false, ""},
		"conflict":        {func(h *hub, main forge.Commit) { h.commit("main", main, map[string]string{acmePlan: "name: X\n"}) }, anna, false, "resolve that first"},
		"nothing to mend": {func(h *hub, main forge.Commit) { h.commit("main", main, map[string]string{planSchema: "{}"}) }, anna, false, "no fix can be made"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, lost := range []bool{false, true} {
				h := newHub()
				main := h.commit("main", "", plans())
				h.commit("change", main, map[string]string{acmePlan: spoiled})
				head := h.open(1, "change")
				h.writers[anna] = true
				if c.arrange != nil {
					c.arrange(h, main)
				}
				before := h.heads.Tips["change"]
				press := work.Press{Action: forge.FixAction, Head: head, By: forge.User{ID: c.by, Login: "anna"}}
				key := work.Key{Kind: work.Button, Installation: 1, Repository: 2, Name: press.Name()}
				h.failAt, h.lost = 1, lost
				h.finish(t, key)
				h.finish(t, key)
				tip := h.heads.Tips["change"]
				if (tip != before) != c.commits {
					t.Fatalf("committed %t, want %t", tip != before, c.commits)
				}
				if c.commits {
					want := "Apply tamer's fixes\n\n2 edits in 1 file, asked for by anna.\n\nCo-authored-by: anna <7+anna@users.noreply.github.example.com>"
					if got := h.trees[tip.Tree()][acmePlan]; got != mended || h.messages[tip] != want || h.parents[tip][0] != head || len(h.messages) != 1 {
						t.Errorf("%d commits, the last on %v: %q with the message %q", len(h.messages), h.parents[tip], got, h.messages[tip])
					}
				}
				var says []string
				if c.says != "" {
					says = []string{c.says}
				}
				checkAnswer(t, h.said(1), says)
			}
		})
	}
}

func change(h *hub, with func(*forge.PullRequest)) {
	pr := h.pulls[1]
	with(&pr)
	h.pulls[1] = pr
}

// A key that names no press, and one that names no comment, are set aside.
func TestBadRequests(t *testing.T) {
	for _, key := range []work.Key{{Kind: work.Button, Name: "fix"}, {Kind: work.Comment, Name: "x"}} {
		key.Installation, key.Repository = 1, 2
		if err := newHub().work(t, key); !work.IsPermanent(err) {
			t.Errorf("%s: %v", fmt.Sprint(key), err)
		}
	}
}
