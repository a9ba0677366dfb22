package github

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

const (
	// GitHub asks for at least a minute after a secondary limit that names no time, and for more each further time.
	// Source: docs.github.com, "Best practices for using the REST API", "Handle rate limit errors appropriately".
	secondaryWait    = time.Minute
	secondaryMaxWait = 15 * time.Minute

	maxWait = 24 * time.Hour // whatever a header says
)

// A gate lets the calls of one installation through, but none while GitHub asked it to wait. It is shared by all
// repositories of the installation, as GitHub's limits are. It is safe for concurrent use.
type gate struct {
	next http.RoundTripper
	now  func() time.Time

	mu    sync.Mutex
	until time.Time // closed until then
	hits  int       // limits in a row
}

func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := g.closed(); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	resp, err := g.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if wait := g.note(resp, body); wait > 0 {
		return nil, work.After(wait, fmt.Errorf("GitHub answered %d: a rate limit is reached; next call in %s", resp.StatusCode, wait.Round(time.Second)))
	}
	return resp, nil
}

// closed gives an error that carries the rest of the wait; nil when the gate is open.
func (g *gate) closed() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	wait := g.until.Sub(g.now())
	if wait <= 0 {
		return nil
	}
	return work.After(wait, fmt.Errorf("GitHub asked for no calls; next call in %s", wait.Round(time.Second)))
}

// note closes the gate as far as the answer says. It gives the wait if the call was refused for a limit, else zero.
func (g *gate) note(resp *http.Response, body []byte) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	shut := now.Before(g.until) // by another call, while this one was under way
	wait, refused := waitOf(resp.StatusCode, resp.Header, body, g.hits, now)
	switch {
	case refused && !shut:
		g.hits++
	case !refused && !shut && resp.StatusCode < 400:
		g.hits = 0
	}
	if until := now.Add(wait); wait > 0 && until.After(g.until) {
		g.until = until
	}
	if !refused {
		return 0
	}
	return wait
}

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
