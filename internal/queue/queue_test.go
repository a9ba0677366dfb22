package queue_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/work"
)

func TestAskingsDuringARunBecomeOneMoreRun(t *testing.T) {
	t.Parallel()
	st := begin(t)
	st.add(want(pull12))
	r := st.next()
	for range 100 {
		st.add(want(pull12))
	}
	r.done("one")
	st.next().done("two")
	st.drained()
	st.quiet()
	states, err := st.store.States(t.Context(), shop)
	if err != nil || states[pull12] != "two" || len(states) != 1 {
		t.Errorf("states %v, %v; want two for %s", states, err, pull12)
	}
}

func TestAPersonsAsking(t *testing.T) {
	t.Parallel()
	st := begin(t)
	st.add(want(pull12))
	first := st.next()
	st.is(first, "pull_request/1/2/12 attempt 1 anew false")
	st.add(work.Wanted{Key: pull12, Anew: true}) // too late for the run that is on
	st.add(want(pull12))                         // must not wipe it out
	first.done("")

	second := st.next()
	st.is(second, "pull_request/1/2/12 attempt 1 anew true")
	st.add(want(pull12))
	second.fails(errors.New("not this time"))

	third := st.next()
	st.is(third, "pull_request/1/2/12 attempt 2 anew true")
	third.done("")
	st.add(want(pull12))
	fourth := st.next()
	st.is(fourth, "pull_request/1/2/12 attempt 1 anew false")
	fourth.done("")
	st.quiet()
}

func TestAFailureIsRetriedAndAnAskingHastensIt(t *testing.T) {
	t.Parallel()
	st := begin(t)
	st.add(want(main))
	for attempt := 1; attempt <= 6; attempt++ { // the waits alone would take a minute
		r := st.next()
		st.is(r, fmt.Sprintf("branch/1/2/main attempt %d anew false", attempt))
		r.fails(errors.New("sink is down"))
		st.log.wait(t, fmt.Sprintf("attempt=%d ", attempt), "outcome=retries", `error="sink is down"`, "wait_ms=")
		st.add(want(main))
	}
	st.next().done("")
	st.quiet()
}

func TestAFailureIsRetriedByItself(t *testing.T) {
	t.Parallel()
	st := begin(t)
	st.add(want(main))
	st.next().fails(errors.New("sink is down"))
	st.is(st.next(), "branch/1/2/main attempt 2 anew false")
}

// What is shown of a key that was set aside is not what was noted before: with an empty state the sweep asks for it again.
func TestASetAsideKeyForgetsItsState(t *testing.T) {
	t.Parallel()
	st := begin(t, func(c *queue.Config) {
		c.MaxAttempts = 1
		c.SetAside = func(context.Context, work.Task, string, error) (work.State, error) { return "", nil }
	})
	st.add(want(main))
	st.next().done("at the tip")
	st.drained()
	st.add(want(main))
	st.next().fails(errors.New("one"))
	st.drained()
	if states, err := st.store.States(t.Context(), shop); err != nil || states[main] != "" {
		t.Errorf("states %v, %v", states, err)
	}
}

func TestAfterTheLastAttemptAKeyIsSetAside(t *testing.T) {
	t.Parallel()
	st := begin(t, func(c *queue.Config) { c.MaxAttempts = 2 })
	st.add(want(main))
	st.next().fails(errors.New("one"))
	st.next().fails(errors.New("two"))
	st.log.wait(t, "attempt=2 ", "outcome=discarded", "level=ERROR", "error=two")
	st.quiet()
	st.add(want(main))
	st.is(st.next(), "branch/1/2/main attempt 1 anew false")
}

// A key whose work always fails is shown as set aside, once, with the state that stands for it; others are worked on meanwhile.
func TestASetAsideKeyIsShown(t *testing.T) {
	t.Parallel()
	shown := make(chan string, 9)
	limit := work.After(0, errors.New("rate limit"))
	st := begin(t, func(c *queue.Config) {
		c.MaxAttempts = 2
		c.SetAside = func(_ context.Context, t work.Task, ref string, cause error) (work.State, error) {
			shown <- fmt.Sprintf("%s attempt %d: %v", t.Key, t.Attempt, cause)
			defer func() { limit = nil }()
			return "given up " + work.State(strings.Fields(ref)[0]), limit
		}
	})
	st.add(want(pull12))
	for range 3 { // the second time GitHub asks for a wait before it can be shown
		st.next().fails(errors.New("poison"))
	}
	st.log.wait(t, "outcome=discarded")
	st.drained()
	asides, err := st.store.Asides(t.Context())
	if err != nil || len(asides) != 1 || asides[0].Key != pull12 || !strings.HasPrefix(asides[0].Ref, "job ") {
		t.Errorf("set aside: %v, %v", asides, err)
	}
	if states, err := st.store.States(t.Context(), shop); err != nil || states[pull12] != "given up job" {
		t.Errorf("states %v, %v", states, err)
	}
	for range 2 {
		if got := <-shown; got != "pull_request/1/2/12 attempt 2: poison" {
			t.Errorf("shown: %s", got)
		}
	}
	st.add(want(pull12)) // a push
	r := st.next()
	st.is(r, "pull_request/1/2/12 attempt 1 anew false")
	r.done("fine")
	st.drained()
	if asides, err := st.store.Asides(t.Context()); err != nil || len(asides) != 0 || len(shown) != 0 {
		t.Errorf("still set aside: %v, %v", asides, err)
	}
}

func TestAPermanentErrorIsNotRetriedUntilAskedAgain(t *testing.T) {
	t.Parallel()
	st := begin(t)
	st.add(work.Wanted{Key: main, Anew: true})
	st.next().fails(work.Permanent(errors.New("key revoked")))
	st.log.wait(t, "outcome=permanent", "level=ERROR", `error="key revoked"`)
	st.quiet()
	st.add(want(main))
	r := st.next()
	st.is(r, "branch/1/2/main attempt 1 anew false")
	st.add(want(main))
	r.fails(work.Permanent(errors.New("key revoked")))
	st.is(st.next(), "branch/1/2/main attempt 1 anew false") // asked for during the run
}

func TestAWaitCostsNoAttemptAndIsNotShortened(t *testing.T) {
	t.Parallel()
	st := begin(t)
	st.add(want(main), want(pull12))
	first, second := st.next(), st.next()
	if first.Key != main {
		first, second = second, first
	}
	first.fails(fmt.Errorf("list: %w", work.After(time.Hour, errors.New("rate limit"))))
	second.fails(work.After(time.Nanosecond, errors.New("token is too fresh")))
	st.log.wait(t, "key=branch/1/2/main ", "outcome=waits", "level=INFO")
	st.add(want(main)) // in vain
	r := st.next()
	st.is(r, "pull_request/1/2/12 attempt 1 anew false")
	r.done("")
	st.quiet()
}

func TestAskingDuringARunThatWaitsIsInVainToo(t *testing.T) {
	t.Parallel()
	st := begin(t)
	st.add(want(main))
	r := st.next()
	st.add(want(main))
	r.fails(work.After(time.Hour, errors.New("rate limit")))
	st.log.wait(t, "outcome=waits")
	st.quiet()
}

func TestAPanicIsAnErrorWithItsStack(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	again := make(chan work.Task)
	st := begin(t, func(c *queue.Config) {
		c.Handle = func(_ context.Context, t work.Task) (work.State, error) {
			if calls.Add(1) == 1 {
				explode()
			}
			again <- t
			return "", nil
		}
	})
	st.add(want(main))
	if got := <-again; got.Attempt != 2 {
		t.Errorf("attempt %d after the panic, want 2", got.Attempt)
	}
	st.log.wait(t, "outcome=retries", `error="panic: out of cheese"`, "queue_test.explode")
}

func explode() { panic("out of cheese") }

func TestADeliverySeenBeforeChangesNothing(t *testing.T) {
	t.Parallel()
	st := begin(t)
	d := work.Delivery{ID: "d-1", Event: "push", Repos: []forge.Repo{shop}, Wanted: []work.Wanted{want(main), want(main)}}
	for i, fresh := range []bool{true, false} {
		got, err := st.Accept(t.Context(), d)
		if err != nil || got != fresh {
			t.Fatalf("delivery %d: fresh %t, %v; want %t", i, got, err, fresh)
		}
		if i == 0 {
			st.next().done("")
			st.log.wait(t, "key=branch/1/2/main ", "outcome=done")
		}
		d.Repos[0].Name = "renamed"
	}
	st.quiet()
	if r, err := st.store.Repo(t.Context(), 1, 2); err != nil || r.Name != "shop" {
		t.Errorf("repository %v, %v; want the first delivery's name", r, err)
	}
}

func TestAnErrorStoresNothing(t *testing.T) {
	t.Parallel()
	st := begin(t)
	bad := work.Key{Kind: work.Branch, Installation: 1, Repository: 2, Name: "caf\xe9"}
	d := work.Delivery{ID: "d-1", Event: "push", Repos: []forge.Repo{shop}, Wanted: []work.Wanted{want(pull12), want(bad)}}
	if fresh, err := st.Accept(t.Context(), d); err == nil || fresh {
		t.Fatalf("fresh %t, error %v; want an error", fresh, err)
	}
	st.quiet()
	if _, err := st.store.Repo(t.Context(), 1, 2); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("repository was saved: %v", err)
	}
	d.Wanted = d.Wanted[:1]
	if fresh, err := st.Accept(t.Context(), d); err != nil || !fresh {
		t.Errorf("delivered again: fresh %t, %v; want true", fresh, err)
	}
}

func TestAClosedStoreTakesNothing(t *testing.T) {
	t.Parallel()
	s := openStore(t, newDatabase(t))
	q, err := queue.New(queue.Config{Store: s, Log: slog.New(slog.DiscardHandler),
		Handle: func(context.Context, work.Task) (work.State, error) { return "", nil }})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if fresh, err := q.Accept(t.Context(), work.Delivery{ID: "d-1", Wanted: []work.Wanted{want(main)}}); err == nil || fresh {
		t.Errorf("Accept: fresh %t, error %v; want an error", fresh, err)
	}
	if err := q.Add(t.Context(), want(main)); err == nil {
		t.Error("Add: no error")
	}
	if err := q.Start(t.Context()); err == nil {
		t.Error("Start: no error")
	}
}

// Whatever waits, and however long the work takes that is on.
func TestProductionWaitsForNothing(t *testing.T) {
	t.Parallel()
	st := begin(t, func(c *queue.Config) { c.Workers = 2 })
	var crowd []work.Wanted
	for n := range 1000 {
		crowd = append(crowd, want(work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: n + 1}))
	}
	st.add(crowd...)
	busy := []run{st.next(), st.next()} // and they do not end
	st.add(want(main))
	deploy := st.next()
	st.is(deploy, "branch/1/2/main attempt 1 anew false")
	deploy.done("")
	for _, r := range busy {
		r.done("")
	}
}

func TestWhatWaitsGoesInTheOrderOfKinds(t *testing.T) {
	t.Parallel()
	st := begin(t, func(c *queue.Config) { c.Workers = 1 })
	st.add(want(pull12))
	busy := st.next()
	group := work.Key{Kind: work.MergeGroup, Installation: 1, Repository: 2, Name: "gh-readonly-queue/main/pr-1"}
	for _, k := range []work.Key{{Kind: work.Sweep}, pull12, group} {
		st.add(want(k))
	}
	busy.done("")
	for _, k := range []work.Key{group, pull12, {Kind: work.Sweep}} {
		r := st.next()
		st.is(r, k.String()+" attempt 1 anew false")
		r.done("")
	}
}

func TestNoWorkIsLostAndNoKeyRunsTwiceAtOnce(t *testing.T) {
	t.Parallel()
	const keys, askers, askings = 5, 4, 25
	var mu sync.Mutex
	asked, seen, running := make(map[work.Key]int), make(map[work.Key]int), make(map[work.Key]bool)
	st := begin(t, func(c *queue.Config) {
		c.Workers = 8
		c.Handle = func(_ context.Context, task work.Task) (work.State, error) {
			mu.Lock()
			if running[task.Key] {
				t.Errorf("%s runs twice at once", task.Key)
			}
			running[task.Key] = true
			look := asked[task.Key] // what "the present state of GitHub" is
			mu.Unlock()
			time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			running[task.Key] = false
			if rand.IntN(20) == 0 {
				return "", errors.New("unlucky")
			}
			seen[task.Key] = look
			return "", nil
		}
	})
	var wg sync.WaitGroup
	for range askers {
		wg.Go(func() {
			for range askings {
				k := work.Key{Kind: work.Branch, Installation: 1, Repository: 2, Name: fmt.Sprint("b", rand.IntN(keys))}
				mu.Lock()
				asked[k]++ // first the world changes, then somebody tells
				mu.Unlock()
				if err := st.Add(t.Context(), want(k)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		mu.Lock()
		behind := slices.ContainsFunc(slices.Collect(mapKeys(asked)), func(k work.Key) bool { return seen[k] != asked[k] })
		mu.Unlock()
		if !behind {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("asked %v, seen %v", asked, seen)
		}
	}
}

func mapKeys(m map[work.Key]int) func(func(work.Key) bool) {
	return func(yield func(work.Key) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestConfigReportsEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := queue.New(queue.Config{Workers: -1, JobTimeout: time.Millisecond, MaxAttempts: -3})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"store is missing", "handler is missing", "logger is missing", "-1 workers", "1ms", "-3 attempts"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not tell of %q", err, want)
		}
	}
}

// One repository's keys fail, more of them than there are workers, and then hang: what others ask for runs at once all the same.
func TestKeysThatFailKeepNobodyWaiting(t *testing.T) {
	t.Parallel()
	st := begin(t, func(c *queue.Config) { c.Workers = 2 })
	var poison []work.Wanted
	for n := range 4 {
		poison = append(poison, want(work.Key{Kind: work.PullRequest, Installation: 1, Repository: 66, Number: n + 1}))
	}
	st.add(poison...)
	for range poison {
		st.next().fails(errors.New("the mirror is damaged"))
	}
	st.add(poison...)            // due at once
	defer st.next().done("gone") // the only one at a time, and until the end of the test
	for range 5 {
		st.add(want(pull12))
		r := st.next()
		st.is(r, "pull_request/1/2/12 attempt 1 anew false")
		r.done("")
	}
}
