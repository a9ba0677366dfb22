package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/pgtest"
	"github.com/tamerhq/tamer/internal/store"
)

// wholeEnv has the tests of this package run at their full size, which takes minutes.
const wholeEnv = "TAMER_TEST_CRASHES"

// perSecond is how many deliveries GitHub sends.
const perSecond = 200

// databases are those that replicas share, or that one has for itself.
var databases = map[string]struct {
	replicas int
	start    func(testing.TB) string
}{
	"sqlite":   {1, func(testing.TB) string { return "" }},
	"postgres": {3, func(t testing.TB) string { return pgtest.Create(t, pgtest.Start(t)) }},
}

// Webhooks come, people work, and tamer is killed and killed again; then each replica is replaced while webhooks still come. What was
// acknowledged comes to its end, and nothing is there twice.
func TestKilledAgainAndAgain(t *testing.T) {
	deliveries, kills, patience := 200, 4, 5*time.Minute
	if os.Getenv(wholeEnv) != "" {
		deliveries, kills, patience = 10_000, 200, 15*time.Minute
	}
	for name, c := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, c.replicas, c.start(t))
			p := newPeople(f)
			p.settle(patience)
			var all sync.WaitGroup
			killed := make(chan struct{})
			all.Go(func() { f.load(deliveries, killed) })
			all.Go(func() { f.killOften(kills, 2*deliveries/kills); close(killed) })
			acts := max(deliveries/50, 12)
			for range acts {
				p.act()
				f.pause(2 * deliveries / acts)
			}
			all.Wait()
			p.must(f.Hub.Wait(t.Context())) // what was lost so far, the next start finds
			all.Go(func() { f.load(deliveries/10, killed) })
			f.replace()
			all.Wait()
			drained := p.settle(patience)
			p.checkTwice()
			f.checkEnds()
			p.checkTwice()
			t.Logf("%s; %d kills; drained in %s", f.summary(), kills, drained.Round(time.Millisecond))
		})
	}
}

// load sends webhooks, at least so many, until others are done.
func (f *fleet) load(deliveries int, others <-chan struct{}) {
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	for i := 0; ; i++ {
		if i >= deliveries {
			select {
			case <-others:
				return
			default:
			}
		}
		<-tick.C
		f.pick()
		all.Go(f.deliver)
	}
}

// pause lasts between nothing and the time of so many deliveries, by chance.
func (f *fleet) pause(deliveries int) {
	time.Sleep(time.Duration(f.number(deliveries+1)) * time.Second / perSecond)
}

// killOften kills one replica after another, each when it has been ready for between nothing and the time of so many deliveries.
func (f *fleet) killOften(kills, deliveries int) {
	for range kills {
		f.pause(deliveries)
		r := f.pick()
		r.kill()
		if err := r.start(); err != nil {
			f.t.Error(err)
			return
		}
	}
}

// replace stops one replica after another, and starts a new one in its place.
func (f *fleet) replace() {
	f.t.Helper()
	for _, r := range f.replicas {
		if err := r.stop(); err != nil {
			f.t.Error(err)
		}
		if err := r.start(); err != nil {
			f.t.Fatal(err)
		}
	}
}

// checkEnds stops all replicas, and tells what was acknowledged and forgotten, and which keys are not at their end. A sweep may be under
// way when they stop, so they are given more time.
func (f *fleet) checkEnds() {
	f.t.Helper()
	for try := 1; ; try++ {
		f.stop()
		lost, open := f.ends()
		if len(lost) > 0 {
			f.t.Errorf("%d deliveries were acknowledged and forgotten, such as %s", len(lost), lost[0])
		}
		if len(open) == 0 {
			return
		}
		if try == 10 {
			f.t.Errorf("%d keys have no end:\n%s", len(open), strings.Join(open, "\n"))
			return
		}
		f.start()
		time.Sleep(3 * time.Second)
	}
}

// ends gives the deliveries that were acknowledged and are not known, and the keys whose work is not done.
func (f *fleet) ends() (lost, open []string) {
	f.t.Helper()
	s, err := store.Open(f.t.Context(), f.database)
	if err != nil {
		f.t.Fatal(err)
	}
	defer s.Close()
	for id := range f.acked {
		seen, err := s.Seen(f.t.Context(), id)
		if err != nil {
			f.t.Fatal(err)
		}
		if !seen {
			lost = append(lost, id)
		}
	}
	rows, err := s.DB().Query(`SELECT key, wanted, done, failures, aside FROM keys WHERE done < wanted OR aside <> '' ORDER BY key`)
	if err != nil {
		f.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var key, aside string
		var wanted, done, failures int
		if err := rows.Scan(&key, &wanted, &done, &failures, &aside); err != nil {
			f.t.Fatal(err)
		}
		open = append(open, fmt.Sprintf("%s: asked for %d times, %d are done, %d failures, aside %q", key, wanted, done, failures, aside))
	}
	if err := rows.Err(); err != nil {
		f.t.Fatal(err)
	}
	return lost, open
}

// summary says how many webhooks were sent, how many of them asked for work and were acknowledged, and how long that took.
func (f *fleet) summary() string {
	f.mu.Lock()
	sent, stored := f.sent, len(f.acked)
	f.mu.Unlock()
	at := func(percent int) time.Duration { return f.acknowledged(percent).Round(100 * time.Microsecond) }
	return fmt.Sprintf("%d deliveries, %d acknowledged: median %s, p99 %s, longest %s", sent, stored, at(50), at(99), at(100))
}

// acknowledged is how long that took for so many percent of the webhooks at most.
func (f *fleet) acknowledged(percent int) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := slices.Sorted(maps.Values(f.acked))
	return all[min(len(all)*percent/100, len(all)-1)]
}
