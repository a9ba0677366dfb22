package ship_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

// A reader follows channel, release and bundles as a service does, and remembers how far it has come.
type reader struct {
	w          *world
	generation int64
	reads      int
}

func object(t *testing.T, all map[string]string, key string, into any) bool {
	t.Helper()
	body, ok := all[key]
	if ok {
		if err := json.Unmarshal([]byte(body), into); err != nil {
			t.Fatal(err)
		}
	}
	return ok
}

func (r *reader) read(t *testing.T) {
	var c release.Channel
	all := r.w.Objects()
	if !object(t, all, release.ChannelKey(release.Production), &c) {
		return
	}
	r.reads++
	if c.Generation < r.generation {
		t.Fatalf("the channel went from generation %d to %d", r.generation, c.Generation)
	}
	r.generation = c.Generation
	var rel release.Release
	if !object(t, all, release.ReleaseKey(c.Release), &rel) || rel.Commit != c.Commit {
		t.Fatalf("generation %d points to no release of its commit", c.Generation)
	}
	for unit := range rel.Customers {
		var b release.Bundle
		if !object(t, all, release.BundleKey(rel.Digest(unit)), &b) {
			t.Fatalf("generation %d has no bundle of %s", c.Generation, unit)
		}
		want := fmt.Sprintf("name: %s of %s\n", unit, rel.Commit)
		if got := b.Configs["plan"].Text; got != want {
			t.Fatalf("commit %s serves %q to %s: a mix", rel.Commit, got, unit)
		}
	}
}

// Deploys one after the other, by workers that fail, lose answers, are killed and overtake each other: who reads at any moment sees one
// commit, and never goes back; once the faults stop, the store holds the last commit.
func TestNeverTorn(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	w, h := newWorld(), &history{}
	r := &reader{w: w}
	everyone := func() map[string]string {
		all := map[string]string{"schemas/plan.schema.json": "{}"}
		for _, unit := range []string{"acme", "beta", "gamma"} {
			all[plan(unit)] = fmt.Sprintf("name: %s of %s\n", unit, name(len(h.files)+1))
		}
		return all
	}
	down := errors.New("the store is down")
	faults, overtaken := true, 0
	var one sync.Mutex // bundles are read several at once
	fault := func(op, _ string) error {
		one.Lock()
		defer one.Unlock()
		if op != sinktest.Get {
			r.read(t)
		}
		if faults && rnd.IntN(60) == 0 {
			return down
		}
		return nil
	}
	w.Fail, w.Lose = fault, fault
	for range 120 {
		n := h.commit(everyone())
		_, _ = w.deploy(t, h.at(n), func(ship.Point) {
			if rnd.IntN(12) == 0 { // paused, while another worker deploys what came later
				overtaken++
				_, _ = w.deploy(t, h.at(h.commit(everyone())), nil)
			}
		})
	}
	faults = false
	last := len(h.files)
	w.must(t, h.at(last))
	diff(t, "at the end", w.plain(), h.want(last))
	if r.reads < 1500 || overtaken < 20 || r.generation < 60 {
		t.Errorf("only %d reads, %d deploys overtaken, %d moves", r.reads, overtaken, r.generation)
	}
}

// Going back, all or one customer, and on again.
func TestRollback(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.must(t, h.at(1))
	second := h.commit(map[string]string{plan("acme"): "name: A\n", plan("beta"): "name: B\n"})
	w.must(t, h.at(second))
	noon := w.now
	w.now = w.now.Add(time.Minute)
	st, err := w.open(t, nil).Rollback(t.Context(), ship.Rollback{By: "ana", Reason: "prices"})
	if err != nil || st.Channel.Commit != name(1) || st.Channel.Generation != 3 || st.Channel.Hold == nil || st.Channel.Hold.By != "ana" {
		t.Fatalf("%+v, %v", st.Channel, err)
	}
	diff(t, "rolled back", w.plain(), h.want(1))
	if st, err = w.open(t, nil).Rollback(t.Context(), ship.Rollback{By: "ana", Reason: "prices"}); err != nil || st.Channel.Generation != 3 {
		t.Errorf("asked once more: %+v, %v", st.Channel, err)
	}
	for to, ok := range map[string]bool{"2": true, string(name(1)): true, "0000000": true, "9": false, "abc": false, "000": false} {
		_, err := w.open(t, nil).Rollback(t.Context(), ship.Rollback{To: to, By: "ana", Reason: "prices"})
		if (err == nil) != ok || !ok && !errors.Is(err, ship.ErrNothing) {
			t.Errorf("to %q: %v", to, err)
		}
	}
	if st, err = w.open(t, nil).Resume(t.Context(), "ben", "mended"); err != nil || st.Channel.Hold != nil {
		t.Fatalf("%+v, %v", st.Channel, err)
	}
	for reason, again := range map[string]bool{"mended": true, "once more": false} {
		if _, err := w.open(t, nil).Resume(t.Context(), "ben", reason); errors.Is(err, ship.ErrNothing) == again {
			t.Errorf("resumed twice, %s: %v", reason, err)
		}
	}
	w.must(t, h.at(second))
	diff(t, "resumed", w.plain(), h.want(second))
	s := w.open(t, nil)
	if st, err = s.Read(t.Context(), release.Production); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]forge.Commit{noon: name(second), noon.Add(-time.Second): name(1), {}: name(second), noon.Add(-time.Hour): ""} {
		r, _, err := s.AsOf(t.Context(), st, at)
		if r.Commit != want || (err != nil) != (want == "") {
			t.Errorf("as of %s: %s, %v", at, r.Commit, err)
		}
	}
}

// One customer is put back and stays there, whatever is deployed, until somebody resumes.
func TestRollbackOfCustomer(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.must(t, h.at(1))
	w.must(t, h.at(h.commit(map[string]string{plan("acme"): "name: A\n"})))
	w.must(t, h.at(h.commit(map[string]string{plan("beta"): "name: B\n"})))
	st, err := w.open(t, nil).Rollback(t.Context(), ship.Rollback{Customer: "acme", By: "ana", Reason: "prices"})
	if err != nil || st.Channel.Hold != nil || *st.Release.Customers["acme"].Held.Commit != name(1) {
		t.Fatalf("%+v, %v", st, err)
	}
	if got := w.plain(); got["acme/plan.yaml"] != "name: Acme\n" || got["beta/plan.yaml"] != "name: B\n" {
		t.Errorf("rolled back: %q", got)
	}
	last := h.commit(map[string]string{plan("acme"): "name: A4\n", plan("beta"): "name: B4\n"})
	out := w.must(t, h.at(last))
	if got := w.plain(); got["acme/plan.yaml"] != "name: Acme\n" || got["beta/plan.yaml"] != "name: B4\n" || len(out.State.Release.Held()) != 1 {
		t.Errorf("deployed beside it: %q, held %q", got, out.State.Release.Held())
	}
	if _, err := w.open(t, nil).Resume(t.Context(), "ben", "mended"); err != nil {
		t.Fatal(err)
	}
	out = w.must(t, h.at(last))
	diff(t, "resumed", w.plain(), h.want(last))
	if len(out.State.Release.Held()) > 0 || out.State.Channel.Resumed != nil {
		t.Errorf("resumed, and held are %q: %+v", out.State.Release.Held(), out.State.Channel)
	}
	for _, r := range []ship.Rollback{{Customer: "nobody"}, {Customer: "acme", To: "99"}} {
		if _, err := w.open(t, nil).Rollback(t.Context(), r); !errors.Is(err, ship.ErrNothing) {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

// A customer that fails keeps what it is served, a new one is left out, and the others go on; mended, all are served.
func TestHeld(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.must(t, h.at(1))
	n := h.commit(map[string]string{plan("acme"): "nome: A\n", plan("beta"): "name: B\n", plan("new"): "nome: N\n"})
	for range 2 { // the next commit leaves them alone
		out := w.must(t, h.at(n))
		if got := w.plain(); got["acme/plan.yaml"] != "name: Acme\n" || got["beta/plan.yaml"] != "name: B\n" || got["new/plan.yaml"] != "" {
			t.Errorf("production holds %q", got)
		}
		r := out.State.Release
		if r.Commit != name(n) || *r.Customers["acme"].Held.Commit != name(1) || r.Customers["new"].Bundle != nil || r.Customers["new"].Held.Commit != nil || len(r.Held()) != 2 {
			t.Errorf("release %+v", r)
		}
		n = h.commit(map[string]string{plan("beta"): "name: B2\n"})
		h.files[n-1][plan("beta")] = "name: B\n"
	}
	n = h.commit(map[string]string{plan("acme"): "name: A\n", plan("new"): "name: N\n"})
	out := w.must(t, h.at(n))
	diff(t, "mended", w.plain(), h.want(n))
	if len(out.State.Release.Held()) > 0 {
		t.Errorf("held %q", out.State.Release.Held())
	}
}

// Who fails by a new schema alone is served what the commit says, as before: nothing of it can be held back.
func TestNothingToHold(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.must(t, h.at(1))
	n := h.commit(map[string]string{"schemas/plan.schema.json": strings.Replace(planSchema, `["name"]`, `["name","size"]`, 1), plan("beta"): "name: Beta\nsize: 1\n"})
	out := w.must(t, h.at(n))
	if held := out.State.Release.Held(); len(held) > 0 || out.State.Release.Commit != name(n) || len(out.Findings) == 0 {
		t.Errorf("held %q at %s, findings %v", held, out.State.Release.Commit, out.Findings)
	}
	diff(t, "then", w.plain(), h.want(n))
}

// Bundles that were lost are told; nothing is taken away for it.
func TestLostBundle(t *testing.T) {
	w, h := newWorld(), newHistory()
	out := w.must(t, h.at(1))
	w.must(t, h.at(h.commit(map[string]string{plan("acme"): "name: A\n"})))
	if err := w.Delete(t.Context(), release.BundleKey(out.State.Release.Digest("acme"))); err != nil {
		t.Fatal(err)
	}
	before := w.plain()
	if _, err := w.open(t, nil).Rollback(t.Context(), ship.Rollback{By: "ana"}); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("rolled back to what is not there: %v", err)
	}
	diff(t, "after that", w.plain(), before)
}
