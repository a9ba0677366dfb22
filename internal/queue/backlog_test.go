package queue_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/trace"
	"github.com/tamerhq/tamer/internal/work"
)

func TestBacklog(t *testing.T) {
	t.Parallel()
	st := begin(t, func(c *queue.Config) { c.MaxAttempts = 2 })
	backlog := func() string {
		t.Helper()
		all, err := st.Backlog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, b := range all {
			if b.Oldest < 0 || b.Oldest > time.Minute || (b.Waiting == 0) != (b.Oldest == 0) {
				t.Errorf("%s: the oldest of %d waits for %s", b.Kind, b.Waiting, b.Oldest)
			}
			text += fmt.Sprintf("%s running %d waiting %d later %d failing %d aside %d\n", b.Kind, b.Running, b.Waiting, b.Later, b.Failing, b.Aside)
		}
		return text
	}
	is := func(want string) {
		t.Helper()
		if got := backlog(); got != want {
			t.Errorf("backlog:\n%swant:\n%s", got, want)
		}
	}
	is("")
	st.add(want(main))
	r := st.next()
	is("branch running 1 waiting 0 later 0 failing 0 aside 0\n")
	r.fails(work.After(time.Hour, errors.New("rate limit")))
	st.log.wait(t, "outcome=waits")
	is("branch running 0 waiting 0 later 1 failing 0 aside 0\n")
	st.add(want(pull12))
	st.next().fails(errors.New("one"))
	st.log.wait(t, "outcome=retries")
	st.add(want(pull12))
	st.next().fails(errors.New("two"))
	st.log.wait(t, "outcome=discarded")
	is("branch running 0 waiting 0 later 1 failing 0 aside 0\npull_request running 0 waiting 0 later 0 failing 0 aside 1\n")
}

// All that one asking leads to is one trace: retries, and what the work asks for in its turn.
func TestOneTrace(t *testing.T) {
	t.Parallel()
	seen := make(chan trace.Parent, 9)
	var asks func(context.Context) error
	st := begin(t, func(c *queue.Config) {
		c.Handle = func(ctx context.Context, task work.Task) (work.State, error) {
			seen <- trace.Of(ctx)
			switch {
			case task.Key == main && task.Attempt == 1:
				return "", errors.New("not this time")
			case task.Key == main:
				return "", asks(ctx)
			}
			return "", nil
		}
	})
	asks = func(ctx context.Context) error { return st.Add(ctx, want(pull12)) }
	begun := trace.New()
	if err := st.Add(trace.With(t.Context(), begun), want(main)); err != nil {
		t.Fatal(err)
	}
	spans := map[string]bool{begun.Span: true}
	for range 3 {
		p := <-seen
		if p.Trace != begun.Trace || spans[p.Span] {
			t.Errorf("attempt of %+v; the trace begun was %+v", p, begun)
		}
		spans[p.Span] = true
	}
	st.drained()
	st.add(want(pull12)) // for no reason that is known
	if p := <-seen; p.Trace == begun.Trace || p.Trace == "" {
		t.Errorf("attempt of %+v, where nothing was begun", p)
	}
}
