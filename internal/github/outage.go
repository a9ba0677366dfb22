package github

import (
	"net/http"
	"strconv"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

// isDown tells whether the answer says only that GitHub, or what stands before it, is out of order. One that says for how long is a
// limit.
func isDown(resp *http.Response) bool {
	return resp != nil && resp.StatusCode >= 500 && resp.Header.Get("Retry-After") == ""
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
