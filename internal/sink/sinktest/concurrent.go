package sinktest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
)

// concurrentIncrements holds that compare-and-swap loses nothing: every increment reported as written is in the sum.
func concurrentIncrements(t *testing.T, s sink.Sink) {
	const workers, each = 8, 15
	put(t, s, "counter", "0")
	together(workers, func(int) {
		for range each {
			if err := Increment(t.Context(), s, "counter"); err != nil {
				t.Error(err)
				return
			}
		}
	})
	want(t, s, "counter", strconv.Itoa(workers*each))
}

// Increment adds one to the decimal number in the object by compare-and-swap, as often as it takes. It is exported for
// tests in which several processes do so at once.
func Increment(ctx context.Context, s sink.Sink, key string) error {
	for {
		body, v, err := s.Get(ctx, key)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(body))
		if err != nil {
			return fmt.Errorf("read counter %q: %w", key, err)
		}
		if _, err = s.Put(ctx, key, strconv.AppendInt(nil, int64(n)+1, 10), sink.IfVersion(v)); !errors.Is(err, sink.ErrConflict) {
			return err
		}
	}
}

// concurrentCreation holds that one of many creators wins, and that its object stays.
func concurrentCreation(t *testing.T, s sink.Sink) {
	const workers = 8
	for round := range 5 {
		key := fmt.Sprintf("claims/%d", round)
		var winners atomic.Int64
		var winner atomic.Value
		together(workers, func(w int) {
			me := strconv.Itoa(w)
			switch _, err := s.Put(t.Context(), key, []byte(me), sink.IfAbsent()); {
			case err == nil:
				winners.Add(1)
				winner.Store(me)
			case !errors.Is(err, sink.ErrConflict):
				t.Error(err)
			}
		})
		if n := winners.Load(); n != 1 {
			t.Fatalf("%d of %d creators of %q were told that they won; want 1", n, workers, key)
		}
		want(t, s, key, winner.Load().(string))
	}
}

// concurrentReading holds that a reader sees one writing, whole, or none, while objects are written and deleted.
func concurrentReading(t *testing.T, s sink.Sink) {
	const writers, readers, each, key = 2, 3, 25, "acme/segments.yaml"
	var writing sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				if _, err := s.Put(t.Context(), key, patterned(w*each+i), sink.Always); err != nil {
					t.Error(err)
				}
				if i%10 == 9 {
					if err := s.Delete(t.Context(), key); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	go func() { writing.Wait(); close(done) }()
	together(readers, func(int) {
		for {
			select {
			case <-done:
				return
			default:
			}
			body, _, err := s.Get(t.Context(), key)
			if err == nil {
				err = checkPatterned(body)
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Error(err)
				return
			}
		}
	})
}

// concurrentNeighbours holds that writing one key never disturbs another that shares its prefix, although the last of
// a prefix comes and goes.
func concurrentNeighbours(t *testing.T, s sink.Sink) {
	together(6, func(w int) {
		key := fmt.Sprintf("shared/prefix/%d/deep", w%3)
		if w >= 3 {
			key = fmt.Sprintf("shared/prefix/of/others-%d", w)
		}
		for i := range 12 {
			body := []byte(fmt.Sprint(w, i))
			if _, err := s.Put(t.Context(), key, body, sink.Always); err != nil {
				t.Error(err)
				return
			}
			if w >= 3 {
				if got, _, err := s.Get(t.Context(), key); err != nil || !bytes.Equal(got, body) {
					t.Errorf("Get %q = %q, %v; want %q", key, got, err, body)
				}
			}
			if err := s.Delete(t.Context(), key); err != nil {
				t.Error(err)
				return
			}
		}
	})
}

// patterned makes a body whose parts all tell its number: its length, and each of its lines.
func patterned(n int) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "%07d\n", n), 1000+n*100)
}

func checkPatterned(body []byte) error {
	if len(body) < 8 {
		return fmt.Errorf("read a torn object: %q", body)
	}
	n, err := strconv.Atoi(string(body[:7]))
	if err != nil || !bytes.Equal(body, patterned(n)) {
		return fmt.Errorf("read a torn object of %d bytes that starts with %q", len(body), body[:8])
	}
	return nil
}

// together runs f once for each of n workers at the same time, and waits for all.
func together(n int, f func(worker int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for w := range n {
		all.Go(func() {
			<-start
			f(w)
		})
	}
	close(start)
	all.Wait()
}
