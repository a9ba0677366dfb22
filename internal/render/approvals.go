package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/governance"
)

// Approvals is what is said of the gates that a commit runs into, in the check run that stands on it: for each open pull request
// that wants to merge it, as one word.
type Approvals []Gated

// Gated is how far one pull request is with its gates.
type Gated struct {
	Page    Page
	Base    string // the branch that it is to be merged into
	Problem string // why it cannot be decided; then there is no Verdict
	Verdict governance.Verdict
	Author  forge.User
	Could   map[string][]governance.Person // by gate: who, as far as is known, could give what it misses
	Enough  []governance.Person            // the fewest who could give all of it together; nobody where that cannot be told
	Undone  map[Undoing]Undone             // how approvals have come to cover something else
	Unknown []forge.Authorship             // commits of which it cannot be told whose they are
	// Notes are for those who wonder about the people: that there are no regular editors yet, that a team cannot be seen.
	Notes    []string
	Override *Override // nil: nobody has overridden the gates
}

// An Undoing names the approval of one person for one gate.
type Undoing struct {
	Gate string
	By   int64
}

// Undone says what has changed since an approval.
type Undone struct {
	In    forge.Commit // the first commit after it that means something else; empty where that cannot be told
	Files []string
}

// State is the verdict, with what stands above it.
func (g Gated) State() governance.State {
	switch {
	case g.Override != nil:
		return governance.Met
	case g.Problem != "":
		return governance.Untold
	}
	return g.Verdict.State
}

// CheckRun shows the verdict: green only if the gates of every pull request are met.
func (a Approvals) CheckRun() forge.CheckRun {
	run := forge.CheckRun{Conclusion: forge.Success, Summary: fit(a.summary()), Text: fit(a.details())}
	titles := map[forge.Conclusion][]string{}
	for _, g := range a {
		c := conclusionOf(g.State())
		if c == forge.Failed || c == forge.ActionRequired && run.Conclusion == forge.Success {
			run.Conclusion = c
		}
		titles[c] = append(titles[c], g.title())
	}
	run.Title = "No approval needed"
	for _, title := range titles[run.Conclusion] {
		if run.Title = title; title != "No approval needed" {
			break
		}
	}
	run.Title = visible(clip(run.Title, maxTitle))
	return run
}

func conclusionOf(s governance.State) forge.Conclusion {
	switch s {
	case governance.Met:
		return forge.Success
	case governance.Waiting:
		return forge.ActionRequired
	}
	return forge.Failed
}

// title is the verdict in one line, which GitHub shows as it is: a name in it calls nobody.
func (g Gated) title() string {
	switch v := g.Verdict; {
	case g.Override != nil:
		return "Overridden by " + g.Override.By.Login
	case g.Problem != "":
		return "Cannot be decided: " + g.Problem
	case len(v.Gates) == 0:
		return "No approval needed"
	case v.State == governance.Refused:
		return and(loginsOf(v.Refusing)) + asks(len(v.Refusing)) + "for changes"
	case v.State == governance.Untold:
		return "Cannot tell who made " + v.Unknown[0].Short() + andMore(len(v.Unknown)-1)
	case v.State == governance.Met:
		return "Approved by " + and(approvedBy(v))
	}
	return "Waiting for " + plainly(g.waited())
}

func asks(n int) string {
	if n == 1 {
		return " asks "
	}
	return " ask "
}

// waited says what is missing, as Markdown: of one gate in full, of several how many they are.
func (g Gated) waited() string {
	var open []governance.Standing
	for _, s := range g.Verdict.Gates {
		if !s.Met() {
			open = append(open, s)
		}
	}
	if len(open) == 1 {
		return missing(open[0])
	}
	return fmt.Sprintf("approvals for %d of %s", len(open), many(len(g.Verdict.Gates), "gate"))
}

// plainly takes the code signs out of words that tamer has made, for a title.
func plainly(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "` ", ""), " `", "")
}

// approvedBy gives those whose approvals count for any gate, by login.
func approvedBy(v governance.Verdict) []string {
	var all []string
	for _, s := range v.Gates {
		all = append(all, loginsOf(s.Counted)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func loginsOf(people []governance.Person) []string {
	var all []string
	for _, p := range people {
		all = append(all, p.User.Login)
	}
	return all
}

// maxPeople is how many people are named in one place.
const maxPeople = 10

// and lists names in words: "a, b and c".
func and(names []string) string {
	if n := len(names) - maxPeople; n > 0 {
		names = append(slices.Clone(names[:maxPeople]), many(n, "other"))
	}
	switch len(names) {
	case 0:
		return "nobody"
	case 1:
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// needed says in words what a gate asks for.
func needed(g governance.Gate) string { return demand(g.Approvals, g.RegularEditors, g.Each) }

// missing says in words what a gate still waits for.
func missing(s governance.Standing) string {
	return demand(s.MissingApprovals, s.MissingEditors, s.MissingGroups)
}

func demand(approvals, editors int, groups []governance.Group) string {
	var parts []string
	switch {
	case approvals <= editors && editors > 0:
		parts = append(parts, many(editors, "approval")+" by "+article(editors, "regular editor"))
	case editors > 0:
		parts = append(parts, fmt.Sprintf("%s, %d of them by %s", many(approvals, "approval"), editors, article(editors, "regular editor")))
	case approvals > 0:
		parts = append(parts, many(approvals, "approval"))
	}
	for i, g := range groups {
		if i == maxPeople {
			parts = append(parts, many(len(groups)-i, "other group"))
			break
		}
		parts = append(parts, "an approval by "+cell(clip(g.Name, maxName)))
	}
	if len(parts) == 0 {
		return "that nobody asks for changes"
	}
	return strings.Join(parts, "; ")
}

func article(n int, what string) string {
	if n == 1 {
		return "a " + what
	}
	return what + "s"
}
