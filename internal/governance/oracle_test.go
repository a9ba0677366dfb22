package governance

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

// The people of all histories: an author, a regular editor, a peer, and one more who may be anything.
const (
	author = int64(1)
	editor = int64(2)
	peer   = int64(3)
	fourth = int64(4)
)

// A kind of event that one of the people causes.
type kind int

const (
	approve kind = iota // the head, as it is then
	object
	dismissed // the person's newest review is dismissed
	change    // a commit after which what is governed means something else
	polish    // a commit after which it means the same
	remark
	kinds
)

type event struct {
	kind kind
	by   int64
}

func (e event) String() string {
	return fmt.Sprintf("%s %s", [...]string{"", "author", "editor", "peer", "fourth"}[e.by],
		[...]string{"approves", "objects", "is dismissed", "changes", "polishes", "remarks"}[e.kind])
}

// A world says what the fourth person is, and what is asked for.
type world struct {
	fourth Person
	gate   Gate
}

// oracle states the rules once more, plainly: it lives through the history as people do, and keeps no reviews.
func (w world) oracle(history []event) State {
	opinion := map[int64]string{} // "for N": of the meaning N; "against"; "" for none
	took := map[int64]bool{author: true}
	meaning := 0
	for _, e := range history {
		switch e.kind {
		case approve:
			opinion[e.by] = fmt.Sprint("for ", meaning)
		case object:
			opinion[e.by] = "against"
		case dismissed:
			opinion[e.by] = ""
		case change:
			meaning++
			took[e.by] = true
		case polish:
			took[e.by] = true
		}
	}
	heard := map[int64]bool{author: true, editor: true, peer: true, fourth: w.fourth.Write && !w.fourth.User.Bot}
	yes, regular, owner := 0, 0, false
	for id := author; id <= fourth; id++ {
		if opinion[id] == "against" && heard[id] {
			return Refused
		}
		if opinion[id] != fmt.Sprint("for ", meaning) || took[id] || !heard[id] {
			continue
		}
		yes++
		if id == editor || id == fourth && w.fourth.Editor != "" {
			regular++
		}
		for _, g := range w.gate.Each {
			owner = owner || g.Members[id]
		}
	}
	if yes < w.gate.Approvals || regular < w.gate.RegularEditors || len(w.gate.Each) > 0 && !owner {
		return Waiting
	}
	return Met
}

// facts is the history as GitHub shows it at its end.
func (w world) facts(history []event) Facts {
	f := Facts{Author: author, Makers: map[int64]forge.Commit{}, People: map[int64]Person{
		author: {User: forge.User{ID: author, Login: "author"}, Write: true, Editor: "the author edits regularly too"},
		editor: {User: forge.User{ID: editor, Login: "editor"}, Write: true, Editor: "41 merges"},
		peer:   {User: forge.User{ID: peer, Login: "peer"}, Write: true},
		fourth: w.fourth,
	}}
	g := w.gate
	commit, meaning := 0, 0
	name := func() forge.Commit { return forge.Commit(fmt.Sprint("commit ", commit)) }
	g.Content = map[forge.Commit]string{name(): fmt.Sprint("meaning ", meaning)}
	newest := map[int64]int{}
	for _, e := range history {
		state := map[kind]ReviewState{approve: Approved, object: ChangesRequested, remark: Commented}[e.kind]
		switch e.kind {
		case dismissed:
			if i, reviewed := newest[e.by]; reviewed {
				f.Reviews[i].State = Dismissed
			}
		case change, polish:
			commit++
			if e.kind == change {
				meaning++
			}
			g.Content[name()] = fmt.Sprint("meaning ", meaning)
			f.Makers[e.by] = name()
		default:
			f.Reviews = append(f.Reviews, Review{By: e.by, State: state, Commit: name()})
			if e.kind != remark { // GitHub dismisses no remark
				newest[e.by] = len(f.Reviews) - 1
			}
		}
	}
	f.Head, f.Gates = name(), []Gate{g}
	return f
}

var worlds = func() map[string]world {
	who := func(p Person) Person { p.User.ID, p.User.Login = fourth, "fourth"; return p }
	team := Group{Name: "@acme/models", Members: map[int64]bool{peer: true, fourth: true}}
	origin := Gate{Name: "new-type", Approvals: 2, RegularEditors: 1}
	return map[string]world{
		"two peers, one a regular editor":        {who(Person{Write: true}), origin},
		"the fourth is a regular editor too":     {who(Person{Write: true, Editor: "12 merges"}), origin},
		"the fourth may not write":               {who(Person{Editor: "12 merges"}), origin},
		"the fourth is a bot":                    {who(Person{User: forge.User{Bot: true}, Write: true, Editor: "900 merges"}), origin},
		"one of a team":                          {who(Person{Write: true}), Gate{Name: "models", Each: []Group{team}}},
		"one of a team, and one regular editor":  {who(Person{Write: true}), Gate{Name: "models", RegularEditors: 1, Each: []Group{team}}},
		"anybody, and an owner of the files":     {who(Person{Write: true}), Gate{Name: "models", Approvals: 1, Each: []Group{team}}},
		"only that nobody objects, by this gate": {who(Person{Write: true}), Gate{Name: "open"}},
	}
}()

func (w world) check(t *testing.T, history []event) {
	t.Helper()
	if got, want := Decide(w.facts(history)).State, w.oracle(history); got != want {
		t.Fatalf("%v: %s, want %s", history, got, want)
	}
}

// long asks for the exhaustive runs, which take minutes.
var long = os.Getenv("TAMER_TEST_LONG") != ""

// Every history of up to so many events, by an oracle that knows no reviews.
func TestAllHistories(t *testing.T) {
	events := 3
	if long {
		events = 6
	}
	for name, w := range worlds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			history := make([]event, 0, events)
			var all func()
			all = func() {
				w.check(t, history)
				if len(history) == events {
					return
				}
				for k := range remark { // a remark is a matter of the random histories
					for by := author; by <= fourth; by++ {
						history = append(history, event{k, by})
						all()
						history = history[:len(history)-1]
					}
				}
			}
			all()
		})
	}
}

func TestRandomHistories(t *testing.T) {
	n := 2_000
	if long {
		n = 1_000_000 / len(worlds)
	}
	for name, w := range worlds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 2))
			for range n {
				history := make([]event, 7+r.IntN(20))
				for i := range history {
					history[i] = event{kind(r.IntN(int(kinds))), 1 + r.Int64N(4)}
				}
				w.check(t, history)
			}
		})
	}
}
