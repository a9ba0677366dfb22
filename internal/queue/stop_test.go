package queue_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
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
	if path := os.Getenv(victimEnv); path != "" {
		beVictim(path)
	}
	goleak.VerifyTestMain(m)
}

func beVictim(path string) {
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite:"+path)
	if err != nil {
		panic(err)
	}
	q, err := queue.New(queue.Config{Store: s, Log: slog.New(slog.DiscardHandler),
		Handle: func(_ context.Context, t work.Task) (work.State, error) {
			fmt.Println("running", t.Key)
			select {}
		}})
	if err != nil {
		panic(err)
	}
	if err := q.Add(ctx, want(main)); err != nil {
		panic(err)
	}
	if err := q.Start(ctx); err != nil {
		panic(err)
	}
	select {}
}

func TestAfterAKillTheJobRunsAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tamer.db")
	victim := exec.CommandContext(t.Context(), os.Args[0])
	victim.Env = append(os.Environ(), victimEnv+"="+path)
	victim.Stderr = os.Stderr
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "running branch/1/2/main\n" {
		t.Fatalf("victim says %q, %v", line, err)
	}
	if s, err := store.Open(t.Context(), "sqlite:"+path); err == nil || !strings.Contains(err.Error(), "another tamer uses it") {
		t.Errorf("a second process opened the database: %v, %v", s, err)
	}
	victim.Process.Kill()
	victim.Wait()

	st := beginAt(t, path)
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
	path := filepath.Join(t.TempDir(), "tamer.db")
	st := beginAt(t, path)
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
	st = beginAt(t, path)
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
	st.log.wait(t, "outcome=\"not stored\"", "no such table: keys")
	if fresh, err := st.Accept(t.Context(), work.Delivery{ID: "d-1", Wanted: []work.Wanted{want(pull12)}}); err == nil || fresh {
		t.Errorf("Accept: fresh %t, %v; want an error", fresh, err)
	}
	rename("elsewhere", "keys")
	r = st.next()
	st.is(r, "branch/1/2/main attempt 1 anew false")
	r.done("kept")
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
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		for line := range strings.Lines(l.String()) {
			if holdsAll(line, parts) {
				return
			}
		}
	}
	t.Fatalf("no log line with %q in\n%s", parts, l)
}

func holdsAll(line string, parts []string) bool {
	for _, p := range parts {
		if !strings.Contains(line, p) {
			return false
		}
	}
	return true
}
