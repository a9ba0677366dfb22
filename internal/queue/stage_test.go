package queue_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

var (
	shop   = forge.Repo{Installation: 1, ID: 2, Owner: "acme", Name: "shop"}
	pull12 = work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: 12}
	main   = work.Key{Kind: work.Branch, Installation: 1, Repository: 2, Name: "main"}
)

// answer is what a handler returns.
type answer struct {
	state work.State
	err   error
}

// A run is one call of the handler, which waits until the test has answered.
type run struct {
	work.Task
	ctx    context.Context
	answer chan<- answer
}

func (r run) done(s work.State)   { r.answer <- answer{state: s} }
func (r run) fails(err error)     { r.answer <- answer{err: err} }
func (r run) about() string       { return fmt.Sprintf("%s attempt %d anew %t", r.Key, r.Attempt, r.Anew) }
func want(k work.Key) work.Wanted { return work.Wanted{Key: k} }

// A stage is a running queue whose handler is played by the test.
type stage struct {
	*queue.Queue
	t     *testing.T
	store *store.Store
	runs  chan run
	log   *lines
}

func openStore(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// begin starts a queue on a database of its own.
func begin(t *testing.T, change ...func(*queue.Config)) *stage {
	t.Helper()
	return beginAt(t, newDatabase(t), change...)
}

func beginAt(t *testing.T, url string, change ...func(*queue.Config)) *stage {
	t.Helper()
	st := &stage{t: t, store: openStore(t, url), runs: make(chan run), log: new(lines)}
	cfg := queue.Config{Store: st.store, Log: slog.New(slog.NewTextHandler(st.log, nil)), Handle: st.play}
	for _, c := range change {
		c(&cfg)
	}
	q, err := queue.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	st.Queue = q
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		now, cancel := context.WithCancel(context.Background())
		cancel()
		if err := q.Stop(now); err != nil {
			t.Error(err)
		}
	})
	return st
}

// play is the handler: it hands the run to the test and waits for the answer.
func (st *stage) play(ctx context.Context, t work.Task) (work.State, error) {
	back := make(chan answer)
	select {
	case st.runs <- run{t, ctx, back}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	select {
	case a := <-back:
		return a.state, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (st *stage) next() run {
	st.t.Helper()
	select {
	case r := <-st.runs:
		return r
	case <-time.After(20 * time.Second):
		st.t.Fatalf("no run came; the log says\n%s", st.log)
		return run{}
	}
}

// quiet asks for a key of the lowest priority and wants that it, and nothing else, runs next.
func (st *stage) quiet() {
	st.t.Helper()
	last := work.Key{Kind: work.Sweep}
	st.add(want(last))
	if r := st.next(); r.Key != last {
		st.t.Fatalf("ran %s, want nothing", r.about())
	} else {
		r.done("")
	}
	st.log.wait(st.t, "key=sweep ", "outcome=done")
}

func (st *stage) add(w ...work.Wanted) {
	st.t.Helper()
	if err := st.Add(st.t.Context(), w...); err != nil {
		st.t.Fatal(err)
	}
}

func (st *stage) is(got run, about string) {
	st.t.Helper()
	if got.about() != about {
		st.t.Fatalf("ran %s, want %s", got.about(), about)
	}
}
