// Package work holds the words for what is to be done: a key names what to look at again, and never what was seen.
//
// A webhook, a sweep or a flow asks for a key; the queue hands it to a worker; the worker looks at the present state
// and makes it right. Order, duplicates and losses of the askings therefore do not matter.
package work

import (
	"errors"
	"fmt"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// A Kind says what a key names.
type Kind string

const (
	Sweep        Kind = "sweep"        // every installation of the app
	Installation Kind = "installation" // every repository of one installation
	Repository   Kind = "repository"   // the open pull requests and the deploy branch of one repository
	PullRequest  Kind = "pull_request" // one pull request, by Number
	Approvals    Kind = "approvals"    // the gates of one pull request, by Number, or of one group of a merge queue, by the Name of its branch
	MergeGroup   Kind = "merge_group"  // one group of a merge queue, by the Name of its branch
	Branch       Kind = "branch"       // one branch, by Name
	Deploy       Kind = "deploy"       // the deploy branch in one sink, by the sink's Name
	Preview      Kind = "preview"      // what is served beside production under the channel Name, in all sinks
	Tend         Kind = "tend"         // the sink Name: what was lost, changed by others, or is needed no more
	Announce     Kind = "announce"     // what is shown of the deploy branch: its tip in all sinks
	Base         Kind = "base"         // the open pull requests onto the branch Name, which has moved
	Commit       Kind = "commit"       // the pull requests and merge groups whose head is the commit Name
	Comment      Kind = "comment"      // one comment, which may be a command, by its id as Name
	Button       Kind = "button"       // one press of a button, by the Name that Press gives
	Missed       Kind = "missed"       // the webhooks that did not arrive
)

// Kinds are all kinds, in the order in which they should be worked on when all wait: production first, sweeps last.
var Kinds = []Kind{Branch, Deploy, Announce, MergeGroup, Approvals, PullRequest, Base, Commit, Comment, Button, Preview, Missed, Tend, Repository, Installation, Sweep}

// A Key names what to look at again. Two askings for the same key are one piece of work.
type Key struct {
	Kind         Kind   `json:"kind"`
	Installation int64  `json:"installation,omitempty"` // GitHub's id of the installation
	Repository   int64  `json:"repository,omitempty"`   // GitHub's id of the repository, which survives renames
	Number       int    `json:"number,omitempty"`       // of the pull request
	Name         string `json:"name,omitempty"`         // of the branch without refs/heads/, of the sink, the commit, the comment or the press
}

// String is the key in one line, for logs and as its identity in the database: distinct keys give distinct strings.
func (k Key) String() string {
	switch k.Kind {
	case Sweep, Missed:
		return string(k.Kind)
	case Installation:
		return fmt.Sprintf("%s/%d", k.Kind, k.Installation)
	case Repository, Announce:
		return fmt.Sprintf("%s/%d/%d", k.Kind, k.Installation, k.Repository)
	case PullRequest:
		return fmt.Sprintf("%s/%d/%d/%d", k.Kind, k.Installation, k.Repository, k.Number)
	case Approvals:
		return fmt.Sprintf("%s/%d/%d/%d/%s", k.Kind, k.Installation, k.Repository, k.Number, k.Name)
	default:
		return fmt.Sprintf("%s/%d/%d/%s", k.Kind, k.Installation, k.Repository, k.Name)
	}
}

// A Wanted is one asking for a key.
type Wanted struct {
	Key  Key
	Anew bool // a person asked for it to be done again, even where nothing has changed
}

// A Delivery is what is stored of one webhook: who sent it once, and what it asks for.
type Delivery struct {
	ID     string       // X-GitHub-Delivery: a redelivery keeps it
	Event  string       // X-GitHub-Event
	Repos  []forge.Repo // repositories that the delivery names, with their present names
	Wanted []Wanted     // empty for an event that asks for nothing
}

// A Task is a key in the hands of a worker.
type Task struct {
	Key     Key
	Anew    bool // see Wanted
	Attempt int  // 1 for the first
}

// A State is what a worker found and dealt with, as one comparable string such as a commit's name. The sweep
// compares it with what it sees to tell whether a result is missing. Losing it costs one more look, nothing else.
type State string

// Permanent marks an error that no retry will mend.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanent{err}
}

// IsPermanent tells whether err, or one that it wraps, is Permanent.
func IsPermanent(err error) bool {
	var p *permanent
	return errors.As(err, &p)
}

type permanent struct{ err error }

func (p *permanent) Error() string { return p.err.Error() }
func (p *permanent) Unwrap() error { return p.err }

// After marks an error that says itself when to try again, such as a rate limit. Waiting costs no attempt.
func After(wait time.Duration, err error) error {
	if err == nil {
		return nil
	}
	return &after{max(wait, 0), err}
}

// WaitOf gives the time to wait that err, or one that it wraps, asks for.
func WaitOf(err error) (time.Duration, bool) {
	var a *after
	if errors.As(err, &a) {
		return a.wait, true
	}
	return 0, false
}

type after struct {
	wait time.Duration
	err  error
}

func (a *after) Error() string { return a.err.Error() }
func (a *after) Unwrap() error { return a.err }
