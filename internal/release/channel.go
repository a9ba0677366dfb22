package release

import (
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// A Channel is the pointer from a name to what is served under it, as it stands in a store; see
// schemas/channel.schema.json.
type Channel struct {
	Repository string       `json:"repository"` // OWNER/NAME: no other repository may use this store
	Channel    string       `json:"channel"`
	Release    Digest       `json:"release"`
	Commit     forge.Commit `json:"commit"`
	Generation int64        `json:"generation"` // rises with every move, and never falls
	UpdatedAt  time.Time    `json:"updated_at"` // of the last move to another release
	// Hold keeps the channel where it is.
	Hold *Hold `json:"hold"`
	// Holds keep single customers at what they are served.
	Holds map[string]Hold `json:"holds,omitempty"`
	// Resumed says who ended the last hold. Until the next move the channel may leave the history of its commit.
	Resumed *Hold `json:"resumed,omitempty"`
	// Settled is how often plain files that a deploy had left half done were put back. Nobody who has read the channel before moves it then.
	Settled int64 `json:"settled,omitempty"`
}

// A Hold keeps something where it is until somebody resumes it.
type Hold struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Exists tells whether the channel was ever written.
func (c Channel) Exists() bool { return c.Generation > 0 }

// Move is the channel after it has moved to a release. Holds of customers stay.
func (c Channel) Move(to Release, d Digest, now time.Time) Channel {
	c.Repository, c.Release, c.Commit = to.Repository, d, to.Commit
	c.Generation++
	c.UpdatedAt, c.Resumed = Moment(now), nil
	return c
}

// Held is the channel after it was told to stay where it is.
func (c Channel) Held(h Hold) Channel {
	c.Hold, c.Resumed = &h, nil
	return c
}

// Resume is the channel after everything that held it has ended. by says who ended it, and why.
func (c Channel) Resume(by Hold) Channel {
	c.Hold, c.Holds, c.Resumed = nil, nil, &by
	return c
}

// Moment is a time as objects hold it: in UTC, in whole seconds.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// A Journal says what the deploy that was begun last is about to do to plain files, and which releases the channel has
// pointed to before. It is written by compare-and-swap before the first plain file: who has written it last may write them, and
// whoever finds another one than its own stops. While the channel has not come to its generation, the deploy was cut off,
// and any of its files may or may not have been written.
type Journal struct {
	Repository string       `json:"repository"`
	Channel    string       `json:"channel"`
	Generation int64        `json:"generation"` // that the channel will have
	Commit     forge.Commit `json:"commit"`
	Release    Digest       `json:"release"`
	StartedAt  time.Time    `json:"started_at"`
	// Touched are the keys of plain files that are written or removed, by customer; those of shared configs are under "".
	Touched map[string][]string `json:"touched"`
	Written int                 `json:"written"` // how many of them
	Removed int                 `json:"removed"`
	Moves   []Move              `json:"moves"` // earlier ones, the latest first
	// RenewedAt is when all plain files of a preview were written last, for the store may remove what gets old; zero for production.
	RenewedAt time.Time `json:"renewed_at,omitzero"`
}

// A Move is one release that a channel has pointed to, and since when.
type Move struct {
	Generation int64        `json:"generation"`
	Release    Digest       `json:"release"`
	Commit     forge.Commit `json:"commit"`
	Since      time.Time    `json:"since"`
}

// KeptMoves is how many releases a channel can be taken back to, and be asked about.
const KeptMoves = 500

// Interrupted tells whether the journal's deploy was cut off, as far as the channel tells.
func (j Journal) Interrupted(c Channel) bool {
	return j.Generation > c.Generation && len(j.Touched) > 0
}

// History gives the releases that the channel points and has pointed to, the latest first.
func History(c Channel, j Journal) []Move {
	if !c.Exists() {
		return nil
	}
	all := []Move{{c.Generation, c.Release, c.Commit, c.UpdatedAt}}
	for _, m := range j.Moves {
		if m.Generation < c.Generation { // a deploy that was cut off has noted the present one
			all = append(all, m)
		}
	}
	return all[:min(len(all), KeptMoves)]
}

// Next is the journal of a move of the channel that is about to begin.
func (j Journal) Next(c Channel, to Release, d Digest, now time.Time) Journal {
	return Journal{Repository: to.Repository, Channel: c.Channel, Generation: c.Generation + 1, Commit: to.Commit, Release: d,
		StartedAt: now.UTC().Truncate(time.Millisecond), Touched: map[string][]string{}, Moves: History(c, j)}
}
