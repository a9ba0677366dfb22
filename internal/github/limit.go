package github

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// GitHub asks for at least a minute after a secondary limit that names no time, and for more each further time.
	// Source: docs.github.com, "Best practices for using the REST API", "Handle rate limit errors appropriately".
	secondaryWait    = time.Minute
	secondaryMaxWait = 15 * time.Minute

	maxWait = 24 * time.Hour // whatever a header says
)

// waitOf tells how long GitHub wants no call after this answer, and whether the answer refuses the call for a limit.
// A wait of more than zero goes with every refusal. hits is the number of refusals just before.
func waitOf(status int, h http.Header, body []byte, hits int, now time.Time) (wait time.Duration, refused bool) {
	spent := spentFor(h, now)
	switch status {
	case http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable:
	default:
		return spent, false
	}
	if after := retryAfter(h, now); after > 0 {
		return after, true
	}
	if status == http.StatusServiceUnavailable {
		return 0, false
	}
	if spent > 0 {
		return spent, true
	}
	if status == http.StatusTooManyRequests || namesLimit(body) {
		return min(secondaryWait<<min(hits, 10), secondaryMaxWait), true
	}
	return 0, false
}

// spentFor tells for how long the primary limit is used up: zero when it is not.
func spentFor(h http.Header, now time.Time) time.Duration {
	if h.Get("X-RateLimit-Remaining") != "0" {
		return 0
	}
	reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return 0
	}
	wait := time.Unix(reset, 0).Sub(now)
	if wait <= 0 {
		return 0
	}
	return min(wait+time.Second, maxWait) // a second, for the header counts whole ones
}

// retryAfter reads Retry-After in both of its forms, RFC 9110 section 10.2.3. Zero when there is none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return min(max(time.Duration(seconds)*time.Second, time.Second), maxWait)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), time.Second), maxWait)
	}
	return 0
}

// namesLimit tells whether a refusal says that it is for a secondary limit, which is all that tells it from others.
func namesLimit(body []byte) bool {
	text := strings.ToLower(string(body))
	return strings.Contains(text, "secondary rate limit") || strings.Contains(text, "secondary-rate-limits") ||
		strings.Contains(text, "abuse-rate-limits") || strings.Contains(text, "abuse detection")
}
