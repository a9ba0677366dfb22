package github

import (
	"net/http"
	"strconv"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

const (
	// suspicion is how many calls in a row must fail before GitHub counts as away: fewer may be the fault of one call.
	suspicion = 3
	// While GitHub is away one call is sent now and then to see; maxProbe is the longest time without.
	maxProbe = 30 * time.Second
	// maxPark is for how long work is sent back to the queue at most: so all of it is there again soon after GitHub is.
	maxPark = 2 * time.Minute
)

// An outage is a time in which GitHub did not answer. The zero outage is none.
type outage struct {
	since time.Time
	calls int       // that failed, in a row
	next  time.Time // when the next call may try
}

// isDown tells whether the answer says only that GitHub, or what stands before it, is out of order. One that says for how long is a
// limit.
func isDown(resp *http.Response) bool {
	return resp != nil && resp.StatusCode >= 500 && resp.Header.Get("Retry-After") == ""
}

// failed counts one more failure. Those of calls that were under way together count once.
func (o *outage) failed(now time.Time) {
	if o.calls == 0 {
		o.since = now
	}
	if o.calls >= suspicion && now.Before(o.next) {
		return
	}
	o.calls++
	if n := o.calls - suspicion; n >= 0 {
		o.next = now.Add(min(time.Second<<min(n, 10), maxProbe))
	}
}

// wait tells for how long work of that class should come no more: production until the next call may be tried; the rest longer, the
// longer it lasts, so that thousands of keys do not come by for every try.
func (o *outage) wait(now time.Time, class work.Class) time.Duration {
	rest := o.next.Sub(now)
	if o.calls < suspicion || rest <= 0 {
		return 0
	}
	if class == work.Production {
		return rest
	}
	return max(rest, min(now.Sub(o.since)/4, maxPark))
}

// A budget is what is left of the calls of an hour. The zero budget is not known, and no bound.
type budget struct {
	limit, remaining int64
	reset            time.Time
}

// note reads it from an answer.
func (b *budget) note(h http.Header) {
	limit, err1 := strconv.ParseInt(h.Get("X-RateLimit-Limit"), 10, 64)
	remaining, err2 := strconv.ParseInt(h.Get("X-RateLimit-Remaining"), 10, 64)
	reset, err3 := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if resource := h.Get("X-RateLimit-Resource"); err1 != nil || err2 != nil || err3 != nil || resource != "" && resource != "core" {
		return
	}
	*b = budget{limit, remaining, time.Unix(reset, 0)}
}

// reserve is the part of an hour's calls that is kept from a class of work, in percent: so that deploys never wait for a limit that
// others have used up.
var reserve = map[work.Class]int64{work.Production: 0, work.Verdicts: 5, work.Upkeep: 20}

// wait tells for how long work of that class should not call.
func (b *budget) wait(now time.Time, class work.Class) time.Duration {
	if b.limit == 0 || b.remaining*100 > b.limit*reserve[class] || !now.Before(b.reset) {
		return 0
	}
	if class == work.Production {
		return 0 // GitHub itself says when nothing is left
	}
	return min(b.reset.Sub(now)+time.Second, maxWait)
}
