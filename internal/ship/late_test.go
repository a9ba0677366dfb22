package ship_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink"
)

// A worker that was paused writes a group too late, and notes it just before one that overtook it moves the channel: whoever comes next
// writes those files again. That holds where the one that overtook it writes them too, and where it has none to write.
func TestLateGroupIsNotForgotten(t *testing.T) {
	for name, idle := range map[string]bool{"overtaken by a change": false, "overtaken by a change and by one of nothing": true} {
		t.Run(name, func(t *testing.T) {
			w, h := newWorld(), newHistory()
			w.must(t, h.at(1))
			everyone := func(text string) map[string]string {
				all := map[string]string{}
				for i := range 300 { // more than one group
					all[plan(fmt.Sprintf("c%03d", i))] = "name: " + text + "\n"
				}
				return all
			}
			second := h.commit(everyone("second"))
			last := h.commit(everyone("third"))
			paused, wake, slept := make(chan bool), make(chan bool), make(chan error)
			s := w.open(t, func(p ship.Point) {
				if p == ship.Journaled {
					close(paused)
					<-wake
				}
			})
			st, err := s.Read(t.Context(), release.Production)
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				_, err := s.Deploy(t.Context(), st, h.at(second))
				slept <- err
			}()
			<-paused
			if idle {
				w.must(t, h.at(last))
				last = h.commit(nil)
			}
			if _, err := w.deploy(t, h.at(last), func(p ship.Point) {
				if p == ship.Written {
					close(wake)
					if err := <-slept; err == nil {
						t.Error("the one that was overtaken went on")
					}
				}
			}); err != nil {
				t.Fatal(err)
			}
			w.must(t, h.at(last))
			diff(t, "after all", w.plain(), h.want(last))
		})
	}
}

// A worker is paused when it has written all but the channel, and meanwhile its deploy is settled by another: it does not move the channel
// when it wakes up.
func TestWhoWasSettledMovesNothing(t *testing.T) {
	for name, settled := range map[string]int{"the first deploy": 0, "a deploy of a commit that was taken back": 1} {
		t.Run(name, func(t *testing.T) {
			w, h := newWorld(), newHistory()
			if settled > 0 {
				w.must(t, h.at(settled))
				h.commit(map[string]string{plan("acme"): "name: A\n"})
			}
			_, err := w.deploy(t, h.at(settled+1), func(p ship.Point) {
				if p != ship.Written {
					return
				}
				s := w.open(t, nil)
				st, err := s.Read(t.Context(), release.Production)
				if err == nil && settled > 0 {
					_, err = s.Deploy(t.Context(), st, h.at(settled))
				} else if err == nil {
					_, err = s.Settle(t.Context(), st)
				}
				if err != nil {
					t.Error(err)
				}
			})
			if !errors.Is(err, sink.ErrConflict) {
				t.Errorf("the paused one ends with %v", err)
			}
			s, served := w.open(t, nil), max(settled, 1)
			at := h.at(served).Provenance.Commit
			st, err := s.Read(t.Context(), release.Production)
			if err == nil {
				st, err = s.Settle(t.Context(), st)
			}
			if err != nil || st.Channel.Commit != at || st.Channel.Generation != 1 {
				t.Errorf("%+v, %v", st.Channel, err)
			}
			diff(t, "after all", w.plain(), h.want(served))
		})
	}
}

// What a resume allows ends with the next deploy, also where that has nothing to move.
func TestResumeIsUsedUp(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.must(t, h.at(1))
	if _, err := w.open(t, nil).Rollback(t.Context(), ship.Rollback{To: string(name(1)), By: "ana", Reason: "wait"}); err != nil {
		t.Fatal(err)
	}
	st, err := w.open(t, nil).Resume(t.Context(), "ben", "go on")
	if err != nil || st.Channel.Resumed == nil {
		t.Fatalf("%+v, %v", st.Channel, err)
	}
	out := w.must(t, h.at(1))
	again, err := w.open(t, nil).Read(t.Context(), release.Production)
	if err != nil || out.State.Channel.Resumed != nil || again.Channel.Resumed != nil || again.Channel.Generation != 1 {
		t.Errorf("%+v, then %+v, %v", out.State.Channel, again.Channel, err)
	}
}

// A change of the same size is found, whenever it was made: right after a move, and before one that did not touch the file.
func TestDriftOfTheSameSize(t *testing.T) {
	for name, later := range map[string]bool{"after the move": false, "before the next move": true} {
		t.Run(name, func(t *testing.T) {
			w, h := newWorld(), newHistory()
			w.Now = func() time.Time { return w.now }
			w.must(t, h.at(1))
			w.now = w.now.Add(time.Minute)
			if _, err := w.Put(t.Context(), "acme/plan.yaml", []byte("name: Evil\n"), sink.Always); err != nil {
				t.Fatal(err)
			}
			if later {
				w.now = w.now.Add(time.Hour)
				w.must(t, h.at(h.commit(map[string]string{plan("beta"): "name: B\n"})))
			}
			w.now = w.now.Add(20 * time.Hour)
			if d := w.drift(t); strings.Join(d.Changed, " ") != "acme/plan.yaml" {
				t.Errorf("%+v", d)
			}
		})
	}
}

// A customer who is put back to the same once more is not moved once more.
func TestRollbackOfCustomerReplayed(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.must(t, h.at(1))
	w.must(t, h.at(h.commit(map[string]string{plan("acme"): "name: A\n"})))
	for range 2 {
		st, err := w.open(t, nil).Rollback(t.Context(), ship.Rollback{Customer: "acme", To: "1", By: "ana", Reason: "prices"})
		if err != nil || st.Channel.Generation != 3 || w.plain()["acme/plan.yaml"] != "name: Acme\n" {
			t.Errorf("%+v, %v", st.Channel, err)
		}
	}
}

// Files of a preview that is pushed to again and again do not get old, though no push changes them: a store would take them for unused.
func TestUsedPreviewStaysYoung(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.Now = func() time.Time { return w.now }
	w.must(t, h.at(1))
	h.commit(map[string]string{plan("acme"): "name: Trial\n"})
	for day := range 7 {
		if _, err := w.preview(t, "branch/try", h.at(h.commit(map[string]string{plan("beta"): fmt.Sprintf("name: B%d\n", day)}))); err != nil {
			t.Fatal(err)
		}
		for o, err := range w.List(t.Context(), ".branches/") {
			if err != nil || w.now.Sub(o.ModTime) > 48*time.Hour {
				t.Errorf("day %d: %s was written at %s, %v", day, o.Key, o.ModTime, err)
			}
		}
		w.now = w.now.Add(23 * time.Hour)
	}
}

// A preview that is used after it was found to be old is not removed.
func TestUsedPreviewDoesNotExpire(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.must(t, h.at(1))
	if _, err := w.preview(t, "branch/try", h.at(h.commit(map[string]string{plan("acme"): "name: Trial\n"}))); err != nil {
		t.Fatal(err)
	}
	for i, left := range []int{1, 0} { // used since, and not
		err := w.open(t, nil).ExpirePreview(t.Context(), "branch/try", w.now.Add(time.Duration(i)*time.Minute))
		if err != nil || len(w.beside()) != left {
			t.Errorf("looked at %d times, there is %q, %v", i+1, w.beside(), err)
		}
	}
}

// Who was put back, and then everybody, is held by nothing that a release says: asked for once more, it is done once more.
func TestRollbackOfCustomerAfterAll(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.must(t, h.at(1))
	w.must(t, h.at(h.commit(map[string]string{plan("acme"): "name: A\n"})))
	one := ship.Rollback{Customer: "acme", By: "ana", Reason: "prices"}
	for _, r := range []ship.Rollback{one, {To: "2", By: "ana", Reason: "all"}, one} {
		st, err := w.open(t, nil).Rollback(t.Context(), r)
		if err != nil || (st.Release.Customers["acme"].Held != nil) != (r == one) {
			t.Errorf("%+v: %+v, %v", r, st.Release, err)
		}
	}
}
