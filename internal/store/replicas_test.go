package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

// testReplicas says what processes that share a store know of each other.
func testReplicas(t *testing.T, open func(t *testing.T) *store.Store) {
	t.Run("who did not renew in time is dead, until it joins again", func(t *testing.T) {
		s := open(t)
		must(t, errors.Join(s.Join(t.Context(), "a", time.Hour), s.Join(t.Context(), "b", -time.Second)))
		for replica, want := range map[string]bool{"a": true, "b": false, "nobody": false} {
			if alive, err := s.Renew(t.Context(), replica, time.Hour); alive != want || err != nil {
				t.Errorf("%s: alive %t, %v; want %t", replica, alive, err, want)
			}
		}
		lives := func(want ...string) {
			t.Helper()
			if got, err := s.Replicas(t.Context()); !slices.Equal(got, want) || err != nil {
				t.Errorf("%q live, %v; want %q", got, err, want)
			}
		}
		lives("a")
		must(t, s.Join(t.Context(), "b", time.Hour))
		lives("a", "b")
		must(t, s.Leave(t.Context(), "a"))
		lives("b")
	})

	t.Run("what is due is told to one, and again when it is due again", func(t *testing.T) {
		s := open(t)
		for i, step := range []struct {
			name  string
			every time.Duration
			want  bool
		}{
			{"sweep", time.Hour, true},
			{"sweep", time.Hour, false},
			{"other", -time.Second, true},
			{"other", time.Hour, true},
			{"other", time.Hour, false},
		} {
			must(t, s.Write(t.Context(), func(tx store.Tx) error {
				due, err := tx.Due(t.Context(), step.name, step.every)
				if due != step.want {
					t.Errorf("step %d: due %t, want %t", i, due, step.want)
				}
				return err
			}))
		}
	})

	t.Run("a turn is one replica's, until it gives it back, dies, or keeps it for too long", func(t *testing.T) {
		s := open(t)
		must(t, errors.Join(s.Join(t.Context(), "a", time.Hour), s.Join(t.Context(), "b", time.Hour)))
		take := func(replica, name string, atMost time.Duration, want bool) {
			t.Helper()
			if got, err := s.TakeTurn(t.Context(), name, replica, atMost); got != want || err != nil {
				t.Errorf("%s takes %s: %t, %v; want %t", replica, name, got, err, want)
			}
		}
		take("a", "comment 1", time.Hour, true)
		take("b", "comment 1", time.Hour, false)
		take("b", "comment 2", time.Hour, true)
		must(t, s.EndTurn(t.Context(), "comment 1", "b")) // not its own
		take("b", "comment 1", time.Hour, false)
		must(t, s.EndTurn(t.Context(), "comment 1", "a"))
		take("b", "comment 1", -time.Second, true)
		take("a", "comment 1", time.Hour, true)
		must(t, s.Leave(t.Context(), "a"))
		take("b", "comment 1", time.Hour, true)
		take("b", "comment 3", -time.Second, true)
		must(t, s.KeepTurn(t.Context(), "comment 3", "a", time.Hour)) // not its own
		must(t, s.KeepTurn(t.Context(), "comment 3", "b", time.Hour))
		must(t, s.KeepTurn(t.Context(), "comment 4", "b", time.Hour)) // nobody has it
		take("b", "comment 3", time.Hour, false)
		take("b", "comment 4", time.Hour, true)
	})

	t.Run("keys that are long done and untouched are forgotten", func(t *testing.T) {
		s := open(t)
		must(t, raise(t, s, work.Wanted{Key: main}, work.Wanted{Key: pull12}))
		prune := func(later time.Duration) {
			must(t, s.Write(t.Context(), func(tx store.Tx) error { return tx.Prune(t.Context(), time.Now().Add(later)) }))
		}
		must(t, s.Write(t.Context(), func(tx store.Tx) error {
			return tx.SaveProgress(t.Context(), main, store.Progress{Done: 1}, nil)
		}))
		prune(59 * 24 * time.Hour)
		if _, err := s.Progress(t.Context(), main); err != nil {
			t.Errorf("forgotten too early: %v", err)
		}
		prune(61 * 24 * time.Hour)
		if _, err := s.Progress(t.Context(), main); err == nil {
			t.Error("a key is remembered for ever")
		}
		if _, err := s.Progress(t.Context(), pull12); err != nil {
			t.Errorf("a key that waits was forgotten: %v", err)
		}
	})

	t.Run("keys that were set aside are listed until they are worked on again", func(t *testing.T) {
		s := open(t)
		must(t, raise(t, s, work.Wanted{Key: main}, work.Wanted{Key: pull12}))
		for _, want := range []string{"job 7", ""} {
			must(t, s.Write(t.Context(), func(tx store.Tx) error {
				return tx.SaveProgress(t.Context(), main, store.Progress{Done: 1, Aside: want}, nil)
			}))
			all, err := s.Asides(t.Context())
			must(t, err)
			if want != "" && !slices.Equal(all, []store.Aside{{Key: main, Ref: want}}) || want == "" && len(all) > 0 {
				t.Errorf("set aside: %v; want %q", all, want)
			}
		}
	})

	t.Run("the latest limit of an installation counts", func(t *testing.T) {
		s := open(t)
		noon := time.UnixMilli(1_800_000_000_123)
		must(t, s.CloseUntil(t.Context(), 1, noon))
		must(t, s.CloseUntil(t.Context(), 1, noon.Add(-time.Hour)))
		for installation, want := range map[int64]time.Time{1: noon, 2: {}} {
			if got, err := s.ClosedUntil(t.Context(), installation); !got.Equal(want) || err != nil {
				t.Errorf("%d is closed until %s, %v; want %s", installation, got, err, want)
			}
		}
	})
}
