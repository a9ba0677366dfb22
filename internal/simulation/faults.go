package simulation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/tamerhq/tamer/internal/work"
)

// faults say how often what goes wrong, in one of so many; 0 is never.
type faults struct {
	call  int // a call fails, or its answer is lost
	event int // between two steps: a limit, an outage, a pause, a killed process
	mail  int // a webhook is lost or comes twice
}

func newFaults(rng *rand.Rand) faults {
	often := func(all ...int) int { return all[rng.IntN(len(all))] }
	return faults{call: often(0, 200, 50, 15), event: often(0, 300, 100), mail: often(0, 10, 3, 1)}
}

func (r *run) oneOf(n int) bool { return n > 0 && r.rng.IntN(n) == 0 }

// outcomeOf decides what becomes of a call.
func (r *run) outcomeOf(c *call) outcome {
	if c.party == dataParty && r.dataDown {
		return outcome{fails: errDown}
	}
	if !r.oneOf(r.faults.call) {
		return outcome{}
	}
	switch n := r.rng.IntN(6); {
	case n == 0 && c.party == forgeParty:
		return outcome{fails: r.limit()}
	case n < 3 && c.write:
		return outcome{lost: errLost}
	case n == 3 && c.write && c.party == sinkParty:
		return outcome{fails: errDown, half: 1 + r.rng.IntN(4)}
	}
	return outcome{fails: errDown}
}

// limit has GitHub want no calls for a while.
func (r *run) limit() error {
	wait := time.Duration(1+r.rng.IntN(60)) * time.Second
	r.hub.until = r.now().Add(wait)
	return work.After(wait, fmt.Errorf("a rate limit is reached"))
}

// trouble has something go wrong between two calls, and tells what.
func (r *run) trouble() string {
	switch r.rng.IntN(8) {
	case 0:
		r.limit()
		return "GitHub wants no calls for a while"
	case 1:
		r.dataDown = !r.dataDown
		return fmt.Sprint("the database is away: ", r.dataDown)
	case 2, 3:
		return r.kill(pick(r, r.replicas))
	case 4, 5:
		if p := r.writes(); p != nil && r.rng.IntN(4) > 0 {
			return r.pause(p)
		}
		return r.pause(pick(r, r.replicas))
	case 6:
		return r.stop(pick(r, r.replicas))
	}
	if r.oneOf(4) {
		return r.forget()
	}
	return ""
}

// kill ends a process at once, and starts another one in its place.
func (r *run) kill(p *replica) string {
	p.dead = true
	p.lose() // nothing of it goes on; its calls fail without effect
	r.release(func(c *call) bool { return c.attempt.replica == p })
	synctest.Wait() // until they have
	r.dead = append(r.dead, p)
	r.replicas[p.number-1] = r.start(p.number)
	if len(r.replicas) == 1 {
		r.takeOver() // the only one takes back what it had in its hands when it starts
		r.sweep()
	}
	return fmt.Sprint("killed is replica ", p.number)
}

// pause stops a process for a while, or lets it go on.
func (r *run) pause(p *replica) string {
	if len(r.replicas) == 1 {
		return "" // nobody could take over: it is a longer wait, nothing else
	}
	if !p.paused {
		p.paused, p.beat = true, r.now().Add(-time.Duration(r.rng.IntN(2000))*time.Millisecond)
		told := fmt.Sprint("paused is replica ", p.number)
		if r.rng.IntN(2) == 0 {
			r.note("%s", told)
			told = r.overtake()
		}
		return told
	}
	r.wake(p)
	return fmt.Sprint("on goes replica ", p.number)
}

// overtake has so much time go by that others take over, and deploy something else meanwhile.
func (r *run) overtake() string {
	time.Sleep(taken)
	r.takeOver()
	if tip := r.hub.branches[trunk]; tip != "" && !r.git.full() {
		r.edits++
		changed := map[string]string{}
		for _, c := range customers {
			changed[planOf(c)] = fmt.Sprintf("name: v%d\nsize: 2\n", r.edits%7)
		}
		r.hub.move(trunk, r.git.commit(r.git.byName[tip].tree.with(changed), omar, r.hub.second(), tip), omar)
		r.look()
	}
	if !r.dataDown {
		r.sweep()
	}
	usual := r.faults
	for r.faults = (faults{}); r.failure == ""; {
		synctest.Wait()
		if calls, jobs, idle := r.calls(), r.db.waiting(), r.idle(); len(calls) > 0 {
			r.let(calls[0])
		} else if len(jobs) > 0 && len(idle) > 0 {
			r.take(idle[0], jobs[0])
		} else {
			break
		}
	}
	r.faults = usual
	return "it was overtaken"
}

// writes gives a replica that is about to write to a store, rather plain files, which no condition guards; nil where none is.
func (r *run) writes() *replica {
	all := slices.DeleteFunc(r.calls(), func(c *call) bool { return c.party != sinkParty || !c.write })
	plain := slices.DeleteFunc(slices.Clone(all), func(c *call) bool {
		return !strings.Contains(c.what, " batch of ") || strings.Contains(c.what, " from .")
	})
	if len(plain) > 0 && r.rng.IntN(4) > 0 {
		all = plain
	}
	if len(all) == 0 {
		return nil
	}
	return pick(r, all).attempt.replica
}

// wake lets a paused replica go on. Its own clock tells that its lease is over before it hears of it from the database.
func (r *run) wake(p *replica) {
	if p.over() {
		p.term++ // what it has begun has lost its hold for good
	}
	p.paused = false
}

// stop ends a process as an update does: what runs is given back, and another one starts.
func (r *run) stop(p *replica) string {
	if p.paused {
		return ""
	}
	for _, a := range sortedAttempts(p) {
		p.cancel[a](fmt.Errorf("tamer stops"))
	}
	return fmt.Sprint("interrupted is replica ", p.number)
}

// forget loses the whole database. All processes are started anew.
func (r *run) forget() string {
	for i := range r.replicas {
		r.kill(r.replicas[i])
	}
	r.dead = nil
	r.db.lose()
	r.forgot = true
	r.sweep()
	return "the database is lost"
}

// lives tells whether the database takes a replica for alive.
func (r *run) lives(p *replica) bool { return !p.dead && !(p.paused && r.now().Sub(p.beat) >= taken) }

// takeOver gives the jobs of dead and long paused processes to others, and those that their own process has lost hold of.
func (r *run) takeOver() {
	for _, name := range r.db.names() {
		j := r.db.jobs[name]
		if p := j.running; p != nil && (p.dead || p.paused && r.now().Sub(p.beat) >= taken || !p.holds(j)) {
			r.db.replace(j)
		}
	}
	r.dead = nil
}

// heal ends all that goes wrong.
func (r *run) heal() {
	r.faults, r.dataDown = faults{}, false
	for _, p := range r.replicas {
		if p.paused {
			r.wake(p)
		}
	}
	if wait := r.hub.until.Sub(r.now()); wait > 0 {
		time.Sleep(wait)
	}
	time.Sleep(taken)
	r.takeOver()
}
