// Package governance decides whether the people who approved a change are those whom its gates ask for. It knows no GitHub: all
// that it decides on is in Facts, and the same facts give the same verdict.
package governance

import (
	"cmp"
	"slices"

	"github.com/tamerhq/tamer/internal/forge"
)

// A Gate is one demand for approvals that a change has run into.
type Gate struct {
	Name      string // of the policy: "new-type", or the name of a rule
	Why       string // what in this change it is about
	Approvals int    // how many people must approve
	// RegularEditors is how many of those who approve must be regular editors.
	RegularEditors int
	// Each of these groups must give one of the approvals, as the owners of files do.
	Each []Group
	// Content tells, for the head and for each commit that was reviewed, what the gate governs there: the same text where it means
	// the same. A commit that is missing cannot be read any more.
	Content map[forge.Commit]string
}

// A Group is people of whom some must approve.
type Group struct {
	Name    string         // for people, such as "@acme/data-science"
	Members map[int64]bool // by the id that GitHub gives
}

// A Person is someone who reviewed, or could.
type Person struct {
	User  forge.User
	Write bool // may write to the repository
	// Editor says why this person is a regular editor, such as "41 merges, 87 % of customers in 180 days". Empty: is none.
	Editor string
}

// A Review is what one person said about one commit.
type Review struct {
	By     int64
	State  ReviewState
	Commit forge.Commit
	// Before tells that it was given before the pull request got its present base: what the change makes of this one was not shown then.
	Before bool `json:",omitzero"`
}

// A ReviewState is GitHub's, in lower case. A review that is dismissed has that state instead of the one that it had.
type ReviewState string

const (
	Approved         ReviewState = "approved"
	ChangesRequested ReviewState = "changes_requested"
	Dismissed        ReviewState = "dismissed"
	Commented        ReviewState = "commented" // and any other: says nothing about approval
)

// Facts are all that a verdict rests on.
type Facts struct {
	Head   forge.Commit
	Author int64
	// Makers are those who wrote, committed or pushed what is to be merged, co-authors included, each with a commit of theirs.
	Makers map[int64]forge.Commit
	// Unknown are commits of which nobody can tell whose they are.
	Unknown []forge.Commit
	Reviews []Review // oldest first
	People  map[int64]Person
	Gates   []Gate
}

// A State is what the verdict comes to.
type State string

const (
	Met     State = "met"     // every gate has what it asks for, or none was touched
	Waiting State = "waiting" // approvals are missing
	Refused State = "refused" // somebody asks for changes
	Untold  State = "untold"  // whose commits these are cannot be told, so whoever approves may have made them
)

// A Verdict is the state, and the reasons for it.
type Verdict struct {
	State    State
	Gates    []Standing
	Refusing []Person // those who ask for changes
	Unknown  []forge.Commit
}

// A Standing is how far one gate is.
type Standing struct {
	Gate
	Counted []Person // whose approvals count, by login
	Voices  []Voice  // everyone who has approved, counted or not, by login
	// What is missing; zero and empty for a gate that is met.
	MissingApprovals, MissingEditors int
	MissingGroups                    []Group
}

// Met tells whether nothing is missing.
func (s Standing) Met() bool {
	return s.MissingApprovals == 0 && s.MissingEditors == 0 && len(s.MissingGroups) == 0
}

// A Voice is one approval, and why it does not count for the gate; None where it does.
type Voice struct {
	Person Person
	Commit forge.Commit
	Fault  Fault
}

// A Fault is the reason why an approval does not count.
type Fault string

const (
	None       Fault = ""
	IsAuthor   Fault = "author"     // opened the pull request
	IsMaker    Fault = "maker"      // wrote, committed or pushed part of it
	IsBot      Fault = "bot"        // is no person
	NoWrite    Fault = "no-write"   // may not write to the repository
	Retargeted Fault = "retargeted" // was given before the pull request got its present base
	Outdated   Fault = "outdated"   // what the gate governs means something else since
	Unreadable Fault = "unreadable" // the commit that was approved is not there any more
	Outsider   Fault = "outsider"   // is not among those whom the gate asks
)

// Decide gives the verdict.
//
// Of each person the latest review counts that approves, asks for changes, or was dismissed: comments leave it, and what was
// dismissed revives nothing before it. An approval counts for a gate while what the gate governs means the same at the commit
// that was approved and at the head, and where it was given for the present base. A person who asks for changes blocks until he or she takes it back.
func Decide(f Facts) Verdict {
	v := Verdict{State: Met, Unknown: f.Unknown}
	latest := f.latest()
	for _, r := range latest {
		if p := f.person(r.By); r.State == ChangesRequested && p.Write && !p.User.Bot {
			v.Refusing = append(v.Refusing, p)
		}
	}
	for _, g := range f.Gates {
		s := f.stand(g, latest)
		if !s.Met() {
			v.State = Waiting
		}
		v.Gates = append(v.Gates, s)
	}
	switch {
	case len(f.Gates) == 0:
		v.Refusing, v.Unknown = nil, nil
	case len(v.Refusing) > 0:
		v.State = Refused
	case len(f.Unknown) > 0:
		v.State = Untold
	}
	return v
}

// latest gives the review of each person that counts, by login.
func (f Facts) latest() []Review {
	last := map[int64]Review{}
	for _, r := range f.Reviews {
		switch r.State {
		case Approved, ChangesRequested, Dismissed:
			last[r.By] = r
		}
	}
	all := make([]Review, 0, len(last))
	for _, r := range last {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Review) int {
		return cmp.Or(cmp.Compare(f.person(a.By).User.Login, f.person(b.By).User.Login), cmp.Compare(a.By, b.By))
	})
	return all
}

// person gives somebody; of whom nothing is known, no approval counts.
func (f Facts) person(id int64) Person {
	if p, ok := f.People[id]; ok {
		return p
	}
	return Person{User: forge.User{ID: id}}
}

// stand tells how far a gate is with the latest reviews.
func (f Facts) stand(g Gate, latest []Review) Standing {
	s := Standing{Gate: g}
	editors := 0
	for _, r := range latest {
		if r.State != Approved {
			continue
		}
		p := f.person(r.By)
		fault := f.fault(g, r, p)
		s.Voices = append(s.Voices, Voice{Person: p, Commit: r.Commit, Fault: fault})
		if fault != None {
			continue
		}
		s.Counted = append(s.Counted, p)
		if p.Editor != "" {
			editors++
		}
	}
	s.MissingApprovals = max(0, g.Approvals-len(s.Counted))
	s.MissingEditors = max(0, g.RegularEditors-editors)
	for _, group := range g.Each {
		if !slices.ContainsFunc(s.Counted, func(p Person) bool { return group.Members[p.User.ID] }) {
			s.MissingGroups = append(s.MissingGroups, group)
		}
	}
	return s
}

// fault tells why an approval does not count for a gate.
func (f Facts) fault(g Gate, r Review, p Person) Fault {
	_, made := f.Makers[r.By]
	was, readable := g.Content[r.Commit]
	now, known := g.Content[f.Head]
	switch {
	case p.User.Bot:
		return IsBot
	case r.By == f.Author:
		return IsAuthor
	case made:
		return IsMaker
	case !p.Write:
		return NoWrite
	case r.Before:
		return Retargeted
	case !readable || !known:
		return Unreadable
	case was != now:
		return Outdated
	case !g.asks(r.By, p):
		return Outsider
	}
	return None
}

// asks tells whether the gate has any use for the person's approval.
func (g Gate) asks(id int64, p Person) bool {
	return g.Approvals > 0 || g.RegularEditors > 0 && p.Editor != "" ||
		slices.ContainsFunc(g.Each, func(group Group) bool { return group.Members[id] })
}
