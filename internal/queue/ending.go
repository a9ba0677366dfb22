package queue

import (
	"time"

	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

// An Ending is what follows from one attempt.
type Ending struct {
	Progress store.Progress // what to note of the key: Done, Failures and NotBefore
	State    *work.State    // nil: the one noted before stays
	Aside    bool           // the key is set aside until it is asked for again
	Next     time.Time      // when the next attempt is due without a new asking; zero for never
}

// End decides what follows from an attempt that started from the progress before. It is what a Queue goes by, for those who play one in
// memory. spread, in [0, 1), is what backoffs differ by.
func End(before store.Progress, state work.State, err error, now time.Time, maxAttempts int, spread float64) Ending {
	e := end(before, state, err, now, maxAttempts, spread)
	return Ending{Progress: e.progress, State: e.state, Aside: e.aside, Next: e.next}
}
