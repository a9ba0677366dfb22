package queue_test

import (
	"bufio"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/work"
)

// Three replicas, any of which is asked: a key is in one hand at a time, and each asking is seen.
func TestReplicasShareTheWork(t *testing.T) {
	if !on("postgres") {
		return
	}
	t.Parallel()
	var mu sync.Mutex
	asked, seen, running := map[work.Key]int{}, map[work.Key]int{}, map[work.Key]bool{}
	byReplica := make([]int, 3)
	var replicas []*stage
	url := newDatabase(t)
	for i := range byReplica {
		replicas = append(replicas, beginAt(t, url, func(c *queue.Config) {
			c.Handle = func(ctx context.Context, task work.Task) (work.State, error) {
				mu.Lock()
				if running[task.Key] {
					t.Errorf("%s is in two hands", task.Key)
				}
				running[task.Key] = true
				byReplica[i]++
				look := asked[task.Key]
				mu.Unlock()
				err := replicas[(i+1)%3].store.DB().PingContext(ctx) // takes a while, as work does
				mu.Lock()
				defer mu.Unlock()
				running[task.Key] = false
				seen[task.Key] = max(seen[task.Key], look)
				return "", err
			}
		}))
	}
	var all sync.WaitGroup
	for i, st := range replicas {
		all.Go(func() {
			for n := range 60 {
				k := work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: (n+i)%20 + 1}
				mu.Lock()
				asked[k]++
				mu.Unlock()
				if err := st.Add(t.Context(), want(k)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	replicas[0].drained()
	for k, n := range asked {
		if seen[k] != n {
			t.Errorf("%s: of %d askings %d were seen", k, n, seen[k])
		}
	}
	if slices.Min(byReplica) == 0 {
		t.Errorf("one replica did nothing: %v", byReplica)
	}
}

func TestWhatIsDueIsAskedForByOneReplica(t *testing.T) {
	if !on("postgres") {
		return
	}
	t.Parallel()
	url := newDatabase(t)
	mine := 0
	for range 3 {
		st := beginAt(t, url, func(c *queue.Config) {
			c.Handle = func(context.Context, work.Task) (work.State, error) { return "", nil }
		})
		due, err := st.AddDue(t.Context(), 1<<40, want(work.Key{Kind: work.Sweep}))
		if err != nil {
			t.Fatal(err)
		}
		if due {
			mine++
		}
	}
	if mine != 1 {
		t.Errorf("%d replicas asked", mine)
	}
}

// What only one may do at a time, the next replica does when the first has given the turn back, and when it has died.
func TestATurnIsOneReplicas(t *testing.T) {
	if !on("postgres") {
		return
	}
	t.Parallel()
	url := newDatabase(t)
	first, second := beginAt(t, url), beginAt(t, url)
	begin := func(st *stage) (end func()) {
		t.Helper()
		end, err := st.Turn(t.Context(), "comment")
		if err != nil {
			t.Fatal(err)
		}
		return end
	}
	refused := func() {
		t.Helper()
		if taken, err := second.store.TakeTurn(t.Context(), "comment", "another", time.Hour); taken || err != nil {
			t.Errorf("the turn is in two hands: %t, %v", taken, err)
		}
	}
	end := begin(first)
	refused()
	end()
	end = begin(second)
	end()
	end = begin(first)
	refused()
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	begin(second)()
	end() // by the dead one: too late, and in vain
}

// kill -9 of a replica with twenty keys in its hands: each is worked on once by another.
func TestAKilledReplicasKeysAreTakenOver(t *testing.T) {
	if !on("postgres") {
		return
	}
	t.Parallel()
	url := newDatabase(t)
	victim, out := startVictim(t, url)
	lines := bufio.NewScanner(out)
	for n := 0; n < victimKeys && lines.Scan(); n++ { // it has them all in its hands
	}
	var mu sync.Mutex
	times := map[work.Key]int{}
	st := beginAt(t, url, func(c *queue.Config) {
		c.Handle = func(_ context.Context, task work.Task) (work.State, error) {
			mu.Lock()
			defer mu.Unlock()
			times[task.Key]++
			if task.Attempt != 1 {
				t.Errorf("%s: being killed counts as a failure: attempt %d", task.Key, task.Attempt)
			}
			return "", nil
		}
	})
	_ = victim.Process.Kill()
	_ = victim.Wait() // killed
	st.add(want(main))
	st.log.wait(t, "key=branch/1/2/main ", "outcome=done") // it is not kept from other work meanwhile
	mu.Lock()
	if len(times) != 1 {
		t.Errorf("%d keys were worked on before the lease of the dead was over", len(times))
	}
	mu.Unlock()
	if _, err := st.store.DB().ExecContext(t.Context(), `UPDATE replicas SET expires_at = expires_at - 10000`); err != nil {
		t.Fatal(err) // as if ten seconds had gone by
	}
	st.drained()
	for k, n := range times {
		if n != 1 {
			t.Errorf("%s was worked on %d times", k, n)
		}
	}
	if len(times) != victimKeys+1 {
		t.Errorf("%d keys were worked on, want %d", len(times), victimKeys+1)
	}
}

// A replica that was stopped for a while wakes up when its key is another's: nothing of what it found is kept.
func TestAStaleWorkersEndIsRefused(t *testing.T) {
	if !on("postgres") {
		return
	}
	t.Parallel()
	url := newDatabase(t)
	stale := beginAt(t, url)
	stale.add(want(main))
	before := stale.next()
	fresh := beginAt(t, url)
	if _, err := fresh.store.DB().ExecContext(t.Context(), `UPDATE river_job SET attempted_by = ARRAY['one that is dead'] WHERE state = 'running'`); err != nil {
		t.Fatal(err)
	}
	var after run
	winner := fresh
	select { // a new job, and either may have it
	case after = <-fresh.runs:
	case after = <-stale.runs:
		winner = stale
	case <-t.Context().Done():
		t.Fatal("nobody took over")
	}
	winner.is(after, "branch/1/2/main attempt 1 anew false")
	before.answer <- answer{state: "stale"}
	stale.log.wait(t, "outcome=\"not stored\"", "another replica may have taken over")
	after.done("fresh")
	winner.log.wait(t, "outcome=done")
	if states, err := fresh.store.States(t.Context(), shop); err != nil || states[main] != "fresh" {
		t.Errorf("states %v, %v", states, err)
	}
	fresh.drained()
}

// What has every process die that works on it, such as a file that takes all the memory, is set aside in the end.
func TestAKeyThatEndsEveryProcess(t *testing.T) {
	t.Parallel()
	st := begin(t)
	holder := `json_array('one that is dead')`
	if on("postgres") {
		holder = `ARRAY['one that is dead']`
	}
	st.add(want(pull12))
	st.next()
	for _, statement := range []string{`UPDATE keys SET killed = 9`, `UPDATE river_job SET attempted_by = ` + holder + ` WHERE state = 'running'`} {
		if _, err := st.store.DB().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	st.log.wait(t, "key taken over", "from=\"one that is dead\"")
	st.add(want(pull12)) // or it would wait for minutes
	st.log.wait(t, "outcome=discarded", "10 times in a row each process that worked on this has died")
	st.quiet()
	st.add(want(pull12))
	st.is(st.next(), "pull_request/1/2/12 attempt 1 anew false")
}

// drained waits until nothing runs or waits.
func (st *stage) drained() {
	st.t.Helper()
	st.log.until(st.t, "nothing waits", func() bool {
		n, err := st.Waiting(context.Background())
		return err == nil && n == 0
	})
}

// victims are the keys of a process that is killed.
func victims() (wanted []work.Wanted) {
	for n := range victimKeys {
		wanted = append(wanted, want(work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: n + 1}))
	}
	return wanted
}

const victimKeys = 20
