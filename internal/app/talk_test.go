package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/forge"
)

// own gives tamer's comments on a pull request, oldest first.
func (w *world) own(repo string, n int) []fakegithub.Comment {
	w.t.Helper()
	all, err := w.Hub.Comments(repo, n)
	w.must(err)
	var own []fakegithub.Comment
	for _, c := range all {
		if c.App != "" {
			own = append(own, c)
		}
	}
	return own
}

// The comment follows the pull request in place, and is asked for by nobody's own comments.
func TestCommentFollows(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	w.deployed("acme/config")
	w.push("acme/config", "change", map[string]string{"customers/acme/plan.yaml": "nome: Acme\n"})
	w.settle()
	n, err := w.Hub.OpenPull("acme/config", fakegithub.Pull{Head: "change"})
	w.must(err)
	_, err = w.Hub.Comment("acme/config", n, "anna", "<!-- tamer:report -->\nnot tamer's")
	w.must(err)
	w.settle()
	first := w.own("acme/config", n)
	if len(first) != 1 || !strings.Contains(first[0].Body, "1 failure to mend") || !strings.Contains(first[0].Body, w.head("acme/config", n)+"/customers/acme/plan.yaml#L1") {
		t.Fatalf("comments %+v", first)
	}
	w.push("acme/config", "change", map[string]string{"customers/acme/plan.yaml": "name: Acme Inc\n"})
	w.settle()
	second := w.own("acme/config", n)
	if len(second) != 1 || second[0].ID != first[0].ID || !strings.Contains(second[0].Body, "name: Acme → Acme Inc") {
		t.Fatalf("comments %+v", second)
	}
	w.must(w.Hub.DeleteComment("acme/config", first[0].ID, "anna"))
	w.settle()
	if left := w.own("acme/config", n); len(left) != 0 {
		t.Errorf("deleted by a person, and there again: %+v", left)
	}
}

// "Apply fixes" is a commit on the branch, co-authored by who has pressed, and the new head is judged.
func TestApplyFixes(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	u, err := w.Hub.AddUser(fakegithub.User{Login: "anna"})
	w.must(err)
	w.must(w.Hub.SetRole("acme/config", "anna", "write"))
	n := w.change("acme/config", "change", map[string]string{"customers/acme/plan.yaml": "name: Acme # größe\nlimit: \"7\"\n"})
	run := w.judged("acme/config", n)
	w.must(w.Hub.RequestAction("acme/config", run.ID, forge.FixAction, "anna"))
	w.must(w.Hub.RequestAction("acme/config", run.ID, forge.FixAction, "anna"))
	w.settle()
	after := w.judged("acme/config", n)
	if after.HeadSHA == run.HeadSHA || after.Conclusion != "success" || len(after.Actions) != 1 {
		t.Errorf("%s on %s, before %s; buttons %v", after.Conclusion, after.HeadSHA, run.HeadSHA, after.Actions)
	}
	w.push("acme/config", "main", map[string]string{"README.md": "x\n"})
	if _, err := w.Hub.Merge("acme/config", n, "merge", "anna"); err != nil {
		t.Fatal(err)
	}
	if got := w.deployed("acme/config")["acme/plan.yaml"]; got != "name: Acme # größe\nlimit: 7\n" {
		t.Errorf("production has %q", got)
	}
	message, err := w.Hub.Message("acme/config", after.HeadSHA)
	if w.must(err); !strings.HasSuffix(strings.TrimSpace(message), fmt.Sprintf("Co-authored-by: anna <%d+anna@users.noreply.127.0.0.1>", u.ID)) {
		t.Errorf("message %q", message)
	}
	if own := w.own("acme/config", n); len(own) != 1 {
		t.Errorf("comments %+v", own)
	}
}

// What people with write access ask for in comments is answered, once; what others ask for is not.
func TestCommands(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	w.create("acme/config", plans())
	w.must(w.Hub.SetRole("acme/config", "anna", "write"))
	w.must(w.Hub.SetRole("acme/config", "guest", "read"))
	n := w.change("acme/config", "change", map[string]string{"customers/acme/plan.yaml": "name: A\n"})
	w.judged("acme/config", n)
	for _, c := range []struct{ who, text string }{{"anna", "/tamer check"}, {"anna", "/tamer explain customers/acme/plan.yaml#/name"}, {"anna", "/tamer dance"}, {"guest", "/tamer check"}, {"guest", "/tamer help"}} {
		_, err := w.Hub.Comment("acme/config", n, c.who, c.text)
		w.must(err)
		w.settle()
	}
	all, err := w.Hub.Comments("acme/config", n)
	w.must(err)
	var shown []string
	for _, c := range all {
		shown = append(shown, fmt.Sprintf("%s %v %.40q", c.Author, c.Reactions, c.Body))
	}
	if len(all) != 8 || len(all[1].Reactions) != 1 || !strings.Contains(all[3].Body, "on ` main ` it is ` Acme `") || !strings.Contains(all[5].Body, "does not know") {
		t.Errorf("comments:\n%s", strings.Join(shown, "\n"))
	}
	if runs := w.runs("acme/config", w.head("acme/config", n), "tamer/validate"); len(runs) != 2 {
		t.Errorf("%d check runs, want 2: one more for /tamer check", len(runs))
	}
}

// A pull request over a thousand customers: one comment, one check run of each name, within GitHub's limits, and figures of all.
func TestThousandCustomers(t *testing.T) {
	w := newWorld(t)
	w.start(app.Options{})
	const customers = 1_000
	before, after := map[string]string{}, map[string]string{}
	for i := range customers {
		name := fmt.Sprintf("customers/customer-%04d/plan.yaml", i)
		before[name] = fmt.Sprintf("name: Customer %d\nlimit: 5\n", i)
		after[name] = fmt.Sprintf("name: Customer %d\nlimit: 6\n", i)
		if i%10 == 0 {
			after[name] = fmt.Sprintf("name: Customer %d\nlimit: 11\n", i)
		}
	}
	w.create("acme/config", plans(before))
	n := w.change("acme/config", "raise", after)
	run := w.judged("acme/config", n)
	w.settle()
	if runs := w.runs("acme/config", run.HeadSHA, "tamer/validate"); len(runs) != 1 || !strings.HasPrefix(run.Title, "100 failures") || len(run.Annotations) != 100 {
		t.Errorf("%d check runs, %q with %d annotations", len(runs), run.Title, len(run.Annotations))
	}
	for _, want := range []string{"` customer-0990 ` | 1 | 1 |", "900 customers", "1,000 files of 1,000 customers judged: 100 failures"} {
		if !strings.Contains(run.Summary, want) {
			t.Errorf("%q is not in\n%.3000s", want, run.Summary)
		}
	}
	if !strings.Contains(run.Text, "### The same in 100 customers") || !strings.Contains(run.Text, "and 80 more") {
		t.Errorf("text %.3000s", run.Text)
	}
	own := w.own("acme/config", n)
	if len(own) != 1 {
		t.Fatalf("%d comments", len(own))
	}
	for _, want := range []string{"1,000 configs of 1,000 customers change · 100 failures to mend", "in 100 customers", "` plan ` of 900 customers", "limit: 5 → 6", "` plan ` of 100 customers", "limit: 5 → 11"} {
		if !strings.Contains(own[0].Body, want) {
			t.Errorf("%q is not in\n%.3000s", want, own[0].Body)
		}
	}
	if len(own[0].Body) > 4_000 {
		t.Errorf("the comment has %d bytes, although there is little to say", len(own[0].Body))
	}
}
