package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/validate"
)

// A Deploy is what became of one commit of the deploy branch.
type Deploy struct {
	Branch  string
	Commit  forge.Commit
	Stores  []DeployStore
	Verdict validate.Result // on what the commit says and is not served
}

// A DeployStore is how one store stands to the commit.
type DeployStore struct {
	Name    string
	Channel release.Channel
	Release release.Release
	Journal release.Journal
	Problem string // why it could not be reached or written to; tamer goes on trying
	Refused string // why tamer leaves it alone
	Drift   *Drift // what the last comparison has found; nil for nothing
	Stopped bool   // nothing of the commit can be served: the verdict says why
}

// there tells whether the store serves the commit, customers that are held aside.
func (d Deploy) there(s DeployStore) bool {
	return s.Channel.Commit == d.Commit && s.Channel.Hold == nil && s.Refused == "" && !s.Journal.Interrupted(s.Channel)
}

// Settled tells whether nothing more will happen by itself.
func (d Deploy) Settled() bool {
	return !slices.ContainsFunc(d.Stores, func(s DeployStore) bool {
		return !d.there(s) && s.Refused == "" && !s.Stopped && (s.Channel.Hold == nil || s.Journal.Interrupted(s.Channel))
	})
}

// Served tells whether every store serves the commit.
func (d Deploy) Served() bool {
	return !slices.ContainsFunc(d.Stores, func(s DeployStore) bool { return !d.there(s) })
}

// held gives the names of all customers that some store holds, sorted; shared configs as such.
func (d Deploy) held() []string {
	var all []string
	for _, s := range d.Stores {
		for _, unit := range s.Release.Held() {
			all = append(all, unitName(unit))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// drifted tells whether some store holds files that are not tamer's.
func (d Deploy) drifted() bool {
	return slices.ContainsFunc(d.Stores, func(s DeployStore) bool { return s.Drift.stands() })
}

func unitName(unit string) string {
	if unit == release.Shared {
		return "shared configs"
	}
	return unit
}

// Line says it in one line, of at most 140 characters.
func (d Deploy) Line() string {
	there := 0
	written, removed := 0, 0
	hold, refused, stopped := false, false, false
	for _, s := range d.Stores {
		if d.there(s) {
			there++
			written, removed = max(written, s.Journal.Written), max(removed, s.Journal.Removed)
		}
		hold, refused, stopped = hold || s.Channel.Hold != nil, refused || s.Refused != "", stopped || s.Stopped
	}
	switch held := d.held(); {
	case there == len(d.Stores) && len(held) > 0:
		return fmt.Sprintf("Deployed, but %s held back", many(len(held), "customer"))
	case there == len(d.Stores) && d.drifted():
		return "Deployed, but somebody else has changed files in a store"
	case there == len(d.Stores):
		return fmt.Sprintf("Deployed: %s written, %d removed", many(written, "file"), removed)
	case stopped:
		return fmt.Sprintf("Not deployed: %s", counts(finding.CountOf(d.Verdict.Findings)))
	case hold:
		return "Held where it was"
	case refused:
		return "Not deployed: a store belongs to another repository"
	}
	return fmt.Sprintf("Deploying: done in %d of %s", there, many(len(d.Stores), "store"))
}

// DeployCheck shows it as a check run, which is in progress as long as tamer has something to do.
func DeployCheck(d Deploy) forge.CheckRun {
	run := forge.CheckRun{Status: forge.InProgress, Title: d.Line(), Summary: fit(d.summary())}
	if len(d.Verdict.Findings) > 0 {
		run.Text = Report{Verdict: d.Verdict}.details()
	}
	if !d.Settled() {
		return run
	}
	run.Status, run.Conclusion = forge.Completed, d.conclusion()
	run.Annotations = annotations(d.Verdict.Findings)
	run.Annotations = run.Annotations[:min(len(run.Annotations), forge.MaxAnnotations)]
	return run
}

// conclusion is green only where every customer of every store is served the commit.
func (d Deploy) conclusion() forge.Conclusion {
	asked := slices.ContainsFunc(d.Stores, func(s DeployStore) bool { return s.Channel.Hold != nil || len(s.Channel.Holds) > 0 })
	switch {
	case d.Served() && len(d.held()) == 0 && d.drifted():
		return forge.ActionRequired
	case d.Served() && len(d.held()) == 0:
		return forge.Success
	case asked && finding.CountOf(d.Verdict.Findings).Failures == 0:
		return forge.ActionRequired
	}
	return forge.Failed
}

func (d Deploy) summary() string {
	var b strings.Builder
	b.WriteString("| store | serves | files | held back | took |\n|---|---|---|---|---|\n")
	for _, s := range d.Stores {
		serves, took := "nothing yet", ""
		if s.Channel.Exists() {
			serves = fmt.Sprintf("%s, generation %d", code(s.Channel.Commit.Short()), s.Channel.Generation)
		}
		files := ""
		if d.there(s) && s.Journal.Commit == d.Commit {
			files = fmt.Sprintf("%s written, %s removed", digits(s.Journal.Written), digits(s.Journal.Removed))
			took = under(s.Channel.UpdatedAt.Sub(s.Journal.StartedAt))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", cell(s.Name), serves, files, heldOf(s), took)
	}
	for _, s := range d.Stores {
		d.explain(&b, s)
		s.Drift.explain(&b, s.Name)
	}
	if finding.CountOf(d.Verdict.Findings).Failures > 0 {
		fmt.Fprintf(&b, "\n%s", summaryTable(d.Verdict))
	}
	return b.String()
}

// under bounds how long something took whose end is known in whole seconds, without the rest.
func under(d time.Duration) string {
	return "under " + (max(0, d+2*time.Second-time.Nanosecond).Truncate(time.Second)).String()
}

func heldOf(s DeployStore) string {
	if n := len(s.Release.Held()); n > 0 {
		return many(n, "customer")
	}
	return ""
}

// explain says why a store does not serve all of the commit.
func (d Deploy) explain(b *strings.Builder, s DeployStore) {
	switch {
	case s.Refused != "":
		fmt.Fprintf(b, "\n%s is left alone: %s. Ask the operator of tamer for a store of its own: its address may hold {owner} and {repo}.\n", code(s.Name), code(s.Refused))
	case s.Channel.Hold != nil:
		h := s.Channel.Hold
		fmt.Fprintf(b, "\n%s is **held** by %s since %s: %s. An operator has it follow its branch again, by `tamer resume --reason WHY`, or by `/tamer resume WHY` in a pull request.\n",
			code(s.Name), code(h.By), h.Since.Format(time.RFC3339), code(h.Reason))
	case s.Stopped:
		fmt.Fprintf(b, "\n%s was left as it is: nothing of this commit can be served. Mend what is listed below; the next commit is deployed then.\n", code(s.Name))
	case s.Problem != "":
		fmt.Fprintf(b, "\n%s does not serve it yet, and tamer tries again: %s\n", code(s.Name), code(cut(s.Problem)))
	}
	held := s.Release.Held()
	if len(held) == 0 || !s.Channel.Exists() {
		return
	}
	fmt.Fprintf(b, "\nHeld back in %s:\n\n", code(s.Name))
	for _, unit := range held[:min(len(held), maxListed)] {
		e, _ := s.Release.Entry(unit)
		keeps := "is served nothing yet"
		if e.Held.Commit != nil {
			keeps = "keeps " + code(e.Held.Commit.Short())
		}
		fmt.Fprintf(b, "- %s %s: %s\n", code(unitName(unit)), keeps, code(e.Held.Reason))
	}
	if n := len(held) - maxListed; n > 0 {
		fmt.Fprintf(b, "\nand %s more.\n", many(n, "customer"))
	}
}
