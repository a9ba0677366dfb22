package flow_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// A change of a schema that breaks a config which can follow it offers a button, whose press commits the config on the branch: cut off
// anywhere and begun again, once.
func TestMigrateButton(t *testing.T) {
	const renamed = `{"additionalProperties": false, "properties": {"title": {"x-tamer-renamed-from": "name"}, "list": {}}}`
	for name, c := range map[string]struct {
		schema  string
		fork    bool
		by      int64
		button  bool
		commits bool
		says    string
	}{
		"migrated":             {renamed, false, anna, true, true, ""},
		"not allowed":          {renamed, false, stranger, true, false, "asked for was not made: that takes write access"},
		"of a fork":            {renamed, true, anna, false, false, "cannot write to the fork"},
		"nothing says how":     {`{"additionalProperties": false, "properties": {"title": {}}}`, false, anna, false, false, "no fix can be made"},
		"nothing is broken":    {`{"properties": {"name": {"title": "Name"}}}`, false, anna, false, false, "no fix can be made"},
		"the schema is no use": {`{"properties": {"title": {"x-tamer-renamed-from": 5}}}`, false, anna, false, false, "no fix can be made"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, lost := range []bool{false, true} {
				h := newHub()
				main := h.commit("main", "", plans())
				h.commit("change", main, map[string]string{planSchema: c.schema})
				head := h.open(1, "change")
				h.writers[anna] = true
				change(h, func(pr *forge.PullRequest) { pr.Fork = c.fork })
				h.finish(t, work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: 1})
				if got := labels(h, head); strings.Contains(got, "Migrate") != c.button {
					t.Errorf("buttons %s, want one to migrate: %t", got, c.button)
				}
				press := work.Press{Action: forge.MigrateAction, Head: head, By: forge.User{ID: c.by, Login: "anna"}}
				key := work.Key{Kind: work.Button, Installation: 1, Repository: 2, Name: press.Name()}
				h.failAt, h.lost = 1, lost
				h.finish(t, key)
				h.finish(t, key)
				tip := h.heads.Tips["change"]
				if (tip != head) != c.commits {
					t.Fatalf("committed %t, want %t", tip != head, c.commits)
				}
				if c.commits {
					if got := h.trees[tip.Tree()][acmePlan]; !strings.HasPrefix(got, "title:") || !strings.HasPrefix(h.messages[tip], "Migrate configs to the changed schemas\n\n") {
						t.Errorf("%q with the message %q", got, h.messages[tip])
					}
				}
				var says []string
				if c.says != "" {
					says = []string{c.says}
				}
				said := slices.DeleteFunc(h.said(1), func(text string) bool { return strings.HasPrefix(text, "<!-- tamer:report") })
				checkAnswer(t, said, says)
			}
		})
	}
}

// labels are the texts of the buttons at a commit.
func labels(h *hub, at forge.Commit) string {
	var all []string
	for _, run := range h.runs {
		if run.Head == at && run.Name == flow.ValidateCheck {
			for _, a := range run.Actions {
				all = append(all, a.Label)
			}
		}
	}
	return strings.Join(all, ", ")
}
