package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

// Limits remember, also for other processes and later ones, until when GitHub wants no calls on behalf of an installation.
type Limits interface {
	// ClosedUntil gives the zero time for none.
	ClosedUntil(ctx context.Context, installation int64) (time.Time, error)
	// CloseUntil notes it; a later moment that was noted stays.
	CloseUntil(ctx context.Context, installation int64, until time.Time) error
}

// A gate lets the calls of one installation through, but none while GitHub asked it to wait, or does not answer. It is shared by all
// repositories of the installation, as GitHub's limits are. It is safe for concurrent use.
type gate struct {
	next         http.RoundTripper
	now          func() time.Time
	installation int64
	limits       Limits // nil: nobody else needs to know

	mu     sync.Mutex
	until  time.Time // closed until then
	hits   int       // limits in a row
	outage work.Outage
	budget budget
}

// Gate gives what stands before the calls of one installation, for those who play a GitHub in memory: it sends by next what may be sent. An
// error that carries a wait means that nothing was sent, or that it was refused.
func Gate(next http.RoundTripper, installation int64) http.RoundTripper {
	return &gate{next: next, now: time.Now, installation: installation}
}

func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := g.pass(req); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	resp, body, err := g.call(req)
	if err != nil || isDown(resp) {
		if err = g.failed(req.Context(), err); err != nil {
			return nil, err
		}
		return resp, nil
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	wait, until := g.note(resp, body)
	if g.limits != nil && !until.IsZero() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(req.Context()), callLimit)
		defer cancel()
		if err := g.limits.CloseUntil(ctx, g.installation, until); err != nil {
			return nil, work.After(time.Until(until), err) // this process heeds it all the same
		}
	}
	if wait > 0 {
		return nil, work.After(wait, fmt.Errorf("GitHub answered %d: a rate limit is reached; next call in %s", resp.StatusCode, wait.Round(time.Second)))
	}
	return resp, nil
}

// call sends the request and reads the answer to its end.
func (g *gate) call(req *http.Request) (*http.Response, []byte, error) {
	resp, err := g.next.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, body, nil
}

// pass gives nil where the request may be sent. What changes something is sent only for a key that is held.
func (g *gate) pass(req *http.Request) error {
	ctx := req.Context()
	if req.Method != http.MethodGet {
		if err := work.Held(ctx); err != nil {
			return err
		}
	}
	if g.limits != nil {
		until, err := g.limits.ClosedUntil(ctx, g.installation)
		if err != nil {
			return fmt.Errorf("ask whether GitHub wants calls: %w", err)
		}
		g.mu.Lock()
		if until.After(g.until) {
			g.until = until
		}
		g.mu.Unlock()
	}
	return g.closed(work.ClassIn(ctx))
}

// closed gives an error that carries the rest of the wait; nil when the gate is open to that class of work.
func (g *gate) closed(class work.Class) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if wait := g.until.Sub(now); wait > 0 {
		return work.After(min(wait, maxWait), fmt.Errorf("GitHub asked for no calls; next call in %s", wait.Round(time.Second)))
	}
	if wait := g.outage.Wait(now, class); wait > 0 {
		return work.After(wait, fmt.Errorf("GitHub has not answered since %s; next call in %s", g.outage.Since.UTC().Format(time.TimeOnly), wait.Round(time.Second)))
	}
	if wait := g.budget.wait(now, class); wait > 0 {
		return work.After(wait, fmt.Errorf("of this hour's calls of GitHub the last %d are kept for more urgent work; next call in %s", g.budget.remaining, wait.Round(time.Second)))
	}
	return nil
}

// failed notes that GitHub did not answer, or only that it is out of order. It gives an error that carries a wait when it has been so
// for several calls; else err.
func (g *gate) failed(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return err // given up here, not there
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	g.outage.Failed(now)
	wait := g.outage.Wait(now, work.ClassIn(ctx))
	if wait == 0 {
		return err
	}
	if err == nil {
		err = errors.New("GitHub answers that it is out of order")
	}
	return work.After(wait, err)
}

// note closes the gate as far as the answer says. It gives the wait if the call was refused for a limit, else zero; and the moment
// until which the gate is closed if this answer has closed it, else the zero time.
func (g *gate) note(resp *http.Response, body []byte) (wait time.Duration, closed time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	g.outage = work.Outage{}
	g.budget.note(resp.Header)
	shut := now.Before(g.until) // by another call, while this one was under way
	wait, refused := waitOf(resp.StatusCode, resp.Header, body, g.hits, now)
	switch {
	case refused && !shut:
		g.hits++
	case !refused && !shut && resp.StatusCode < 400:
		g.hits = 0
	}
	if until := now.Add(wait); wait > 0 && until.After(g.until) {
		g.until, closed = until, until
	}
	if !refused {
		wait = 0
	}
	return wait, closed
}
