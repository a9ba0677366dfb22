package queue

import (
	"errors"
	"fmt"
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

// deaths is how many processes in a row may die while they work on a key. What has them all die, such as a file that takes more memory than
// there is, would otherwise end every process of tamer for ever.
const deaths = 10

var errDeadly = errors.New("each process that worked on this has died: look for what ended it, such as a lack of memory")

// Deadly is an error for a key that is to be set aside without another attempt.
func Deadly(p store.Progress) error {
	if p.Killed < deaths {
		return nil
	}
	return fmt.Errorf("%d times in a row %w", p.Killed, errDeadly)
}

// AfterDeath gives when the next attempt is due, from now, after the death of a process that p counts already: at once after the first, for
// it was most likely no fault of the key's.
func AfterDeath(p store.Progress, now time.Time, spread float64) time.Time {
	if p.Killed < 2 {
		return now
	}
	return now.Add(Backoff(p.Killed-2, spread))
}
