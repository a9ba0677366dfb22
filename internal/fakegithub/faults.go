package fakegithub

import (
	"context"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Fault is a rule that makes requests go wrong: of REST, and of git but for the limits. Where several rules match a
// request, the first one added takes it.
type Fault struct {
	// Which requests: all of the empty fields match everything.
	Method string
	Path   string                   // as path.Match, without /api/v3; "/**" at the end takes everything below
	Match  func(*http.Request) bool // must not read the body, nor call the server
	Skip   int                      // let so many pass first
	Times  int                      // then strike so many; 0 means until ClearFaults

	// What happens: the delay first, then the others.
	Delay      time.Duration
	Status     int  // answer with this status, and do nothing else
	LoseAnswer bool // do what is asked, then cut the connection
	// SecondaryLimit answers as GitHub's secondary rate limit does: with Status, which is 403 if not set and may be
	// 429, and with Retry-After if that is more than zero.
	SecondaryLimit bool
	RetryAfter     time.Duration
	// PrimaryLimit answers as if the hour's requests were used up, until RetryAfter from now (default an hour).
	PrimaryLimit bool
}

type faults struct {
	mu    sync.Mutex
	rules []*Fault
}

// AddFault adds a rule.
func (s *Server) AddFault(f Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.rules = append(s.faults.rules, &f)
}

// ClearFaults removes all rules.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.rules = nil
}

// take gives the fault that strikes the request; the zero Fault where none does.
func (f *faults) take(r *http.Request) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, rule := range f.rules {
		switch {
		case !rule.matches(r):
			continue
		case rule.Skip > 0:
			rule.Skip--
			continue
		case rule.Times == 1:
			f.rules = append(f.rules[:i:i], f.rules[i+1:]...)
		case rule.Times > 1:
			rule.Times--
		}
		return *rule
	}
	return Fault{}
}

func (f *Fault) matches(r *http.Request) bool {
	if f.Method != "" && f.Method != r.Method || f.Match != nil && !f.Match(r) {
		return false
	}
	at := strings.TrimPrefix(r.URL.Path, apiPrefix)
	if above, ok := strings.CutSuffix(f.Path, "/**"); ok {
		n := strings.Count(above, "/")
		parts := strings.Split(at, "/")
		if len(parts) <= n+1 {
			return false
		}
		ok, _ := path.Match(above, strings.Join(parts[:n+1], "/"))
		return ok
	}
	ok, _ := path.Match(f.Path, at)
	return f.Path == "" || ok
}

// wait lasts for the delay, or until ctx ends.
func (f Fault) wait(ctx context.Context) error {
	if f.Delay <= 0 {
		return nil
	}
	t := time.NewTimer(f.Delay)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refusal is the answer that the fault gives instead of the effect; nil where it lets the request through.
func (f Fault) refusal(c *call, now time.Time) error {
	switch {
	case f.PrimaryLimit:
		wait := f.RetryAfter
		if wait <= 0 {
			wait = time.Hour
		}
		return exhausted(c, 5000, now.Add(wait))
	case f.SecondaryLimit:
		status := f.Status
		if status == 0 {
			status = http.StatusForbidden
		}
		if f.RetryAfter > 0 {
			c.reply.Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
		}
		return &refusal{status: status, doc: "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
			message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
	case f.Status != 0:
		return refuse(f.Status, "%s", http.StatusText(f.Status))
	}
	return nil
}

// A window is the hour in which requests are counted.
type window struct {
	used  int
	reset time.Time
}

// SetRateLimit says how many REST requests an installation, the app, or a user may send in an hour (default 5,000), and
// starts counting anew.
func (s *Server) SetRateLimit(requests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = requests
	s.windows = map[string]*window{}
}

// window gives the hour of the actor, a new one when the last is over.
func (s *Server) window(a actor) *window {
	key := "nobody"
	switch {
	case a.app:
		key = "app"
	case a.install != nil:
		key = "installation " + strconv.FormatInt(a.install.id, 10)
	case a.user != nil:
		key = "user " + a.user.Login
	}
	now := s.cfg.Now()
	w := s.windows[key]
	if w == nil || !now.Before(w.reset) {
		w = &window{reset: now.Add(time.Hour)}
		s.windows[key] = w
	}
	return w
}

// countRequest takes the request from the actor's hour, and refuses it where nothing is left.
func (s *Server) countRequest(c *call, rt route) error {
	w := s.window(c.actor)
	if rt.free {
		return nil
	}
	if w.used >= s.limit {
		return exhausted(c, s.limit, w.reset)
	}
	w.used++
	limitHeaders(c, s.limit, w.used, w.reset)
	return nil
}

// uncountRequest gives a request back: 304 costs nothing.
func (s *Server) uncountRequest(c *call) {
	if w := s.window(c.actor); w.used > 0 {
		w.used--
		limitHeaders(c, s.limit, w.used, w.reset)
	}
}

func limitHeaders(c *call, limit, used int, reset time.Time) {
	c.reply.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	c.reply.Set("X-RateLimit-Remaining", strconv.Itoa(limit-used))
	c.reply.Set("X-RateLimit-Used", strconv.Itoa(used))
	c.reply.Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	c.reply.Set("X-RateLimit-Resource", "core")
}

func exhausted(c *call, limit int, reset time.Time) error {
	limitHeaders(c, limit, limit, reset)
	who := "user"
	if c.actor.install != nil {
		who = "installation ID " + strconv.FormatInt(c.actor.install.id, 10)
	}
	return refuse(http.StatusForbidden, "API rate limit exceeded for %s.", who)
}

func getRateLimit(s *Server, c *call) (any, error) {
	w := s.window(c.actor)
	core := object{"limit": s.limit, "used": w.used, "remaining": s.limit - w.used, "reset": w.reset.Unix()}
	search := object{"limit": 30, "used": 0, "remaining": 30, "reset": w.reset.Unix()}
	return object{"resources": object{"core": core, "search": search}, "rate": core}, nil
}
