package work

import "time"

const (
	// suspicion is how many calls in a row must fail before the other side counts as away: fewer may be the fault of one call.
	suspicion = 3
	// While it is away one call is sent now and then to see; maxProbe is the longest time without.
	maxProbe = 30 * time.Second
	// maxPark is for how long work is sent back to the queue at most: so all of it is there again soon after the other side is.
	maxPark = 2 * time.Minute
)

// An Outage is a time in which somebody who is called did not answer. The zero Outage is none; an answer makes it that again. It is
// not safe for concurrent use.
type Outage struct {
	Since time.Time // when the first call failed
	calls int       // that failed, in a row
	next  time.Time // when the next call may try
}

// Failed counts one more failure. Those of calls that were under way together count once.
func (o *Outage) Failed(now time.Time) {
	if o.calls == 0 {
		o.Since = now
	}
	if o.calls >= suspicion && now.Before(o.next) {
		return
	}
	o.calls++
	if n := o.calls - suspicion; n >= 0 {
		o.next = now.Add(min(time.Second<<min(n, 10), maxProbe))
	}
}

// Wait tells for how long work of that class should come no more: production until the next call may be tried; the rest longer, the
// longer it lasts, so that thousands of keys do not come by for every try. Zero: it may call.
func (o *Outage) Wait(now time.Time, class Class) time.Duration {
	rest := o.next.Sub(now)
	if o.calls < suspicion || rest <= 0 {
		return 0
	}
	if class == Production {
		return rest
	}
	return max(rest, min(now.Sub(o.Since)/4, maxPark))
}
