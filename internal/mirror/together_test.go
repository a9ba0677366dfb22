package mirror

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A stage has people ask one question, which takes a second and is answered with how often it was asked before.
type stage struct {
	together together[string, int]
	mu       sync.Mutex
	asked    int
	all      sync.WaitGroup
}

// comes has somebody ask after a while, and gives what becomes of it.
func (s *stage) comes(ctx context.Context, after time.Duration, key string) *outcome {
	o := &outcome{}
	s.all.Go(func() {
		time.Sleep(after)
		o.answer, o.err = s.together.do(ctx, key, func(ctx context.Context) (int, error) {
			s.mu.Lock()
			s.asked++
			n := s.asked
			s.mu.Unlock()
			select {
			case <-time.After(time.Second):
				return n, nil
			case <-ctx.Done():
				return 0, errors.New("given up")
			}
		})
		o.took = time.Since(start)
	})
	return o
}

type outcome struct {
	answer int
	err    error
	took   time.Duration
}

// start is when every test in a bubble of synctest begins.
var start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Who comes while a question is asked shares the next one, and never the present one.
func TestTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{}
		first := s.comes(t.Context(), 0, "a")
		second := s.comes(t.Context(), 100*time.Millisecond, "a")
		third := s.comes(t.Context(), 900*time.Millisecond, "a")
		fourth := s.comes(t.Context(), 1100*time.Millisecond, "a")
		other := s.comes(t.Context(), 200*time.Millisecond, "b")
		s.all.Wait()
		synctest.Wait()
		if first.answer != 1 || other.answer != 2 || second.answer != 3 || third.answer != 3 || fourth.answer != 4 || s.asked != 4 {
			t.Errorf("answers %d, %d, %d, %d and %d of %d questions", first.answer, other.answer, second.answer, third.answer, fourth.answer, s.asked)
		}
		if first.took != time.Second || third.took != 2*time.Second || fourth.took != 3*time.Second {
			t.Errorf("after %s, %s and %s", first.took, third.took, fourth.took)
		}
		if len(s.together.next) != 0 {
			t.Error("what nobody waits for is kept")
		}
	})
}

// Who goes away ends the question only where nobody else waits for it.
func TestTogetherGoneAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{}
		gone, leave := context.WithCancel(t.Context())
		first := s.comes(gone, 0, "a")
		second := s.comes(gone, 100*time.Millisecond, "a")
		third := s.comes(t.Context(), 200*time.Millisecond, "a")
		alone := s.comes(gone, 0, "b")
		behind := s.comes(gone, 100*time.Millisecond, "b")
		time.AfterFunc(500*time.Millisecond, leave)
		s.all.Wait()
		for _, o := range []*outcome{first, second, alone, behind} {
			if !errors.Is(o.err, context.Canceled) || o.took != 500*time.Millisecond {
				t.Errorf("who went away has %v after %s", o.err, o.took)
			}
		}
		if third.err != nil || third.took != 1500*time.Millisecond { // the first question was given up at once
			t.Errorf("who stayed has %v after %s", third.err, third.took)
		}
		synctest.Wait()
		if len(s.together.next) != 0 {
			t.Error("what nobody waits for is kept")
		}
	})
}

func TestTogetherPanic(t *testing.T) {
	var all together[string, int]
	if _, err := all.do(t.Context(), "", func(context.Context) (int, error) { panic("odd") }); err == nil || !strings.Contains(err.Error(), "panic: odd") {
		t.Error(err)
	}
}
