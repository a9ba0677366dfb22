package queue_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

// victimEnv makes the test binary a process that is killed in the middle of a job: it holds the database.
const victimEnv = "TAMER_TEST_QUEUE_VICTIM"

func TestMain(m *testing.M) {
	if url := os.Getenv(victimEnv); url != "" {
		beVictim(url)
	}
	goleak.VerifyTestMain(m)
}

func beVictim(url string) {
	ctx := context.Background()
	s, err := store.Open(ctx, url)
	if err != nil {
		panic(err)
	}
	q, err := queue.New(queue.Config{Store: s, Log: slog.New(slog.DiscardHandler), Workers: victimKeys,
		Handle: func(_ context.Context, t work.Task) (work.State, error) {
			fmt.Println("running", t.Key)
			select {}
		}})
	if err != nil {
		panic(err)
	}
	wanted := victims()
	if !s.Shared() {
		wanted = []work.Wanted{want(main)}
	}
	if err := q.Add(ctx, wanted...); err != nil {
		panic(err)
	}
	if err := q.Start(ctx); err != nil {
		panic(err)
	}
	select {}
}

// startVictim starts a process that is to be killed, and gives what it says.
func startVictim(t *testing.T, url string) (*exec.Cmd, io.Reader) {
	t.Helper()
	victim := exec.CommandContext(t.Context(), os.Args[0])
	victim.Env = append(os.Environ(), victimEnv+"="+url)
	victim.Stderr = os.Stderr
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	return victim, out
}

func TestAfterAKillTheJobRunsAtOnce(t *testing.T) {
	if !on("sqlite") {
		return
	}
	t.Parallel()
	url := newDatabase(t)
	victim, out := startVictim(t, url)
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "running branch/1/2/main\n" {
		t.Fatalf("victim says %q, %v", line, err)
	}
	if s, err := store.Open(t.Context(), url); err == nil || !strings.Contains(err.Error(), "another tamer uses it") {
		t.Errorf("a second process opened the database: %v, %v", s, err)
	}
	victim.Process.Kill()
	victim.Wait()

	st := beginAt(t, url)
	r := st.next() // long before River would rescue it
	st.is(r, "branch/1/2/main attempt 1 anew false")
	r.done("")
	st.quiet()
}

func TestStopLetsWorkEnd(t *testing.T) {
	t.Parallel()
	st := begin(t)
	st.add(want(main))
	r := st.next()
	stopped := make(chan error)
	go func() { stopped <- st.Stop(t.Context()) }()
	r.done("ended in peace")
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if states, err := st.store.States(t.Context(), shop); err != nil || states[main] != "ended in peace" {
		t.Errorf("states %v, %v", states, err)
	}
	if err := st.Add(t.Context(), want(pull12)); err != nil {
		t.Errorf("a stopped queue takes no work: %v", err)
	}
}

func TestStopCancelsWhatDoesNotEndAndItRunsAgain(t *testing.T) {
	t.Parallel()
	url := newDatabase(t)
	st := beginAt(t, url)
	st.add(want(main))
	r := st.next()
	now, cancel := context.WithCancel(t.Context())
	cancel()
	if err := st.Stop(now); err != nil {
		t.Fatal(err)
	}
	if r.ctx.Err() == nil {
		t.Error("the work was not cancelled")
	}
	st.log.wait(t, "outcome=interrupted")
	st.store.Close()
	st = beginAt(t, url)
	st.is(st.next(), "branch/1/2/main attempt 1 anew false")
}

func TestWorkThatTakesTooLongIsTriedAgain(t *testing.T) {
	t.Parallel()
	st := begin(t, func(c *queue.Config) { c.JobTimeout = time.Second })
	st.add(want(main))
	st.next() // and no answer
	st.is(st.next(), "branch/1/2/main attempt 2 anew false")
	st.log.wait(t, "outcome=retries", `error="context deadline exceeded"`)
}

func TestAnEndThatCannotBeStoredIsReachedAgain(t *testing.T) {
	t.Parallel()
	st := begin(t)
	rename := func(from, to string) {
		if _, err := st.store.DB().ExecContext(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
			t.Fatal(err)
		}
	}
	st.add(want(main))
	r := st.next()
	rename("keys", "elsewhere")
	r.done("lost")
	st.log.wait(t, "outcome=\"not stored\"", "keys")
	if fresh, err := st.Accept(t.Context(), work.Delivery{ID: "d-1", Wanted: []work.Wanted{want(pull12)}}); err == nil || fresh {
		t.Errorf("Accept: fresh %t, %v; want an error", fresh, err)
	}
	rename("elsewhere", "keys")
	r = st.next()
	st.is(r, "branch/1/2/main attempt 1 anew false")
	r.done("kept")
	st.log.wait(t, "key=branch/1/2/main ", "outcome=done")
	st.quiet()
	if states, err := st.store.States(t.Context(), shop); err != nil || states[main] != "kept" {
		t.Errorf("states %v, %v", states, err)
	}
}

func TestCallersWhoGiveUpDoNoHarm(t *testing.T) {
	t.Parallel()
	st := begin(t, func(c *queue.Config) {
		c.Handle = func(context.Context, work.Task) (work.State, error) { return "", nil }
	})
	for n := range 40 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*125*time.Microsecond)
		st.Accept(ctx, work.Delivery{ID: fmt.Sprint("d-", n), Wanted: []work.Wanted{want(pull12)}}) // in time, or not
		cancel()
	}
	if fresh, err := st.Accept(t.Context(), work.Delivery{ID: "last", Wanted: []work.Wanted{want(main)}}); err != nil || !fresh {
		t.Fatalf("fresh %t, %v", fresh, err)
	}
	st.log.wait(t, "key=branch/1/2/main ", "outcome=done")
}

// lines is a log that a test can wait for.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// wait returns when one line holds all the parts.
func (l *lines) wait(t *testing.T, parts ...string) {
	t.Helper()
	l.until(t, fmt.Sprintf("a log line with %q", parts), func() bool {
		for line := range strings.Lines(l.String()) {
			if holdsAll(line, parts) {
				return true
			}
		}
		return false
	})
}

// until returns when something has become true.
func (l *lines) until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s; the log says\n%s", what, l)
		}
	}
}

func holdsAll(line string, parts []string) bool {
	for _, p := range parts {
		if !strings.Contains(line, p) {
			return false
		}
	}
	return true
}
