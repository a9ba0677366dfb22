package release

import (
	"maps"
	"slices"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// A Release is the index of one commit's bundles; see schemas/release.schema.json. A customer that is held keeps an earlier one.
type Release struct {
	Repository  string           `json:"repository"`
	Commit      forge.Commit     `json:"commit"`
	Parents     []forge.Commit   `json:"parents"`
	CommittedAt time.Time        `json:"committed_at"`
	Author      *Person          `json:"author"`       // nil where GitHub does not know them
	PullRequest *int             `json:"pull_request"` // nil for a commit that was pushed directly
	Approvers   []Person         `json:"approvers"`
	Override    *Override        `json:"override,omitempty"` // by which the gate was passed
	Customers   map[string]Entry `json:"customers"`
	Shared      *Entry           `json:"shared,omitempty"`
}

// A Person on GitHub.
type Person struct {
	Login string `json:"login"`
	ID    int64  `json:"id"`
}

// An Override let a change pass its gate without the approvals that the policy asks for.
type Override struct {
	By     Person `json:"by"`
	Reason string `json:"reason"`
}

// An Entry is one line of a release.
type Entry struct {
	Bundle *Digest `json:"bundle"` // nil for a customer that was never served, and is held
	Held   *Held   `json:"held,omitempty"`
}

// Held says why a customer is not served what the commit says.
type Held struct {
	Commit *forge.Commit `json:"commit"` // that the bundle is of; nil where there is none
	Reason string        `json:"reason"`
}

// Shared is the unit of the shared configs: no customer's name is empty.
const Shared = ""

// Entry gives what a unit, a customer or Shared, is served; false where the release does not know it.
func (r Release) Entry(unit string) (Entry, bool) {
	if unit == Shared {
		if r.Shared == nil {
			return Entry{}, false
		}
		return *r.Shared, true
	}
	e, ok := r.Customers[unit]
	return e, ok
}

// Digest gives the bundle that a unit is served; empty for none.
func (r Release) Digest(unit string) Digest {
	if e, _ := r.Entry(unit); e.Bundle != nil {
		return *e.Bundle
	}
	return ""
}

// set gives a unit its entry, or takes it away.
func (r *Release) set(unit string, e *Entry) {
	switch {
	case unit == Shared:
		r.Shared = e
	case e == nil:
		delete(r.Customers, unit)
	default:
		r.Customers[unit] = *e
	}
}

// Units are the customers that the release knows, sorted, and Shared where it has that.
func (r Release) Units() []string {
	var units []string
	if r.Shared != nil {
		units = append(units, Shared)
	}
	return append(units, slices.Sorted(maps.Keys(r.Customers))...)
}

// Held are the units that are not served what the commit says, sorted.
func (r Release) Held() []string {
	return slices.DeleteFunc(r.Units(), func(unit string) bool {
		e, _ := r.Entry(unit)
		return e.Held == nil
	})
}

// Differing are the units that two releases serve differently, sorted.
func (r Release) Differing(other Release) []string {
	all := slices.Concat(r.Units(), other.Units())
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(unit string) bool { return r.Digest(unit) == other.Digest(unit) })
}

// A Provenance is where a commit comes from.
type Provenance struct {
	Repository  string
	Commit      forge.Commit
	Parents     []forge.Commit
	CommittedAt time.Time
	Author      *Person
	PullRequest *int
	Approvers   []Person
	Override    *Override
}

// Next is the release of another commit: units that are not in now keep their entries. now holds the bundle of each unit, empty where the
// commit has none; held says why units keep theirs.
func (r Release) Next(from Provenance, now map[string]Digest, held map[string]string) Release {
	next := Release{Repository: from.Repository, Commit: from.Commit, Parents: append([]forge.Commit{}, from.Parents...), CommittedAt: Moment(from.CommittedAt),
		Author: from.Author, PullRequest: from.PullRequest, Approvers: append([]Person{}, from.Approvers...), Override: from.Override,
		Customers: maps.Clone(r.Customers), Shared: r.Shared}
	if next.Customers == nil {
		next.Customers = map[string]Entry{}
	}
	for unit, d := range now {
		if d == "" {
			next.set(unit, nil)
		} else {
			next.set(unit, &Entry{Bundle: &d})
		}
	}
	for unit, reason := range held {
		next.set(unit, r.keep(unit, reason))
	}
	return next
}

// keep is the entry of a unit that is held: what it was served before, and of which commit that is.
func (r Release) keep(unit, reason string) *Entry {
	e, _ := r.Entry(unit)
	held := &Held{Reason: reason}
	if e.Bundle != nil {
		held.Commit = &r.Commit
		if e.Held != nil {
			held.Commit = e.Held.Commit
		}
	}
	return &Entry{Bundle: e.Bundle, Held: held}
}
