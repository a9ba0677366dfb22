package ship_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
	"github.com/tamerhq/tamer/internal/validate"
)

// A history is commits of one branch, each with its files; commit n is called by its number, in 40 digits.
type history struct{ files []map[string]string }

const planSchema = `{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"like":{"x-tamer-ref":{"type":"plan","path":"/name","scope":"any"}}}}`

func plan(customer string) string { return "customers/" + customer + "/plan.yaml" }

func newHistory() *history {
	h := &history{}
	h.commit(map[string]string{"schemas/plan.schema.json": planSchema, plan("acme"): "name: Acme\n", plan("beta"): "name: Beta\n", "shared/plan.yaml": "name: all\n"})
	return h
}

// commit adds one: the last one's files with the changes, where "" removes a file.
func (h *history) commit(changes map[string]string) int {
	now := map[string]string{}
	if len(h.files) > 0 {
		now = maps.Clone(h.files[len(h.files)-1])
	}
	maps.Copy(now, changes)
	maps.DeleteFunc(now, func(_, text string) bool { return text == "" })
	h.files = append(h.files, now)
	return len(h.files)
}

func name(n int) forge.Commit { return forge.Commit(fmt.Sprintf("%040d", n)) }

func (h *history) tree(n int) fs.FS {
	tree := fstest.MapFS{}
	for path, text := range h.files[n-1] {
		tree[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}

// compiled are the schemas of all tests, each compiled once.
var compiled = schema.NewShelf()

// at is a commit as the store is handed it.
func (h *history) at(n int) ship.Commit {
	return ship.Commit{Provenance: release.Provenance{Repository: "acme/config", Commit: name(n)}, Tree: h.tree(n),
		Since: func(_ context.Context, old forge.Commit) (fs.FS, []forge.Change, error) {
			var m int
			if _, err := fmt.Sscan(strings.TrimLeft(string(old), "0"), &m); err != nil || m > len(h.files) {
				return nil, nil, fs.ErrNotExist
			}
			var changes []forge.Change
			before, after := h.files[m-1], h.files[n-1]
			for _, path := range slices.Sorted(maps.Keys(union(before, after))) {
				_, was := before[path]
				_, is := after[path]
				switch {
				case !was:
					changes = append(changes, forge.Change{Path: path, Kind: forge.Added})
				case !is:
					changes = append(changes, forge.Change{Path: path, Kind: forge.Removed})
				case before[path] != after[path]:
					changes = append(changes, forge.Change{Path: path, Kind: forge.Modified})
				}
			}
			return h.tree(m), changes, nil
		},
		Judge: func(served, tree fs.FS, changes []forge.Change) ([]finding.Finding, error) {
			r, err := validate.Tree(tree, validate.Options{Base: served, Changes: changes, Schemas: compiled})
			return r.Findings, err
		}}
}

func union(a, b map[string]string) map[string]string {
	both := maps.Clone(a)
	maps.Copy(both, b)
	return both
}

// A world is a store and its clock.
type world struct {
	sinktest.Memory
	now     time.Time
	removes atomic.Int32 // processes that are in the midst of removing
	waited  atomic.Int32 // times that some process has waited for them
	waits   time.Duration
	stop    error // what who waits gets instead
}

func newWorld() *world { return &world{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)} }

// wait lets no time go by: what others have under way has had its effect.
func (w *world) wait(_ context.Context, d time.Duration) error {
	w.waited.Add(1)
	w.waits += d
	return w.stop
}

func (w *world) open(t *testing.T, at func(ship.Point)) *ship.Store {
	t.Helper()
	s, err := ship.New(ship.Config{Sink: sinktest.Ordered{Sink: &w.Memory}, Owner: release.Owner{Repository: "acme/config", ID: 1}, Now: func() time.Time { return w.now }, At: at, Wait: w.wait})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// deploy brings production to a commit, by a process of its own.
func (w *world) deploy(t *testing.T, c ship.Commit, at func(ship.Point)) (ship.Outcome, error) {
	t.Helper()
	w.now = w.now.Add(time.Minute)
	s := w.open(t, at)
	st, err := s.Read(t.Context(), release.Production)
	if err != nil {
		return ship.Outcome{}, err
	}
	return s.Deploy(t.Context(), st, c)
}

func (w *world) must(t *testing.T, c ship.Commit) ship.Outcome {
	t.Helper()
	out, err := w.deploy(t, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// plain gives the plain files of production.
func (w *world) plain() map[string]string {
	all := w.Objects()
	maps.DeleteFunc(all, func(key, _ string) bool {
		return strings.HasPrefix(key, ".tamer/") || strings.HasPrefix(key, ".branches/")
	})
	return all
}

// want are the plain files of a commit.
func (h *history) want(n int) map[string]string {
	all := map[string]string{}
	for path, text := range h.files[n-1] {
		if customer, ok := strings.CutPrefix(path, "customers/"); ok {
			all[customer] = text
		} else if path == "shared/plan.yaml" {
			all[".shared/plan.yaml"] = text
		}
	}
	return all
}

func diff(t *testing.T, when string, got, want map[string]string) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s: production holds %q\nwant %q", when, got, want)
	}
}

// What a deploy asks of a store: one changed file is at most five objects and no listing, the same commit again is nothing.
func TestRequests(t *testing.T) {
	w, h := newWorld(), newHistory()
	asked := map[string]int{}
	var one sync.Mutex
	w.Fail = func(op, _ string) error {
		one.Lock()
		defer one.Unlock()
		asked[op]++
		return nil
	}
	w.must(t, h.at(1))
	for what, c := range map[string]struct{ n, puts, deletes int }{
		"one file":         {h.commit(map[string]string{plan("acme"): "name: A\n"}), 5, 0},
		"nothing deployed": {h.commit(map[string]string{"README.md": "x"}), 3, 0},
	} {
		w.must(t, h.at(c.n-1))
		clear(asked)
		w.must(t, h.at(c.n))
		if asked[sinktest.Put] != c.puts || asked[sinktest.Delete] != c.deletes || asked[sinktest.List] != 0 || asked[sinktest.Get] > 8 {
			t.Errorf("%s: %v", what, asked)
		}
		clear(asked)
		w.must(t, h.at(c.n))
		if asked[sinktest.Put]+asked[sinktest.Delete]+asked[sinktest.List] != 0 {
			t.Errorf("%s, again: %v", what, asked)
		}
	}
}

var errCut = errors.New("cut off")

// Cut off at any effect, before it or with its answer lost, and done again, or another commit instead: the store holds that, and says so.
func TestReplayed(t *testing.T) {
	h := newHistory()
	second := h.commit(map[string]string{plan("beta"): "", plan("acme"): "name: A\n", plan("new"): "name: New\n"})
	third := h.commit(map[string]string{plan("acme"): "name: A3\n", plan("new"): ""})
	broken := h.commit(map[string]string{".tamer.yaml": "layuot: {}\n"})
	for then, want := range map[int]int{1: 1, second: second, third: third, broken: 1} {
		for _, lost := range []bool{false, true} {
			for n := 1; ; n++ {
				w := newWorld()
				w.must(t, h.at(1))
				effects := 0
				cut := func(op string, after bool) error {
					if op == sinktest.Put || op == sinktest.Delete {
						if !after {
							effects++
						}
						if effects == n && after == lost {
							return errCut
						}
					}
					return nil
				}
				w.Fail = func(op, _ string) error { return cut(op, false) }
				w.Lose = func(op, _ string) error { return cut(op, true) }
				out, err := w.deploy(t, h.at(second), nil)
				w.Fail, w.Lose = nil, nil
				if err == nil {
					break
				}
				want, moved := want, w.open(t, nil)
				if st, err := moved.Read(t.Context(), release.Production); err != nil || st.Channel.Commit == name(second) && then == broken {
					want = second // it was served already
				}
				out = w.must(t, h.at(then))
				diff(t, fmt.Sprintf("cut off at effect %d (lost %t), then commit %d", n, lost, then), w.plain(), h.want(want))
				if out.State.Interrupted() {
					t.Errorf("cut off at effect %d, then commit %d: it is still interrupted", n, then)
				}
				before := w.Objects()
				if again := w.must(t, h.at(then)); !maps.Equal(before, w.Objects()) {
					t.Errorf("cut off at effect %d, then commit %d twice: the store has changed, to %+v", n, then, again.State.Channel)
				}
			}
		}
	}
}

// A process that is paused at any point, while another one deploys what came later, writes nothing that counts.
func TestPaused(t *testing.T) {
	h := newHistory()
	second := h.commit(map[string]string{plan("acme"): "name: A\n", plan("beta"): "", plan("old"): "name: Old\n"})
	third := h.commit(map[string]string{plan("acme"): "name: A3\n", plan("beta"): "name: B3\n", plan("old"): ""})
	for _, point := range []ship.Point{ship.Packed, ship.Released, ship.Journaled, ship.Removed, ship.Writing, ship.Written, ship.Moved} {
		w := newWorld()
		w.must(t, h.at(1))
		seen := false
		_, err := w.deploy(t, h.at(second), func(p ship.Point) {
			if p == point && !seen {
				seen = true
				w.must(t, h.at(third))
			}
		})
		if !seen || (err == nil) != (point == ship.Moved) {
			t.Errorf("%s: %v", point, err)
		}
		if slices.Contains([]ship.Point{ship.Packed, ship.Released, ship.Removed}, point) { // the fence comes before the next write
			diff(t, string(point), w.plain(), h.want(third))
		}
		out := w.must(t, h.at(third))
		diff(t, string(point), w.plain(), h.want(third))
		if out.State.Channel.Commit != name(third) || out.State.Interrupted() {
			t.Errorf("%s: the channel is %+v", point, out.State.Channel)
		}
	}
}

// A write that was on its way when its process was overtaken comes late. The process notes that it may have, and the file is written again.
func TestLateWrite(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.must(t, h.at(1))
	second, third := h.commit(map[string]string{plan("acme"): "name: A\n"}), h.commit(map[string]string{plan("acme"): "name: A3\n"})
	late := true
	w.Fail = func(op, key string) error {
		if op == sinktest.Put && key == "acme/plan.yaml" && late {
			late = false
			w.must(t, h.at(third))
		}
		return nil
	}
	if _, err := w.deploy(t, h.at(second), nil); !errors.Is(err, sink.ErrConflict) {
		t.Errorf("overtaken: %v", err)
	}
	if got := w.plain()["acme/plan.yaml"]; got != "name: A\n" {
		t.Fatalf("the write did not come late: %q", got)
	}
	if out := w.must(t, h.at(third)); out.State.Channel.Generation != 2 || out.State.Interrupted() {
		t.Errorf("%+v", out.State.Channel)
	}
	diff(t, "in the end", w.plain(), h.want(third))
}

// A customer whose configs no store could give back is held, and keeps nobody else from being served.
func TestTooLargeForAStore(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.must(t, h.at(1))
	two := h.commit(map[string]string{plan("acme"): "name: &a " + strings.Repeat("x", 1<<20-1) + "\nmore: [" + strings.Repeat("*a,", 128) + "]\n", plan("beta"): "name: B\n"})
	out := w.must(t, h.at(two))
	if held := out.State.Release.Held(); len(held) != 1 || held[0] != "acme" || !strings.Contains(out.State.Release.Customers["acme"].Held.Reason, "more than 134217728 bytes: cannot be stored") {
		t.Errorf("held: %+v", out.State.Release.Customers)
	}
	want := h.want(two)
	want["acme/plan.yaml"] = "name: Acme\n"
	diff(t, "with a customer that is too large", w.plain(), want)
}

// A store that is another repository's is left alone; a repository under a new name is the same.
func TestForeign(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.must(t, h.at(1))
	before := w.Objects()
	for owner, refused := range map[release.Owner]bool{{Repository: "acme/other", ID: 2}: true, {Repository: "acme/other"}: true, {Repository: "ACME/config"}: false, {Repository: "acme/renamed", ID: 1}: false} {
		s, err := ship.New(ship.Config{Sink: &w.Memory, Owner: owner, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		st, err := s.Read(t.Context(), release.Production)
		if err == nil {
			_, err = s.Deploy(t.Context(), st, h.at(1)) // which is served already
		}
		if errors.Is(err, ship.ErrForeign) != refused {
			t.Errorf("%+v: %v", owner, err)
		}
	}
	if !maps.Equal(before, w.Objects()) {
		t.Error("the store was written to")
	}
	var empty sinktest.Memory
	other, err := ship.New(ship.Config{Sink: &empty, Owner: release.Owner{Repository: "acme/other", ID: 2}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := empty.Put(t.Context(), release.OwnerKey, []byte(`{"id":1,"repository":"acme/config"}`), sink.Always); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Deploy(t.Context(), ship.State{Channel: release.Channel{Channel: release.Production}}, h.at(1)); !errors.Is(err, ship.ErrForeign) {
		t.Errorf("the first of two has the store: %v", err)
	}
}
