package flow_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
	"github.com/tamerhq/tamer/internal/work"
)

// A clock is time that passes only in the test, with the sweeps that fall due in it and a queue that works as the real one does: each key once
// at a time, with its backoff, which an asking ends.
type clock struct {
	*hub
	t        *testing.T
	due      map[work.Key]time.Duration // of keys that are to be worked on
	failures map[work.Key]int
	swept    time.Duration
}

func newClock(t *testing.T, h *hub) *clock {
	return &clock{hub: h, t: t, due: map[work.Key]time.Duration{}, failures: map[work.Key]int{}, swept: -time.Hour}
}

// pass lets time pass, second by second.
func (c *clock) pass(d time.Duration) {
	for end := c.later + d; c.later < end; c.later += time.Second {
		if c.later%(work.SweepEvery/work.LooksPerSweep) == 0 && c.later-c.swept >= work.SweepEvery {
			c.swept = c.later
			c.ask(work.Key{Kind: work.Sweep})
		}
		c.settle()
	}
}

func (c *clock) ask(k work.Key) { c.due[k] = c.later }

// settle works on all that is due.
func (c *clock) settle() {
	for worked := true; worked; {
		worked = false
		for k, at := range c.due {
			if at > c.later {
				continue
			}
			worked = true
			delete(c.due, k)
			if err := c.work(c.t, k); err != nil {
				c.due[k] = c.later + queue.Backoff(c.failures[k], 1)
				c.failures[k]++
			} else {
				delete(c.failures, k)
			}
			for _, w := range c.wanted {
				c.ask(w.Key)
			}
			c.wanted = nil
		}
	}
}

// With every webhook lost, production follows the branch within 90 seconds, whenever somebody pushes.
func TestEveryWebhookLostWithin90Seconds(t *testing.T) {
	c := newClock(t, newHub())
	tip := c.commit("main", "", plans())
	c.pass(2 * time.Minute)
	for n := range 70 {
		want := fmt.Sprintf("name: A%d\n", n)
		tip = c.commit("main", tip, map[string]string{acmePlan: want})
		waited := time.Duration(0)
		for ; c.served()["acme/plan.yaml"] != want && waited <= 90*time.Second; waited += time.Second {
			c.pass(time.Second)
		}
		if waited > 90*time.Second {
			t.Fatalf("push %d is not served after %s", n, waited)
		}
		c.pass(time.Duration(n) * time.Second) // and the next push comes so long after a sweep
	}
}

// A store is down for an hour, while somebody pushes every minute: it catches up with one deploy, and within 90 seconds.
func TestStoreDownForAnHour(t *testing.T) {
	for name, webhooks := range map[string]bool{"with webhooks": true, "with every webhook lost": false} {
		t.Run(name, func(t *testing.T) {
			c := newClock(t, newHub())
			down, releases := false, 0
			second := &sinktest.Memory{Fail: func(op, key string) error {
				if down {
					return errors.New("the second store is down")
				}
				if op == sinktest.Put && strings.HasPrefix(key, release.ReleasePrefix) {
					releases++
				}
				return nil
			}}
			c.second = second
			tip := c.commit("main", "", plans())
			c.pass(2 * time.Minute)
			down, releases = true, 0
			for n := range 60 {
				tip = c.commit("main", tip, map[string]string{acmePlan: fmt.Sprintf("name: A%d\n", n)})
				if webhooks {
					c.ask(branchKey("main"))
				}
				c.pass(time.Minute)
			}
			down = false
			c.pass(90 * time.Second)
			for which, store := range map[string]*sinktest.Memory{"first": &c.store, "second": second} {
				if got := store.Objects()["acme/plan.yaml"]; got != "name: A59\n" {
					t.Errorf("the %s store has %q", which, got)
				}
			}
			if releases != 1 {
				t.Errorf("it caught up with %d deploys", releases)
			}
		})
	}
}
