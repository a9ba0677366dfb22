package app_test

import (
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/fakegithub"
)

// gated starts tamer and makes a repository of two customers, whose regular editor is ella: a merged pull request of hers has edited
// half of them. anna, ben and carl may write.
func gated(t *testing.T) *world { return gatedWith(t, "") }

// gatedWith is gated, with a settings file.
func gatedWith(t *testing.T, settings string) *world {
	w := newWorld(t)
	w.File = []byte(settings)
	w.start(app.Options{})
	w.create("acme/config", plans())
	for _, login := range []string{"anna", "ben", "carl", "ella"} {
		w.must(w.Hub.SetRole("acme/config", login, "write"))
	}
	w.push("acme/config", "rename", map[string]string{"customers/acme/plan.yaml": "name: Acme Inc\n"})
	n, err := w.Hub.OpenPull("acme/config", fakegithub.Pull{Head: "rename", Author: "ella"})
	w.must(err)
	if run := w.gates(n); run.Conclusion != "success" || run.Title != "No approval needed" {
		t.Fatalf("an ordinary change: %s: %s", run.Conclusion, run.Title)
	}
	_, err = w.Hub.Merge("acme/config", n, "squash", "ella")
	w.must(err)
	return w
}

// gates gives what tamer/approvals shows of a pull request when all is quiet.
func (w *world) gates(n int) fakegithub.CheckRun {
	w.t.Helper()
	w.settle()
	runs := w.runs("acme/config", w.head("acme/config", n), "tamer/approvals")
	if len(runs) != 1 {
		w.t.Fatalf("%d runs of tamer/approvals on #%d, want 1", len(runs), n)
	}
	return runs[0]
}

func (w *world) approve(n int, logins ...string) {
	w.t.Helper()
	for _, login := range logins {
		_, err := w.Hub.Review("acme/config", n, login, "APPROVE", "")
		w.must(err)
	}
}

// newType opens a pull request that adds a type, and more.
func (w *world) newType(author string, more map[string]string) int {
	w.t.Helper()
	files := map[string]string{"schemas/loyalty.schema.json": `{"type":"object","properties":{"points":{"type":"integer"}}}`}
	for name, text := range more {
		files[name] = text
	}
	branch := "loyalty-of-" + author
	_, err := w.Hub.Push("acme/config", branch, fakegithub.Change{Files: bytesOf(files), Author: author})
	w.must(err)
	n, err := w.Hub.OpenPull("acme/config", fakegithub.Pull{Head: branch, Author: author})
	w.must(err)
	return n
}

func (w *world) wantGates(n int, conclusion string, says ...string) {
	w.t.Helper()
	run := w.gates(n)
	shown := run.Title + "\n" + run.Summary
	if run.Conclusion != conclusion {
		w.t.Errorf("%s, want %s\n%s", run.Conclusion, conclusion, shown)
	}
	for _, text := range says {
		if !strings.Contains(shown, text) {
			w.t.Errorf("%q is not in\n%s", text, shown)
		}
	}
}

// "At least two peers, including one who regularly edits the configuration for all our customers": where that comes from, from the
// webhook to the check, and to the merge that it holds back.
func TestNewTypeNeedsPeers(t *testing.T) {
	w := gated(t)
	w.must(w.Hub.RequireChecks("acme/config", "main", "tamer/approvals"))
	n := w.newType("anna", nil)
	w.wantGates(n, "action_required", "Waiting for 2 approvals, 1 of them by a regular editor", "` ella `, a regular editor: 1 merge, 50 % of customers in 180 days")
	w.approve(n, "ben", "carl")
	w.wantGates(n, "action_required", "Waiting for 1 approval by a regular editor")
	if _, err := w.Hub.Merge("acme/config", n, "squash", "anna"); err == nil {
		t.Error("merged without a regular editor")
	}
	w.approve(n, "ella")
	w.wantGates(n, "success", "Approved by ben, carl and ella")
	if own := w.own("acme/config", n); len(own) != 1 || !strings.Contains(own[0].Body, "**Approvals**: given by ` ben `, ` carl ` and ` ella `.") {
		t.Errorf("comments %+v", own)
	}
	w.push("acme/config", "loyalty-of-anna", map[string]string{"README.md": "Loyalty\n"})
	w.wantGates(n, "success")
	w.push("acme/config", "loyalty-of-anna", map[string]string{"schemas/loyalty.schema.json": `{"type":"object","properties":{"points":{"type":"string"}}}`})
	w.wantGates(n, "action_required", "Waiting for 2 approvals", "schemas/loyalty.schema.json", "changed since, in", "approve again")
	w.approve(n, "carl", "ella")
	w.wantGates(n, "success")
	_, err := w.Hub.Merge("acme/config", n, "squash", "anna")
	w.must(err)
	w.settle()
}

// The regular editor who opens the pull request is not the one who looks at it.
func TestRegularEditorAsAuthor(t *testing.T) {
	w := gated(t)
	n := w.newType("ella", nil)
	w.approve(n, "ben", "carl")
	w.wantGates(n, "action_required", "Waiting for 1 approval by a regular editor")
}

// A policy that is edited in the same pull request, to ask nobody, is a gate more and decides nothing.
func TestPolicyOfThePullRequestDecidesNothing(t *testing.T) {
	w := gated(t)
	n := w.newType("anna", map[string]string{".tamer.yaml": "governance:\n  new-type: {approvals: 0, regular-editors: 0}\n  policy-change: {approvals: 0, regular-editors: 0}\n"})
	w.wantGates(n, "action_required", "approvals for 2 of 2 gates", "` new-type `", "` policy-change `")
	w.approve(n, "ben", "ella")
	w.wantGates(n, "success")
}

// The queue's group needs what its pull request needs.
func TestQueueOfAGatedChange(t *testing.T) {
	w := gated(t)
	n := w.newType("anna", nil)
	w.settle()
	group := func() string {
		t.Helper()
		head, err := w.Hub.RequestMergeGroup("acme/config", n)
		w.must(err)
		w.settle()
		runs := w.runs("acme/config", head, "tamer/approvals")
		if len(runs) != 1 {
			t.Fatalf("%d runs on the group, want 1", len(runs))
		}
		return runs[0].Conclusion
	}
	if got := group(); got != "action_required" {
		t.Errorf("the group without approvals: %s", got)
	}
	w.approve(n, "ben", "ella")
	w.wantGates(n, "success")
	if got := group(); got != "success" {
		t.Errorf("the group with approvals: %s", got)
	}
}

// Who pushes a commit in the name of somebody else has made it, too.
func TestPusherInAnothersNameIsNoApprover(t *testing.T) {
	w := gated(t)
	n := w.newType("anna", nil)
	w.approve(n, "ben", "ella")
	w.wantGates(n, "success")
	_, err := w.Hub.Push("acme/config", "loyalty-of-anna", fakegithub.Change{Files: bytesOf(map[string]string{"README.md": "Loyalty\n"}), Author: "anna", Pusher: "ben"})
	w.must(err)
	w.wantGates(n, "action_required", "` ben `", "has written or pushed part of it")
	w.approve(n, "ben", "carl")
	w.wantGates(n, "success", "Approved by carl and ella")
}
