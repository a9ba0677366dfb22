package simulation

import (
	"cmp"
	"maps"
	"slices"
	"testing/synctest"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

// What a history takes at most: one that goes on for longer has come to no rest.
const (
	maxSteps    = 20_000
	sweepEvery  = time.Minute
	missedEvery = 5 * time.Minute
)

// play plays the history: people and faults, then only tamer, until nothing is left to do.
func (r *run) play() {
	for r.acts > 0 && r.failure == "" {
		synctest.Wait()
		r.step()
	}
	if r.failure == "" {
		r.heal()
		r.drain()
	}
	r.end()
}

// step does one thing, by chance.
func (r *run) step() {
	if r.steps > maxSteps {
		r.fail(0, "%d steps, and no end", r.steps)
		return
	}
	if r.oneOf(r.faults.event) {
		if told := r.trouble(); told != "" {
			r.note("%s", told)
			return
		}
	}
	calls, idle := r.calls(), r.idle()
	var jobs []*job
	if len(idle) > 0 {
		jobs = r.db.waiting()
	}
	switch n := r.rng.IntN(100); {
	case n < 4:
		r.acts--
		time.Sleep(time.Second) // two acts of people are not of the same second
		r.note("%s", cmp.Or(r.act(), "nobody does anything"))
		r.look()
	case n < 7 || len(calls)+len(jobs)+len(r.hub.flying) == 0:
		r.someTime()
	case n < 17 && len(r.hub.flying) > 0:
		r.mail(r.rng.IntN(len(r.hub.flying)))
	case n < 35 && len(jobs) > 0 || len(calls) == 0 && len(jobs) > 0:
		r.take(pick(r, idle), pick(r, jobs))
	case len(calls) > 0:
		r.let(pick(r, calls))
	}
}

// calls gives the calls that may happen now, in an order that does not depend on who was first.
func (r *run) calls() []*call {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.SortStableFunc(r.parked, func(a, b *call) int {
		return cmp.Or(a.attempt.number-b.attempt.number, cmp.Compare(a.what, b.what))
	})
	return slices.DeleteFunc(slices.Clone(r.parked), func(c *call) bool { return c.attempt.replica.paused })
}

// idle gives the replicas that could take up a job.
func (r *run) idle() []*replica {
	return slices.DeleteFunc(slices.Clone(r.replicas), func(p *replica) bool { return p.paused || p.busy >= slots || r.dataDown })
}

// let has a call happen.
func (r *run) let(c *call) {
	r.mu.Lock()
	r.parked = slices.DeleteFunc(r.parked, func(o *call) bool { return o == c })
	r.mu.Unlock()
	o := r.outcomeOf(c)
	r.note("%d %s %s: %s %v %v", c.attempt.number, c.attempt.job.key, c.party, c.what, o.fails, o.lost)
	c.attempt.seen.views = append(c.attempt.seen.views, len(r.views)-1)
	c.answer <- o
}

// release lets calls come to their end without an effect, for their attempts are cancelled.
func (r *run) release(which func(*call) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parked = slices.DeleteFunc(r.parked, func(c *call) bool {
		if which(c) {
			c.answer <- outcome{fails: errKilled}
			return true
		}
		return false
	})
}

func (r *run) take(p *replica, j *job) {
	r.note("replica %d takes %s", p.number, j.key)
	r.begin(p, j)
}

// mail has a webhook arrive, be lost, or come twice.
func (r *run) mail(i int) {
	s := r.hub.flying[i]
	twice := false
	fate := "arrives"
	if r.oneOf(r.faults.mail) {
		switch r.rng.IntN(4) {
		case 0:
			fate = "is lost, and GitHub knows"
		case 1, 2:
			fate = "is lost"
		case 3:
			twice = true
		}
	}
	r.note("%s %s %s", s.GUID, s.Event, fate)
	if !twice {
		r.hub.flying = slices.Delete(r.hub.flying, i, i+1)
	}
	switch fate {
	case "arrives":
		r.arrive(s)
	case "is lost, and GitHub knows":
		r.list(s, false)
	}
}

// someTime lets some time go by, and has done what is done every so often.
func (r *run) someTime() {
	d := pick(r, []time.Duration{time.Millisecond, 100 * time.Millisecond, time.Second, time.Second, 5 * time.Second, 15 * time.Second, time.Minute})
	renewed := ""
	switch {
	case r.theme == previews && r.rng.IntN(8) == 0: // all that is served grows old, and some of it is wanted again
		d, renewed = (keepPreviews+1)*time.Hour, r.pushes()
	case r.rng.IntN(60) == 0:
		d = time.Duration(1+r.rng.IntN(20*24)) * time.Hour
	}
	r.note("%s go by %s", d, renewed)
	if time.Sleep(d); renewed != "" {
		r.look()
	}
	r.periodic()
}

func (r *run) periodic() {
	if !r.dataDown && r.now().Sub(r.lastSweep) >= sweepEvery {
		r.sweep()
	}
	r.takeOver()
}

// sweep asks for what is done every so often.
func (r *run) sweep() {
	wanted := []work.Wanted{{Key: work.Key{Kind: work.Sweep}}}
	if r.lastSweep.IsZero() || r.now().Truncate(missedEvery).After(r.lastSweep) {
		wanted = append(wanted, work.Wanted{Key: work.Key{Kind: work.Missed}})
	}
	r.lastSweep = r.now()
	r.db.ask(wanted)
}

// patience is how long after the end of all faults everything must be as it should: two sweeps and a half.
const patience = 90 * time.Second

// drain works off what is left: what the sweep sees, within its time, and then everything.
func (r *run) drain() {
	for _, s := range r.hub.flying {
		if r.rng.IntN(2) == 0 {
			r.arrive(s)
		}
	}
	r.hub.flying = nil
	until := r.now().Add(patience)
	for r.now().Before(until) && r.failure == "" {
		r.sweep()
		r.settle(r.now().Add(sweepEvery))
	}
	r.settle(r.now())
	if r.failure == "" {
		r.rested()
	}
	r.settle(r.now().Add(30 * 24 * time.Hour))
	if undone := r.db.undone(); undone != "" && r.failure == "" {
		r.fail(1, "left undone is %s", undone)
	}
}

// settle works on all that is due before a moment, and goes on to that moment while something is left to do.
func (r *run) settle(until time.Time) {
	for r.failure == "" {
		synctest.Wait()
		r.steps++
		if r.steps > maxSteps {
			r.fail(0, "%d steps, and no end", r.steps)
			return
		}
		for len(r.hub.flying) > 0 { // what tamer itself has brought about
			s := r.hub.flying[0]
			r.hub.flying = r.hub.flying[1:]
			r.arrive(s)
		}
		calls, jobs, idle := r.calls(), r.db.waiting(), r.idle()
		switch {
		case len(calls) > 0:
			r.let(calls[0])
		case len(jobs) > 0 && len(idle) > 0:
			r.take(idle[0], jobs[0])
		default:
			next := r.db.next()
			if next.IsZero() && until.Sub(r.now()) > time.Hour || until.Sub(r.now()) <= 0 {
				return
			}
			if next.IsZero() || next.After(until) {
				next = until
			}
			if r.busy() { // somebody waits for a turn
				next = r.now().Add(askTurn)
			}
			time.Sleep(next.Sub(r.now()))
		}
	}
}

// busy tells whether some work is under way.
func (r *run) busy() bool {
	return slices.ContainsFunc(r.replicas, func(p *replica) bool { return p.busy > 0 })
}

// end has all that still runs come to its end, so that nothing of the history goes on beyond it.
func (r *run) end() {
	for _, p := range r.replicas {
		p.dead = true
		p.lose()
	}
	for range 10 {
		synctest.Wait()
		r.release(func(*call) bool { return true })
	}
}

// lose forgets everything.
func (d *database) lose() { *d = *newDatabase(d.run) }

// names gives the keys that have jobs, sorted.
func (d *database) names() []string { return slices.Sorted(maps.Keys(d.jobs)) }

// next gives when the next job falls due; the zero time where none waits.
func (d *database) next() (first time.Time) {
	for _, j := range d.jobs {
		if j.running == nil && (first.IsZero() || j.due.Before(first)) {
			first = j.due
		}
	}
	return first
}

func sortedAttempts(p *replica) []*attempt {
	return slices.SortedFunc(maps.Keys(p.cancel), func(a, b *attempt) int { return a.number - b.number })
}
