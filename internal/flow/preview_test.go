package flow_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/work"
)

// all works on a key and on everything that is asked for.
func (h *hub) all(t *testing.T, k work.Key) {
	t.Helper()
	for todo := []work.Key{k}; len(todo) > 0; {
		h.finishOne(t, todo[0])
		todo = todo[1:]
		for _, w := range h.wanted {
			if w.Key.Kind == work.Deploy || w.Key.Kind == work.Announce || w.Key.Kind == work.Preview {
				todo = append(todo, w.Key)
			}
		}
		h.wanted = nil
	}
}

// beside gives the keys of what is served beside production: plain files and channels.
func (h *hub) beside() string {
	var keys []string
	for key, text := range h.store.Objects() {
		switch {
		case strings.HasPrefix(key, ".branches/"), strings.HasPrefix(key, ".commits/"):
			keys = append(keys, key+"="+strings.TrimSpace(text))
		case strings.HasPrefix(key, release.ChannelPrefix+"branch/"), strings.HasPrefix(key, release.ChannelPrefix+"commit/"):
			keys = append(keys, key)
		}
	}
	return strings.Join(slices.Sorted(slices.Values(keys)), "\n")
}

// A branch is served beside production as it is pushed, moves and goes, and GitHub shows where.
func TestBranchPreview(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", map[string]string{planSchema: plans()[planSchema], acmePlan: "name: Acme\n", betaPlan: "name: Beta\n", ".tamer.yaml": "deploy: {previews: {commits: false}}\n"})
	h.all(t, branchKey("main"))
	one := h.commit("try/a", main, map[string]string{acmePlan: "name: A\n", betaPlan: "nome: B\n"})
	h.all(t, branchKey("try/a"))
	if got, want := h.beside(), ".branches/try%2fa/acme/plan.yaml=name: A\n.tamer/channels/branch/try%2fa.json"; got != want {
		t.Errorf("served beside production:\n%s", got)
	}
	if d := h.deploys[len(h.deploys)-1]; d.Commit != one || d.Environment != "preview/try/a" || !d.Transient || d.Production || d.State != forge.DeploymentSuccess || !strings.Contains(d.Description, "held back, as in production: 1 customer") {
		t.Errorf("deployment %+v", d)
	}
	before := h.effects
	h.all(t, branchKey("try/a"))
	if h.effects != before {
		t.Errorf("the same once more: %d effects", h.effects-before)
	}
	two := h.commit("try/a", one, map[string]string{acmePlan: "name: A2\n", betaPlan: ""})
	h.all(t, branchKey("try/a"))
	if old, now := h.deploys[len(h.deploys)-2], h.deploys[len(h.deploys)-1]; old.State != forge.DeploymentInactive || now.Commit != two || now.State != forge.DeploymentSuccess {
		t.Errorf("deployments %+v, %+v", old, now)
	}
	delete(h.heads.Tips, "try/a")
	h.all(t, branchKey("try/a"))
	if got := h.beside(); got != "" || h.deploys[len(h.deploys)-1].State != forge.DeploymentInactive {
		t.Errorf("the branch is gone, and there is still:\n%s\n%+v", got, h.deploys[len(h.deploys)-1])
	}
	if got := h.served()["acme/plan.yaml"]; got != "name: Acme\n" {
		t.Errorf("production holds %q", got)
	}
}

// What is never served, and what is on request only.
func TestPreviewsThatAreNot(t *testing.T) {
	h := newHub()
	main := h.commit("main", "", map[string]string{planSchema: plans()[planSchema], acmePlan: "name: Acme\n", ".tamer.yaml": "deploy: {previews: {branches: false, commits: false}}\n"})
	h.all(t, branchKey("main"))
	for _, branch := range []string{"change", "gh-readonly-queue/main/pr-1-" + strings.Repeat("0", 40)} {
		h.commit(branch, main, map[string]string{acmePlan: "name: A\n"})
		h.all(t, branchKey(branch))
	}
	head := h.open(1, "change")
	h.writers[7] = true
	ask := func() {
		h.finishOne(t, h.say(1, forge.Comment{Author: forge.User{ID: 7, Login: "ana"}, Body: "/tamer preview"}))
	}
	pr := h.pulls[1]
	pr.Fork = true
	h.pulls[1] = pr
	ask()
	if got := h.beside(); got != "" || len(h.wanted) > 0 || !strings.Contains(strings.Join(h.said(1), ""), "from a fork") {
		t.Errorf("served beside production:\n%s", got)
	}
	pr.Fork = false
	h.pulls[1] = pr
	ask()
	if len(h.wanted) != 1 || !h.wanted[0].Anew || h.wanted[0].Key.Name != "commit/"+string(head) {
		t.Errorf("asked for %+v", h.wanted)
	}
	if err := h.do(t, work.Task{Key: h.wanted[0].Key, Anew: true, Attempt: 1}); err != nil || !strings.Contains(h.beside(), ".commits/"+string(head)+"/acme/plan.yaml=name: A") {
		t.Errorf("%v, served beside production:\n%s", err, h.beside())
	}
}

// Where commits are served on request only, the check run has a button for it; who may not write asks in vain.
func TestPreviewButton(t *testing.T) {
	for name, c := range map[string]struct {
		policy string
		fork   bool
		by     int64
		button bool
		served bool
		says   string
	}{
		"on request":    {"deploy: {previews: {branches: false, commits: false}}\n", false, anna, true, true, ""},
		"on every push": {"deploy: {previews: {commits: true}}\n", false, anna, false, true, ""},
		"not allowed":   {"deploy: {previews: {commits: false}}\n", false, stranger, true, false, "asked for is not served: that takes write access"},
		"of a fork":     {"deploy: {previews: {commits: false}}\n", true, anna, false, false, "asked for is not served: nothing from a fork is served"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHub()
			main := h.commit("main", "", map[string]string{planSchema: plans()[planSchema], acmePlan: "name: Acme\n", ".tamer.yaml": c.policy})
			h.commit("change", main, map[string]string{acmePlan: "name: A\n"})
			head := h.open(1, "change")
			h.writers[anna] = true
			change(h, func(pr *forge.PullRequest) { pr.Fork = c.fork })
			h.finish(t, work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: 1})
			if got := labels(h, head); strings.Contains(got, "Preview") != c.button {
				t.Errorf("buttons %s, want one to preview: %t", got, c.button)
			}
			h.wanted = nil
			press := work.Press{Action: forge.PreviewAction, Head: head, By: forge.User{ID: c.by, Login: "anna"}}
			h.finish(t, work.Key{Kind: work.Button, Installation: 1, Repository: 2, Name: press.Name()})
			asked := slices.ContainsFunc(h.wanted, func(w work.Wanted) bool { return w.Anew && w.Key.Name == "commit/"+string(head) })
			if asked != c.served {
				t.Errorf("asked for %+v, want the commit: %t", h.wanted, c.served)
			}
			var says []string
			if c.says != "" {
				says = []string{c.says}
			}
			checkAnswer(t, slices.DeleteFunc(h.said(1), func(text string) bool { return strings.HasPrefix(text, "<!-- tamer:report") }), says)
		})
	}
}
