package render

import (
	"time"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/forge"
)

// A Provenance is how a value came to be what it is, or to be there no more.
type Provenance struct {
	// Uncommitted is what the working tree does to the value: added, changed or removed; empty: nothing.
	Uncommitted string
	// Last is the last commit that did something to the value; nil where that is not known, and Notes say why.
	Last *LastChange
	// Pull is the pull request that brought the commit; nil where none is known.
	Pull *PullOf
	// Production is the first time that production held the commit; nil where that is not known.
	Production *InProduction
	// Notes say what is not known, and what to do about it.
	Notes []string
}

// A LastChange is what a commit did to a value. The commit's words are those of its author, whom nobody has verified.
type LastChange struct {
	Kind          string // added, changed or removed
	Commit        forge.Commit
	Author, Email string
	At            time.Time
	Subject       string
	// File and Pointer are where the value stood right after the commit, or where it stood last before its removal.
	File, Pointer string
	// Moved says that it was not removed, but put elsewhere: to MovedFile and MovedTo.
	Moved              bool
	MovedFile, MovedTo string
	// Old is what it was before, where Known.
	Old   any
	Known bool
}

// A PullOf is the pull request that brought a commit.
type PullOf struct {
	Number     int
	Title, URL string // empty where only a commit's message was read
	Author     string
	Approvers  []string
	Asked      bool // GitHub told; else it is what a commit's message says
}

// InProduction is when a commit reached production, and with which one.
type InProduction struct {
	At   time.Time
	With forge.Commit
}

// old is what the value was, as it may be shown.
func (e Explanation) old(c *LastChange) any {
	if e.Note.Secret {
		return diff.Secret{}
	}
	return c.Old
}
