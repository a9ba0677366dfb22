package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/forge"
)

// renamed is plans with a property that has another name, and says which one it had.
const renamed = `{"type":"object","required":["title"],"additionalProperties":false,"properties":{"title":{"type":"string","x-tamer-renamed-from":"name"}}}`

// renaming opens a pull request that renames a property in the schema only, and gives its check run, which is red.
func (w *world) renaming(repo string) (n int, run fakegithub.CheckRun) {
	w.t.Helper()
	w.create(repo, plans(map[string]string{"customers/acme/plan.yaml": "# Acme\r\nname: 'Acme'   # größe\r\n"}))
	w.must(w.Hub.SetRole(repo, "anna", "write"))
	n = w.change(repo, "rename", map[string]string{"schemas/plan.schema.json": renamed})
	run = w.judged(repo, n)
	if run.Conclusion != "failure" || !slices.Equal(migrateLabels(run), []string{"Migrate 2 configs"}) {
		w.t.Fatalf("%s with the buttons %+v:\n%s", run.Conclusion, run.Actions, run.Summary)
	}
	return n, run
}

func migrateLabels(run fakegithub.CheckRun) (all []string) {
	for _, a := range run.Actions {
		if a.Identifier == forge.MigrateAction {
			all = append(all, a.Label)
		}
	}
	return all
}

// "Migrate 2 configs" is one commit on the branch, however often it is pressed, and the new head is green and can be deployed.
func TestMigrateConfigs(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	u, err := w.Hub.AddUser(fakegithub.User{Login: "anna"})
	w.must(err)
	n, run := w.renaming("acme/config")
	w.must(w.Hub.RequestAction("acme/config", run.ID, forge.MigrateAction, "anna"))
	w.must(w.Hub.RequestAction("acme/config", run.ID, forge.MigrateAction, "anna"))
	w.settle()
	after := w.judged("acme/config", n)
	if after.HeadSHA == run.HeadSHA || after.Conclusion != "success" || len(migrateLabels(after)) != 0 {
		t.Errorf("%s on %s, before %s; buttons %+v", after.Conclusion, after.HeadSHA, run.HeadSHA, after.Actions)
	}
	message, err := w.Hub.Message("acme/config", after.HeadSHA)
	w.must(err)
	if by := fmt.Sprintf("Co-authored-by: anna <%d+anna@users.noreply.127.0.0.1>", u.ID); !strings.HasPrefix(message, "Migrate configs to the changed schemas\n") || !strings.HasSuffix(strings.TrimSpace(message), by) {
		t.Errorf("message %q", message)
	}
	if before, err := w.Hub.Message("acme/config", after.HeadSHA+"^"); err != nil || strings.HasPrefix(before, "Migrate") {
		t.Errorf("the commit before it is %q, %v: there must be one of the button only", before, err)
	}
	if own := w.own("acme/config", n); len(own) != 1 {
		t.Errorf("comments %+v", own)
	}
	_, err = w.Hub.Merge("acme/config", n, "merge", "anna")
	w.must(err)
	got := w.deployed("acme/config")
	if got["acme/plan.yaml"] != "# Acme\r\ntitle: 'Acme'   # größe\r\n" || got["beta/plan.yaml"] != "title: Beta\n" {
		t.Errorf("production has %q", got)
	}
}

// Who may not write is told so, and nothing is committed.
func TestMigrateWithoutWriteAccess(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	n, run := w.renaming("acme/config")
	w.must(w.Hub.SetRole("acme/config", "guest", "read"))
	w.must(w.Hub.RequestAction("acme/config", run.ID, forge.MigrateAction, "guest"))
	w.settle()
	own := w.own("acme/config", n)
	if len(own) != 2 || !strings.Contains(own[1].Body, "that takes write access to this repository") || strings.Contains(own[1].Body, "@guest") {
		t.Errorf("comments %+v", own)
	}
	if head := w.head("acme/config", n); head != run.HeadSHA {
		t.Errorf("the branch has moved from %s to %s", run.HeadSHA, head)
	}
}

// A button of a head that is no longer the branch's does nothing; the run of the new head has one of its own.
func TestMigrateOldHead(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	n, old := w.renaming("acme/config")
	w.push("acme/config", "rename", map[string]string{"customers/acme/plan.yaml": "title: By hand\n"})
	run := w.judged("acme/config", n)
	w.must(w.Hub.RequestAction("acme/config", old.ID, forge.MigrateAction, "anna"))
	w.settle()
	if head := w.head("acme/config", n); head != run.HeadSHA || len(w.own("acme/config", n)) != 1 {
		t.Fatalf("the branch has moved from %s to %s; comments %+v", run.HeadSHA, head, w.own("acme/config", n))
	}
	if labels := migrateLabels(run); !slices.Equal(labels, []string{"Migrate 1 config"}) {
		t.Fatalf("buttons %q", labels)
	}
	w.must(w.Hub.RequestAction("acme/config", run.ID, forge.MigrateAction, "anna"))
	w.settle()
	if after := w.judged("acme/config", n); after.HeadSHA == run.HeadSHA || after.Conclusion != "success" {
		t.Errorf("%s on %s", after.Conclusion, after.HeadSHA)
	}
}

// A pull request from a fork, to which tamer cannot write, is red without a button.
func TestMigrateFork(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	fork, err := w.Hub.Fork("acme/config", "stranger")
	w.must(err)
	w.push(fork, "rename", map[string]string{"schemas/plan.schema.json": renamed})
	n, err := w.Hub.OpenPull("acme/config", fakegithub.Pull{Head: "stranger:rename"})
	w.must(err)
	run := w.judged("acme/config", n)
	if run.Conclusion != "failure" || len(migrateLabels(run)) != 0 {
		t.Errorf("%s with the buttons %+v", run.Conclusion, run.Actions)
	}
	if err := w.Hub.RequestAction("acme/config", run.ID, forge.MigrateAction, "stranger"); err == nil {
		t.Error("a button that the run does not have can be pressed")
	}
}
