package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/governance"
	"github.com/tamerhq/tamer/internal/render"
)

const (
	firstCommit  = forge.Commit("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334")
	secondCommit = forge.Commit("b2c3d4e5f60718293a4b5c6d7e8f900112233445")
)

func person(id int64, login, editor string) governance.Person {
	return governance.Person{User: forge.User{ID: id, Login: login}, Write: true, Editor: editor}
}

var (
	anna = person(1, "anna", "")
	ben  = person(2, "ben", "")
	carl = person(3, "carl", "")
	ella = person(4, "ella", "41 merges, 87 % of customers in 180 days")
	finn = person(5, "finn", "12 merges, 20 % of customers in 180 days")
)

// gated is a pull request by anna that adds a type and changes a model, decided on these reviews.
func gated(reviews ...governance.Review) render.Gated {
	f := governance.Facts{Head: secondCommit, Author: 1, Reviews: reviews, People: map[int64]governance.Person{1: anna, 2: ben, 3: carl, 4: ella, 5: finn},
		Gates: []governance.Gate{
			{Name: "new-type", Why: `adds the type "loyalty"`, Approvals: 2, RegularEditors: 1,
				Content: map[forge.Commit]string{firstCommit: "a", secondCommit: "b"}},
			{Name: "big steps", Why: `changes the file "customers/acme/model.yaml"`,
				Each:    []governance.Group{{Name: "@acme/models", Members: map[int64]bool{3: true, 5: true}}},
				Content: map[forge.Commit]string{firstCommit: "same", secondCommit: "same"}},
		}}
	g := render.Gated{Page: page, Base: "main", Author: anna.User, Verdict: governance.Decide(f), Could: map[string][]governance.Person{},
		Undone: map[render.Undoing]render.Undone{{Gate: "new-type", By: 2}: {In: secondCommit, Files: []string{"schemas/loyalty.schema.json", "customers/acme/loyalty.yaml"}}}}
	for _, s := range g.Verdict.Gates {
		g.Could[s.Name] = f.Could(s)
	}
	g.Enough = governance.Suggest(f, g.Verdict)
	return g
}

func review(by int64, state governance.ReviewState, at forge.Commit) governance.Review {
	return governance.Review{By: by, State: state, Commit: at}
}

// What reviewers read, in each state of the gates.
func TestApprovals(t *testing.T) {
	unknown := gated()
	unknown.Verdict.State, unknown.Verdict.Unknown = governance.Untold, []forge.Commit{firstCommit}
	unknown.Unknown = []forge.Authorship{{Commit: firstCommit, Unknown: `the e-mail of the co-author "X <x@example.com>" belongs to no account: add it to the account, or reword the commit`}}
	young := gated()
	young.Notes = []string{"Nobody has edited enough of the configuration yet to be a regular editor, so the administrators of the repository count as such."}
	over := gated()
	over.Override = &render.Override{By: ben.User, Team: "acme/platform", Reason: "Production is down, and @ella sleeps", Head: secondCommit, Command: 5}
	other := gated(review(4, governance.Approved, secondCommit), review(3, governance.Approved, secondCommit))
	other.Base, other.Page.Pull = "release", 13
	var b strings.Builder
	for _, c := range []struct {
		name string
		a    render.Approvals
	}{
		{"no gate", render.Approvals{{Page: page, Base: "main", Verdict: governance.Verdict{State: governance.Met}}}},
		{"nobody yet", render.Approvals{young}},
		{"one approval fell, one does not count", render.Approvals{gated(review(2, governance.Approved, firstCommit), review(1, governance.Approved, secondCommit), review(4, governance.Approved, secondCommit))}},
		{"met", render.Approvals{gated(review(3, governance.Approved, secondCommit), review(4, governance.Approved, secondCommit))}},
		{"changes are asked for", render.Approvals{gated(review(2, governance.ChangesRequested, firstCommit), review(4, governance.Approved, secondCommit))}},
		{"nobody knows whose commit", render.Approvals{unknown}},
		{"undecided", render.Approvals{{Page: page, Base: "main", Problem: "the policy of main cannot be read: line 3: unknown property"}}},
		{"overridden", render.Approvals{over}},
		{"two pull requests", render.Approvals{other, gated()}},
	} {
		run := c.a.CheckRun()
		fmt.Fprintf(&b, "=== %s: %s ===\n%s\n\n%s--- comment ---\n%s\n\n", c.name, run.Conclusion, run.Title, run.Summary, c.a[0].Line())
		if c.name == "met" {
			fmt.Fprintf(&b, "--- details ---\n%s\n", run.Text)
		}
	}
	golden.Check(t, "testdata/approvals.golden", b.String())
}

// The line about approvals is put into the one comment, replaced and taken out, and leaves the rest as it is.
func TestLine(t *testing.T) {
	const report = render.CommentMarker + "\n### 1 config of 1 customer changes\n\nNothing is to be mended.\n\nrest"
	const line = "**Approvals**: waits for 2 approvals."
	for name, c := range map[string]struct{ comment, line, want string }{
		"no comment yet":        {"", line, render.CommentMarker + "\n### Who approves this change\n\n<!-- tamer:approvals -->\n" + line},
		"into a report":         {report, line, strings.Replace(report, "Nothing", "<!-- tamer:approvals -->\n"+line+"\n\nNothing", 1)},
		"instead of an old one": {render.WithLine(report, "**Approvals**: old"), line, render.WithLine(report, line)},
		"out of a report":       {render.WithLine(report, line), "", report},
		"nothing to a report":   {report, "", report},
	} {
		got := render.WithLine(c.comment, c.line)
		if got != c.want || render.LineOf(got) != c.line {
			t.Errorf("%s: %q\nwant %q; its line %q", name, got, c.want, render.LineOf(got))
		}
	}
}

// The record of an override is found again in the answer, and nowhere else.
func TestOverrideRecord(t *testing.T) {
	o := render.Override{By: ben.User, Reason: "x -->\n<!-- tamer:override {}", Head: firstCommit, Base: "next--> @ella", Command: 5}
	answer := render.AnswerMarker("5") + "\n" + render.Overridden(o)
	if got, ok := render.ReadOverride(answer); !ok || got.By.ID != 2 || got.Head != firstCommit || got.Base != o.Base || got.Command != 5 || strings.Contains(answer, "@ella") {
		t.Errorf("%+v, %t from\n%s", got, ok, answer)
	}
	for _, text := range []string{"", render.AnswerMarker("5"), render.Overridden(o), "x\n<!-- tamer:override {} -->", "x\n<!-- tamer:override {\"command\":5,\"by\":2,\"head\":\"main\"} -->"} {
		if got, ok := render.ReadOverride(text); ok {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

// hostileGates are two pull requests where people chose this text for all that they can choose: one waits, one is overridden.
func hostileGates(text string) render.Approvals {
	who := governance.Person{User: forge.User{ID: 1, Login: text}}
	gate := governance.Gate{Name: text, Why: text, Approvals: 1, Each: []governance.Group{{Name: text}}}
	waiting := render.Gated{Page: page, Base: text, Verdict: governance.Verdict{State: governance.Waiting, Refusing: []governance.Person{who}, Unknown: []forge.Commit{firstCommit},
		Gates: []governance.Standing{{Gate: gate, MissingApprovals: 1, MissingGroups: gate.Each, Counted: []governance.Person{who}, Voices: []governance.Voice{
			{Person: who, Commit: firstCommit, Fault: governance.Outdated}, {Person: who, Commit: firstCommit, Fault: governance.Outsider},
			{Person: who, Commit: firstCommit, Fault: governance.Retargeted}}}}},
		Could:   map[string][]governance.Person{text: {who}},
		Undone:  map[render.Undoing]render.Undone{{Gate: text, By: 1}: {In: secondCommit, Files: []string{text, text}}},
		Unknown: []forge.Authorship{{Commit: firstCommit, Unknown: text}}}
	over := waiting
	over.Override = &render.Override{By: who.User, Team: text, Reason: text, Head: firstCommit, Base: text, Command: 1}
	return render.Approvals{waiting, over}
}
