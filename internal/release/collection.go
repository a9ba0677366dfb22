package release

import "time"

// A Collection is the note of who removes objects that nothing needs, written by compare-and-swap before the first of them is removed. A
// deploy that writes one of them anew reads it before and after: so either the deploy finds the note, or who removes finds the object young.
// Who removes looks at the note again before every few objects, and stops where somebody else has written it.
type Collection struct {
	Generation int64     `json:"generation"` // counts collections, so that no two notes are alike
	StartedAt  time.Time `json:"started_at"`
	Doomed     []Digest  `json:"doomed"`           // bundles and releases, sorted; none once the collection has ended
	Halted     bool      `json:"halted,omitempty"` // somebody else ends it: what is under way may still be removed
}

// Next is the note of a collection that begins.
func (c Collection) Next(doomed []Digest, now time.Time) Collection {
	return Collection{Generation: c.Generation + 1, StartedAt: now.UTC().Truncate(time.Millisecond), Doomed: doomed}
}

// Halt is the note that stops who removes.
func (c Collection) Halt() Collection {
	c.Halted = true
	return c
}

// Ended is the note of the collection once it removes nothing more.
func (c Collection) Ended() Collection {
	c.Doomed, c.Halted = []Digest{}, false
	return c
}

// Running tells whether objects may still be removed.
func (c Collection) Running() bool { return len(c.Doomed) > 0 }
