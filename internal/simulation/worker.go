package simulation

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/work"
	"github.com/tamerhq/tamer/webhooks"
)

// How a replica lives and is taken for dead; see internal/queue/lease.go.
const (
	leaseOwn = 8 * time.Second  // after its last beat it stops by itself
	taken    = 12 * time.Second // and others take over
	slots    = 3                // keys at once

	jobTimeout = 5 * time.Minute // for one attempt; see queue.Config
)

// A replica is one process of tamer.
type replica struct {
	number int
	flows  *flow.Flow
	missed *webhooks.Missed
	busy   int  // slots
	dead   bool // killed: whatever of it still runs has no effect
	paused bool // stopped for a while: its calls wait
	beat   time.Time
	term   int // rises when the lease is lost
	cancel map[*attempt]context.CancelCauseFunc
}

// over tells whether the lease has run out by the replica's own clock.
func (p *replica) over() bool { return p.paused && time.Since(p.beat) >= leaseOwn }

// lose cancels all that is in hand.
func (p *replica) lose() {
	p.term++
	for _, cancel := range p.cancel {
		cancel(errStale)
	}
}

// holds tells whether the replica works on the job.
func (p *replica) holds(j *job) bool {
	for a := range p.cancel {
		if a.job == j {
			return true
		}
	}
	return false
}

// start puts a replica in place of a dead one, or a new one.
func (r *run) start(number int) *replica {
	flows, err := flow.New(r.config())
	if err != nil {
		panic(err)
	}
	return &replica{number: number, flows: flows, cancel: map[*attempt]context.CancelCauseFunc{},
		missed: &webhooks.Missed{Ledger: r.hub, Inbox: r.db, Seen: r.db.Seen, Marks: r.db, Log: quiet, Now: r.now}}
}

// begin has a replica take up a job.
func (r *run) begin(p *replica, j *job) {
	r.attempts++
	a := &attempt{number: r.attempts, replica: p, job: j, term: p.term}
	j.running = p
	p.busy++
	ctx, cancel := context.WithCancelCause(context.Background())
	p.cancel[a] = cancel
	ctx, end := context.WithTimeout(ctx, jobTimeout)
	ctx = context.WithValue(ctx, attemptKey{}, a)
	ctx = work.WithHold(ctx, work.Hold{Key: j.key, Check: a.check})
	go func() {
		r.work(ctx, a)
		end()
		cancel(nil)
		r.mu.Lock() // all of a dead replica's come to their end at once
		defer r.mu.Unlock()
		delete(p.cancel, a)
		p.busy--
	}()
}

// work makes one attempt, as queue.run does.
func (r *run) work(ctx context.Context, a *attempt) {
	db, name := r.db, a.job.key.String()
	before, err := read(ctx, r, dataParty, "read progress", func() (row, error) { return *db.rows[name], nil })
	if err != nil {
		r.unstored(ctx, a)
		return
	}
	a.task = work.Task{Key: a.job.key, Anew: before.Anew > before.Done, Attempt: before.Failures + 1}
	state, err := work.State(""), queue.Deadly(before.Progress)
	if err == nil {
		state, err = r.attempt(ctx, a)
	}
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		r.unstored(ctx, a) // River makes the job available again, unless it has been replaced, and counts no attempt
		return
	}
	e := queue.End(before.Progress, state, err, r.now(), r.maxAttempts, float64(a.number%10)/10)
	if e.Aside {
		e = r.setAside(ctx, a, before, e, err)
	}
	told := "finish as " + string(state)
	if err != nil {
		told = "finish: " + err.Error()
	}
	if r.finish(ctx, a, told, before.Wanted, e) != nil {
		r.unstored(ctx, a)
	}
}

// attempt calls the flows and makes a panic a failure of the history.
func (r *run) attempt(ctx context.Context, a *attempt) (state work.State, err error) {
	defer func() {
		if v := recover(); v != nil {
			r.fail(0, "%s: panic: %v\n%s", a.task.Key, v, debug.Stack())
		}
	}()
	if a.task.Key.Kind == work.Missed {
		_, err := a.replica.missed.Look(ctx)
		return "", err
	}
	return a.replica.flows.Handle(ctx, a.task)
}

func (r *run) setAside(ctx context.Context, a *attempt, before row, e queue.Ending, cause error) queue.Ending {
	e.Progress.Aside = fmt.Sprint("job ", a.job.number)
	state, err := a.replica.flows.SetAside(context.WithoutCancel(ctx), a.task, e.Progress.Aside, cause)
	if _, waits := work.WaitOf(err); waits {
		return queue.End(before.Progress, "", err, r.now(), r.maxAttempts, 0)
	}
	if err == nil {
		e.State = &state
	}
	return e
}

// finish stores the ending, and the next job where there is to be one, in one transaction.
func (r *run) finish(ctx context.Context, a *attempt, told string, seen int64, e queue.Ending) error {
	return r.do(context.WithoutCancel(ctx), dataParty, true, told, func() error {
		db, name := r.db, a.job.key.String()
		p := db.rows[name]
		if p == nil || db.jobs[name] != a.job || a.check() != nil {
			return errStale
		}
		again := p.Wanted > seen
		p.Done, p.Failures, p.NotBefore, p.Aside, p.Killed = e.Progress.Done, e.Progress.Failures, e.Progress.NotBefore, e.Progress.Aside, 0
		if e.State != nil {
			p.state, p.known = *e.State, true
		}
		delete(db.jobs, name)
		if again {
			db.insert(a.job.key, p.NotBefore)
		} else if !e.Next.IsZero() {
			db.insert(a.job.key, e.Next)
		}
		return nil
	})
}

// unstored gives a job back whose end could not be stored: it is available again a moment later. A dead process's jobs wait to be taken over.
func (r *run) unstored(ctx context.Context, a *attempt) {
	_ = r.do(context.WithoutCancel(ctx), dataParty, true, "give back", func() error {
		if r.db.jobs[a.job.key.String()] == a.job {
			a.job.running, a.job.due = nil, r.now().Add(time.Second)
		}
		return nil
	})
}
