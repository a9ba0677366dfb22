package queue

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		n      int
		spread float64
		want   time.Duration
	}{
		{-1, 0, time.Second},
		{0, 0, time.Second},
		{0, 0.5, 1050 * time.Millisecond},
		{1, 0, 2 * time.Second},
		{9, 0, 512 * time.Second},
		{10, 0, 10 * time.Minute},
		{1 << 40, 0.5, 10*time.Minute + 30*time.Second},
	} {
		if got := Backoff(c.n, c.spread); got != c.want {
			t.Errorf("Backoff(%d, %v) = %s, want %s", c.n, c.spread, got, c.want)
		}
	}
}

func TestEnd(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	before := store.Progress{Wanted: 7, Done: 4, Anew: 6, Failures: 2}
	err := errors.New("no luck")
	for _, c := range []struct {
		name string
		err  error
		max  int
		want string
	}{
		{"success", nil, 20, "done: done 7 failures 0, state noted, never again"},
		{"failure", err, 20, "retries: done 4 failures 3, again in 4s"},
		{"last failure", err, 3, "discarded: done 7 failures 0, never again"},
		{"permanent", work.Permanent(err), 20, "permanent: done 7 failures 0, never again"},
		{"deadly", Deadly(store.Progress{Killed: 10}), 20, "discarded: done 7 failures 0, never again"},
		{"wait", work.After(time.Minute, err), 3, "waits: done 4 failures 2, again in 1m0s, not before"},
		{"wait for nothing", work.After(0, err), 20, "waits: done 4 failures 2, again in 1s, not before"},
		{"wait for ever", work.After(1<<62, err), 20, "waits: done 4 failures 2, again in 24h0m0s, not before"},
	} {
		e := end(before, "a state", c.err, now, c.max, 0)
		got := fmt.Sprintf("%s: done %d failures %d", e.outcome, e.progress.Done, e.progress.Failures)
		if e.state != nil {
			got += ", state noted"
		}
		if e.next.IsZero() {
			got += ", never again"
		} else {
			got += ", again in " + e.next.Sub(now).String()
		}
		if e.progress.NotBefore.Equal(e.next) && !e.next.IsZero() {
			got += ", not before"
		}
		if got != c.want {
			t.Errorf("%s: %s; want %s", c.name, got, c.want)
		}
	}
}

// A process that dies costs no time, the next ones do more and more, and after the tenth in a row the key is left alone.
func TestDeaths(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	for killed, want := range []time.Duration{0, 0, 1, 2, 4, 8, 16, 32, 64, 128} {
		p := store.Progress{Killed: killed}
		if got := AfterDeath(p, now, 0).Sub(now); got != want*time.Second {
			t.Errorf("after death %d the key waits for %s, want %s", killed, got, want*time.Second)
		}
		if err := Deadly(p); err != nil {
			t.Errorf("after death %d: %v", killed, err)
		}
	}
	if err := Deadly(store.Progress{Killed: 10}); !errors.Is(err, errDeadly) {
		t.Errorf("after the tenth death: %v", err)
	}
}

func TestPriorityFollowsTheOrderOfKinds(t *testing.T) {
	last := 1
	for _, k := range work.Kinds {
		p := priority(k)
		if p < last || p > 4 {
			t.Errorf("%s has priority %d after one of %d", k, p, last)
		}
		last = p
	}
	if queueOf(work.Branch) == queueOf(work.PullRequest) {
		t.Error("production must not wait with pull requests")
	}
}
