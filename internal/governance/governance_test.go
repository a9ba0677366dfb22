package governance

import (
	"slices"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

var origin = Gate{Name: "new-type", Approvals: 2, RegularEditors: 1, Content: map[forge.Commit]string{"first": "a schema", "second": "another schema", "typo": "a schema"}}

// facts of a pull request by anna with the head, where bob and carl are peers and ella edits all customers regularly.
func facts(head forge.Commit, reviews ...Review) Facts {
	people := map[int64]Person{}
	for id, login := range map[int64]string{1: "anna", 2: "bob", 3: "carl", 4: "ella"} {
		people[id] = Person{User: forge.User{ID: id, Login: login}, Write: true}
	}
	ella := people[4]
	ella.Editor = "41 merges, 87 % of customers in 180 days"
	people[4] = ella
	return Facts{Head: head, Author: 1, People: people, Reviews: reviews, Gates: []Gate{origin}}
}

func yes(by int64, at forge.Commit) Review { return said(by, Approved, at) }

func said(by int64, state ReviewState, at forge.Commit) Review {
	return Review{By: by, State: state, Commit: at}
}

// before is a review that was given for another base.
func before(r Review) Review {
	r.Before = true
	return r
}

// The examples that the gate is there for, and those where GitHub's own list of reviews misleads.
func TestDecide(t *testing.T) {
	editor := facts("first", yes(2, "first"), yes(1, "first"))
	anna := editor.People[1]
	anna.Editor = "she edits everything"
	editor.People[1] = anna
	unknown := facts("first", yes(2, "first"), yes(4, "first"))
	unknown.Unknown = []forge.Commit{"first"}
	maker := facts("first", yes(2, "first"), yes(4, "first"))
	maker.Makers = map[int64]forge.Commit{2: "first"}
	for name, c := range map[string]struct {
		facts Facts
		want  State
	}{
		"nobody":                                 {facts("first"), Waiting},
		"two peers, none a regular editor":       {facts("first", yes(2, "first"), yes(3, "first")), Waiting},
		"two peers, one a regular editor":        {facts("first", yes(2, "first"), yes(4, "first")), Met},
		"the author is the regular editor":       {editor, Waiting},
		"the schema changed after the approvals": {facts("second", yes(2, "first"), yes(4, "first")), Waiting},
		"a typo was mended after them":           {facts("typo", yes(2, "first"), yes(4, "first")), Met},
		"approved again":                         {facts("second", yes(2, "first"), yes(4, "second"), yes(2, "second")), Met},
		"one asks for changes":                   {facts("first", yes(2, "first"), yes(4, "first"), said(3, ChangesRequested, "first")), Refused},
		"asked, and took it back":                {facts("first", yes(2, "first"), said(4, ChangesRequested, "first"), yes(4, "first")), Met},
		"a dismissed block revives no approval":  {facts("first", yes(2, "first"), yes(4, "first"), said(4, Dismissed, "first")), Waiting},
		"a comment takes nothing back":           {facts("first", yes(2, "first"), yes(4, "first"), said(4, Commented, "first")), Met},
		"a commit that was pushed away":          {facts("first", yes(2, "gone"), yes(4, "first")), Waiting},
		"one who is not known":                   {facts("first", yes(2, "first"), yes(9, "first")), Waiting},
		"a commit of nobody knows whom":          {unknown, Untold},
		"who approves has written part of it":    {maker, Waiting},
		"approved for another base":              {facts("first", yes(2, "first"), before(yes(4, "first"))), Waiting},
		"approved again for this one":            {facts("first", yes(2, "first"), before(yes(4, "first")), yes(4, "first")), Met},
		"asked for changes for another base":     {facts("first", yes(2, "first"), yes(4, "first"), before(said(3, ChangesRequested, "first"))), Refused},
		"no gate is touched":                     {Facts{Unknown: []forge.Commit{"first"}, Reviews: []Review{said(3, ChangesRequested, "first")}}, Met},
	} {
		if got := Decide(c.facts); got.State != c.want {
			t.Errorf("%s: %s, want %s", name, got.State, c.want)
		}
	}
}

// Who is suggested would bring the gate what it misses, and none could be left out.
func TestSuggest(t *testing.T) {
	for name, c := range map[string]struct {
		facts Facts
		want  []string
	}{
		"the regular editor first":       {facts("first"), []string{"ella", "bob"}},
		"a peer has approved":            {facts("first", yes(2, "first")), []string{"ella"}},
		"the regular editor has":         {facts("first", yes(4, "first")), []string{"bob"}},
		"an old approval is asked again": {facts("second", yes(2, "second"), yes(4, "first")), []string{"ella"}},
		"nothing is missing":             {facts("first", yes(2, "first"), yes(4, "first")), nil},
	} {
		var got []string
		for _, p := range Suggest(c.facts, Decide(c.facts)) {
			got = append(got, p.User.Login)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Every approval that does not count says why.
func TestFaults(t *testing.T) {
	f := facts("second", yes(1, "second"), yes(2, "second"), yes(3, "first"), yes(4, "gone"), yes(5, "second"), yes(6, "second"))
	f.Makers = map[int64]forge.Commit{2: "second"}
	f.People[5] = Person{User: forge.User{ID: 5, Login: "robot", Bot: true}, Write: true}
	f.People[6] = Person{User: forge.User{ID: 6, Login: "visitor"}}
	want := map[string]Fault{"anna": IsAuthor, "bob": IsMaker, "carl": Outdated, "ella": Unreadable, "robot": IsBot, "visitor": NoWrite}
	for _, voice := range Decide(f).Gates[0].Voices {
		if voice.Fault != want[voice.Person.User.Login] {
			t.Errorf("%s: %q, want %q", voice.Person.User.Login, voice.Fault, want[voice.Person.User.Login])
		}
	}
}
