package ship_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

// A process does its calls to a store one by one, each when it is told to. Bundles are read without asking: that is done by several
// goroutines, and nothing depends on when.
type process struct {
	sink.Sink
	arrived chan struct{} // it is about to do a call
	next    chan error    // nil lets it do that; an error is what it gets instead
	ended   chan error
	removes *atomic.Int32 // processes that are in the midst of removing
	waited  *atomic.Int32 // times that some process has waited for them
}

// wait does what a time does that is longer than any removal: it lets those that are under way come to their end.
func (p *process) wait(context.Context, time.Duration) error {
	p.waited.Add(1)
	for {
		if err := p.turn(); err != nil || p.removes.Load() == 0 {
			return err
		}
	}
}

func (p *process) turn() error {
	p.arrived <- struct{}{}
	return <-p.next
}

func (p *process) Get(ctx context.Context, key string) ([]byte, sink.Version, error) {
	if !strings.HasPrefix(key, release.BundlePrefix) {
		if err := p.turn(); err != nil {
			return nil, "", err
		}
	}
	return p.Sink.Get(ctx, key)
}

func (p *process) Batch(ctx context.Context, steps []sink.Step) error {
	if steps[0].Delete {
		p.removes.Add(1)
		defer p.removes.Add(-1)
	}
	for _, step := range steps {
		if err := p.turn(); err != nil {
			return err
		}
		if err := sink.Apply(ctx, p.Sink, []sink.Step{step}); err != nil {
			return err
		}
	}
	return nil
}

func (p *process) Put(ctx context.Context, key string, body []byte, cond sink.Condition) (sink.Version, error) {
	if err := p.turn(); err != nil {
		return "", err
	}
	return p.Sink.Put(ctx, key, body, cond)
}

func (p *process) List(ctx context.Context, prefix string) iter.Seq2[sink.Object, error] {
	if err := p.turn(); err != nil {
		return func(yield func(sink.Object, error) bool) { yield(sink.Object{}, err) }
	}
	return p.Sink.List(ctx, prefix)
}

// begin has a process work on the world's store.
func (w *world) begin(t *testing.T, work func(*ship.Store) error) *process {
	p := &process{Sink: &w.Memory, arrived: make(chan struct{}), next: make(chan error), ended: make(chan error, 1), removes: &w.removes, waited: &w.waited}
	now := w.now
	s, err := ship.New(ship.Config{Sink: p, Owner: release.Owner{Repository: "acme/config", ID: 1}, Now: func() time.Time { return now }, Wait: p.wait})
	if err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- work(s) }()
	return p
}

// interleave lets processes do their calls in an order by chance; now and then one is killed. It gives what became of each.
func interleave(rnd *rand.Rand, all ...*process) []error {
	results := make([]error, len(all))
	running := map[int]bool{}
	for i := range all {
		running[i] = true
	}
	waiting := map[int]bool{}
	for {
		for i := range running {
			if waiting[i] {
				continue
			}
			select {
			case <-all[i].arrived:
				waiting[i] = true
			case results[i] = <-all[i].ended:
				delete(running, i)
			}
		}
		if len(running) == 0 {
			return results
		}
		pick := rnd.IntN(len(all))
		for !running[pick] {
			pick = (pick + 1) % len(all)
		}
		delete(waiting, pick)
		var cut error
		if rnd.IntN(150) == 0 {
			cut = errCut
		}
		all[pick].next <- cut
	}
}

// A collection removes what nobody has needed for long, while a deploy begins to need it again, in any order of their calls, and while
// either of them, or an earlier collection, is killed: what is served is there, and the deploy gets through.
func TestCollectBesideDeploy(t *testing.T) {
	var collected atomic.Int64
	waited := 0
	unjudged := func(c ship.Commit) ship.Commit {
		c.Judge = func(fs.FS, fs.FS, []forge.Change) ([]finding.Finding, error) { return nil, nil }
		return c
	}
	for seed := range uint64(250) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		w, h := newWorld(), newHistory()
		w.Now = func() time.Time { return w.now }
		w.must(t, unjudged(h.at(1)))
		trial := h.commit(map[string]string{plan("acme"): "name: Trial\n", plan("beta"): "name: Trial\n"})
		if _, err := w.preview(t, "branch/try", unjudged(h.at(trial))); err != nil {
			t.Fatal(err)
		}
		if err := w.open(t, nil).RemovePreview(t.Context(), "branch/try"); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(48 * time.Hour)
		deploy := func(s *ship.Store) error {
			st, err := s.Read(t.Context(), release.Production)
			if err != nil {
				return err
			}
			_, err = s.Deploy(t.Context(), st, unjudged(h.at(trial)))
			return err
		}
		collect := func(s *ship.Store) error {
			n, err := s.Collect(t.Context())
			collected.Add(int64(n))
			return err
		}
		works := []func(*ship.Store) error{deploy, collect, collect}[:2+seed%2]
		var all []*process
		for _, work := range works {
			all = append(all, w.begin(t, work))
		}
		results := interleave(rnd, all...)
		for i, err := range results {
			if err != nil && !errors.Is(err, errCut) && (i == 0 || !errors.Is(err, sink.ErrConflict)) {
				t.Fatalf("order %d, process %d: %v", seed, i, err)
			}
		}
		if results[0] == nil {
			w.complete(t, fmt.Sprintf("order %d", seed))
		}
		w.must(t, unjudged(h.at(trial)))
		w.complete(t, fmt.Sprintf("order %d, deployed again", seed))
		diff(t, "in the end", w.plain(), h.want(trial))
		waited += int(w.waited.Load())
	}
	t.Logf("%d objects collected, %d collections ended by others", collected.Load(), waited)
	if collected.Load() < 100 || waited < 20 {
		t.Errorf("only %d objects were collected, %d collections ended by others", collected.Load(), waited)
	}
}

// complete fails the test where something that production serves is not there.
func (w *world) complete(t *testing.T, when string) {
	t.Helper()
	st, err := w.open(t, nil).Read(t.Context(), release.Production)
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	all := w.Objects()
	for _, unit := range st.Release.Units() {
		if _, ok := all[release.BundleKey(st.Release.Digest(unit))]; !ok {
			t.Fatalf("%s: production has lost the bundle of %q", when, unit)
		}
	}
}

// A collection that is paused, or dead, keeps nobody waiting but for what it may have under way, and removes nothing once it wakes up.
func TestPausedCollection(t *testing.T) {
	type act func(t *testing.T, w *world, deploy func() error) error
	collect := func(t *testing.T, w *world, _ func() error) error {
		_, err := w.open(t, nil).Collect(t.Context())
		return err
	}
	deploy := func(_ *testing.T, _ *world, deploy func() error) error { return deploy() }
	killed := func(t *testing.T, w *world, deploy func() error) error {
		w.stop = errCut
		defer func() { w.stop = nil }()
		if err := deploy(); !errors.Is(err, errCut) {
			t.Errorf("killed while it waits: %v", err)
		}
		return nil
	}
	for name, c := range map[string]struct {
		looked int // how often the collection has listed what there is, when it is paused
		then   []act
		waits  int32
	}{
		"after its note":                       {1, []act{deploy}, 1},
		"after it has looked again":            {2, []act{deploy}, 1},
		"another collection, and then needed":  {2, []act{collect, deploy}, 1},
		"who ends it is killed, and then more": {2, []act{killed, deploy, deploy}, 2},
		"who ends it is killed, and collected": {2, []act{killed, collect, deploy}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			w, h := newWorld(), newHistory()
			w.Now = func() time.Time { return w.now }
			w.must(t, h.at(1))
			trial := h.commit(map[string]string{plan("acme"): "name: Trial\n"})
			if _, err := w.preview(t, "branch/try", h.at(trial)); err != nil {
				t.Fatal(err)
			}
			if err := w.open(t, nil).RemovePreview(t.Context(), "branch/try"); err != nil {
				t.Fatal(err)
			}
			w.now = w.now.Add(48 * time.Hour)
			lists, noted := 0, false
			pause := func() {
				if !noted || lists != c.looked {
					return
				}
				noted = false
				for i, act := range c.then {
					if err := act(t, w, func() error { _, err := w.deploy(t, h.at(trial), nil); return err }); err != nil {
						t.Errorf("meanwhile, act %d: %v", i+1, err)
					}
				}
				w.complete(t, "meanwhile")
			}
			w.Lose = func(op, prefix string) error {
				if op == sinktest.List && prefix == release.BundlePrefix {
					lists++
					pause()
				}
				return nil
			}
			n, err := w.open(t, func(ship.Point) { noted = true; pause() }).Collect(t.Context())
			if n != 0 || err != nil && !errors.Is(err, sink.ErrConflict) || noted {
				t.Errorf("woken up, it removed %d, %v", n, err)
			}
			w.complete(t, "after all")
			if got := w.waited.Load(); got != c.waits {
				t.Errorf("waited %d times, want %d", got, c.waits)
			}
		})
	}
}
