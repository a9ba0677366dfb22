package render

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/governance"
)

// An ApprovalsFormat is one way to print how far a pull request is with its gates.
type ApprovalsFormat struct {
	Name  string
	Write func(w io.Writer, a Approvals) error
}

// ApprovalsFormats are those of tamer approvals --format; the first is what people get who ask for none.
var ApprovalsFormats = []ApprovalsFormat{{"text", ApprovalsText}, {"json", ApprovalsJSON}}

// ApprovalsText prints what the check run says: its title, and its table as Markdown.
func ApprovalsText(w io.Writer, a Approvals) error {
	run := a.CheckRun()
	_, err := fmt.Fprintf(w, "%s: %s\n\n%s\n", run.Conclusion, run.Title, run.Summary)
	return err
}

type jsonApprovals struct {
	Conclusion forge.Conclusion `json:"conclusion"`
	Title      string           `json:"title"`
	Pulls      []jsonGated      `json:"pull_requests"`
}

type jsonGated struct {
	Number   int              `json:"number"`
	Head     forge.Commit     `json:"head"`
	Base     string           `json:"base"`
	State    governance.State `json:"state"`
	Problem  string           `json:"problem,omitempty"`
	Override *jsonOverride    `json:"override,omitempty"`
	Gates    []jsonStanding   `json:"gates"`
	Refusing []jsonPerson     `json:"changes_requested_by"`
	Unknown  []jsonUnknown    `json:"commits_of_unknown"`
	Enough   []jsonPerson     `json:"would_do"`
	Notes    []string         `json:"notes"`
}

type jsonStanding struct {
	Name    string       `json:"name"`
	Why     string       `json:"why"`
	Met     bool         `json:"met"`
	Asks    jsonDemand   `json:"asks"`
	Misses  jsonDemand   `json:"misses"`
	Voices  []jsonVoice  `json:"approvals"`
	CouldBe []jsonPerson `json:"could_approve"`
}

type jsonDemand struct {
	Approvals int      `json:"approvals"`
	Editors   int      `json:"regular_editors"`
	Groups    []string `json:"groups"` // of each of whom one approval is asked
}

// A jsonVoice counts where it has no fault.
type jsonVoice struct {
	jsonPerson
	Commit forge.Commit     `json:"commit"`
	Fault  governance.Fault `json:"fault,omitempty"`
}

type jsonPerson struct {
	ID       int64  `json:"id"`
	Login    string `json:"login"`
	Evidence string `json:"regular_editor,omitempty"` // why somebody is one
}

type jsonUnknown struct {
	Commit forge.Commit `json:"commit"`
	Why    string       `json:"why"`
}

type jsonOverride struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// ApprovalsJSON prints everything that the verdict rests on. What has no members is an empty list, not null.
func ApprovalsJSON(w io.Writer, a Approvals) error {
	run := a.CheckRun()
	out := jsonApprovals{Conclusion: run.Conclusion, Title: run.Title, Pulls: []jsonGated{}}
	for _, g := range a {
		one := jsonGated{Number: g.Page.Pull, Head: g.Page.Head, Base: g.Base, State: g.State(), Problem: g.Problem, Gates: []jsonStanding{},
			Refusing: jsonPeople(g.Verdict.Refusing), Unknown: []jsonUnknown{}, Enough: jsonPeople(g.Enough), Notes: append([]string{}, g.Notes...)}
		if o := g.Override; o != nil {
			one.Override = &jsonOverride{o.By.Login, o.Reason}
		}
		for _, u := range g.Unknown {
			one.Unknown = append(one.Unknown, jsonUnknown{u.Commit, u.Unknown})
		}
		for _, s := range g.Verdict.Gates {
			one.Gates = append(one.Gates, jsonStandingOf(s, g.Could[s.Name]))
		}
		out.Pulls = append(out.Pulls, one)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func jsonStandingOf(s governance.Standing, could []governance.Person) jsonStanding {
	out := jsonStanding{Name: s.Name, Why: s.Why, Met: s.Met(), Asks: jsonDemand{s.Approvals, s.RegularEditors, groupNames(s.Each)},
		Misses: jsonDemand{s.MissingApprovals, s.MissingEditors, groupNames(s.MissingGroups)}, Voices: []jsonVoice{}, CouldBe: jsonPeople(could)}
	for _, v := range s.Voices {
		out.Voices = append(out.Voices, jsonVoice{jsonPeople([]governance.Person{v.Person})[0], v.Commit, v.Fault})
	}
	return out
}

func groupNames(groups []governance.Group) []string {
	names := []string{}
	for _, g := range groups {
		names = append(names, g.Name)
	}
	return names
}

func jsonPeople(people []governance.Person) []jsonPerson {
	all := []jsonPerson{}
	for _, p := range people {
		all = append(all, jsonPerson{p.User.ID, p.User.Login, p.Editor})
	}
	return all
}
