package mirror

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

// A line is what stops working as one: what git asks of the remotes of one installation. Branches may be listed while nothing can be
// fetched, so these are two.
type line struct {
	installation int64
	verb         string // of git
}

// remotes know which lines are dead at the moment: work that needs one waits then, and loses no attempt.
type remotes struct {
	now   func() time.Time
	mu    sync.Mutex
	lines map[line]*work.Outage
}

// patience is how long work waits for remotes that do not answer without losing attempts: much longer than an outage of git may last while
// the API, which work asks before, is there. After that it is rather the one repository of this installation that nobody can read, and who
// waits for it must be told.
const patience = 6 * time.Hour

// call asks a remote by f, unless too many askings in a row have found nobody there. Its error says then how long to wait, until patience
// ends. One repository that nobody can read is no outage: every answer to another one begins the count anew.
func (r *remotes) call(ctx context.Context, l line, f func() error) error {
	if wait, since := r.closed(ctx, l); wait > 0 {
		return r.park(wait, since, fmt.Errorf("the remotes have not answered git %s since %s; next try in %s", l.verb, since.UTC().Format(time.DateTime), wait.Round(time.Second)))
	}
	err := f()
	if ctx.Err() != nil {
		return err // given up here, not there
	}
	switch {
	case isAway(err):
		r.with(l, func(o *work.Outage) { o.Failed(r.now()) })
	case err == nil || isAnswer(err):
		r.with(l, func(o *work.Outage) { *o = work.Outage{} })
		return err
	}
	if wait, since := r.closed(ctx, l); wait > 0 {
		return r.park(wait, since, err)
	}
	return err
}

// park has work wait, at the cost of an attempt only where patience has ended.
func (r *remotes) park(wait time.Duration, since time.Time, err error) error {
	if r.now().Sub(since) >= patience {
		return err
	}
	return work.After(wait, err)
}

// closed gives the time to wait before the line is tried again; zero where it may be tried now.
func (r *remotes) closed(ctx context.Context, l line) (wait time.Duration, since time.Time) {
	r.with(l, func(o *work.Outage) { wait, since = o.Wait(r.now(), work.ClassIn(ctx)), o.Since })
	return wait, since
}

func (r *remotes) with(l line, f func(*work.Outage)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lines[l] == nil {
		r.lines[l] = &work.Outage{}
	}
	f(r.lines[l])
}

// refusal is a status that says something about this call, and not about the remote's health.
var refusal = regexp.MustCompile(`returned error: (3\d\d|4[013-9]\d|42[0-8])`)

// isAway tells whether git could not reach the remote, or was cut off: no address, no connection, an answer that says only that
// something is out of order, or too little of it for too long.
func isAway(err error) bool {
	return says(err, "unable to access '", "RPC failed", "early EOF", "hung up unexpectedly", "unexpected disconnect") && !isAnswer(err)
}

// isAnswer tells whether the remote itself has said no.
func isAnswer(err error) bool {
	return says(err, "not our ref", "couldn't find remote ref", "fatal: repository '", "could not read Username", "Authentication failed") ||
		matches(err, refusal)
}
