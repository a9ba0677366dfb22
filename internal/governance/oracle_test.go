package governance

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
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
	retarget  // the pull request gets another base, where the same is governed
	remark
	kinds
)

type event struct {
	kind kind
	by   int64
}

func (e event) String() string {
	return fmt.Sprintf("%s %s", [...]string{"", "author", "editor", "peer", "fourth"}[e.by],
		[...]string{"approves", "objects", "is dismissed", "changes", "polishes", "retargets", "remarks"}[e.kind])
}

// A world says what the fourth person is, and what is asked for.
type world struct {
	fourth Person
	gate   Gate
}

// oracle states the rules once more, plainly: it lives through the history as people do, and keeps no reviews.
func (w world) oracle(history []event) State {
	const against = -1
	opinion := [5]int{} // by person: 0 for none, against, or the meaning that was approved
	took := [5]bool{author: true}
	meaning := 1
	for _, e := range history {
		switch e.kind {
		case approve:
			opinion[e.by] = meaning
		case object:
			opinion[e.by] = against
		case dismissed:
			opinion[e.by] = 0
		case change:
			meaning++
			took[e.by] = true
		case polish:
			took[e.by] = true
		case retarget:
			for id, said := range opinion {
				opinion[id] = min(said, 0)
			}
		}
	}
	heard := [5]bool{author: true, editor: true, peer: true, fourth: w.fourth.Write && !w.fourth.User.Bot}
	yes, regular, owner := 0, 0, false
	for id := author; id <= fourth; id++ {
		if opinion[id] == against && heard[id] {
			return Refused
		}
		if opinion[id] != meaning || took[id] || !heard[id] {
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

// A stage is what GitHub shows while a history goes on, event by event and back.
type stage struct {
	facts           Facts
	commit, meaning int
	newest          [5]int // by person: one more than the index of the newest review that can be dismissed; 0 for none
}

func (w world) stage() *stage {
	s := &stage{facts: Facts{Author: author, Head: commits[0], Makers: map[int64]forge.Commit{}, People: map[int64]Person{
		author: {User: forge.User{ID: author, Login: "author"}, Write: true, Editor: "the author edits regularly too"},
		editor: {User: forge.User{ID: editor, Login: "editor"}, Write: true, Editor: "41 merges"},
		peer:   {User: forge.User{ID: peer, Login: "peer"}, Write: true},
		fourth: w.fourth,
	}}}
	g := w.gate
	g.Content = map[forge.Commit]string{commits[0]: string(commits[0])}
	s.facts.Gates = []Gate{g}
	return s
}

// commits are names for those of a history; the name of a commit is that of its meaning too, where it has one of its own.
var commits = func() (names []forge.Commit) {
	for i := range 64 {
		names = append(names, forge.Commit(fmt.Sprint("commit ", i)))
	}
	return names
}()

// play lets an event happen, and gives what takes it back.
func (s *stage) play(e event) (undo func()) {
	f, was := &s.facts, *s
	switch e.kind {
	case dismissed:
		i := s.newest[e.by] - 1
		if i < 0 {
			return func() {}
		}
		state := f.Reviews[i].State
		f.Reviews[i].State = Dismissed
		return func() { f.Reviews[i].State = state }
	case retarget:
		reviews := f.Reviews
		f.Reviews = slices.Clone(reviews)
		for i := range f.Reviews {
			f.Reviews[i].Before = true
		}
		return func() { f.Reviews = reviews }
	case change, polish:
		s.commit++
		if e.kind == change {
			s.meaning = s.commit
		}
		f.Head = commits[s.commit]
		f.Gates[0].Content[f.Head] = string(commits[s.meaning])
		first, made := f.Makers[e.by]
		f.Makers[e.by] = f.Head
		return func() {
			delete(f.Gates[0].Content, f.Head)
			if f.Makers[e.by] = first; !made {
				delete(f.Makers, e.by)
			}
			*s = was
		}
	}
	f.Reviews = append(f.Reviews, Review{By: e.by, State: [...]ReviewState{approve: Approved, object: ChangesRequested, remark: Commented}[e.kind], Commit: f.Head})
	if e.kind != remark { // GitHub dismisses no remark
		s.newest[e.by] = len(f.Reviews)
	}
	return func() { *s = was }
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

// check holds the verdict on what GitHub shows after the history against the oracle's.
func (w world) check(t *testing.T, s *stage, history []event) {
	if got, want := Decide(s.facts).State, w.oracle(history); got != want {
		t.Helper()
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
			history, s := make([]event, 0, events), w.stage()
			var all func()
			all = func() {
				w.check(t, s, history)
				if len(history) == events {
					return
				}
				for k := range remark { // a remark is a matter of the random histories
					for by := author; by <= fourth; by++ {
						e := event{k, by}
						undo := s.play(e)
						history = append(history, e)
						all()
						history = history[:len(history)-1]
						undo()
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
				history, s := make([]event, 7+r.IntN(20)), w.stage()
				for i := range history {
					history[i] = event{kind(r.IntN(int(kinds))), 1 + r.Int64N(4)}
					s.play(history[i])
				}
				w.check(t, s, history)
			}
		})
	}
}
