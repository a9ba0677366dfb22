package ship_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink"
)

// What somebody has done to a store behind tamer's back is found, and mended.
func TestDrift(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.Now = func() time.Time { return w.now }
	out := w.must(t, h.at(1))
	w.now = w.now.Add(time.Hour)
	for key, text := range map[string]string{"acme/plan.yaml": "name: Evil\n", "evil/plan.yaml": "x", ".shared/evil.yaml": "x", "acme/evil.yaml": "x"} {
		if _, err := w.Put(t.Context(), key, []byte(text), sink.Always); err != nil {
			t.Fatal(err)
		}
	}
	lost := out.State.Release.Digest("acme")
	for _, key := range []string{"beta/plan.yaml", release.BundleKey(lost)} {
		if err := w.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	d := w.drift(t)
	if got := strings.Join(d.Missing, " ") + "; " + strings.Join(d.Changed, " ") + "; " + strings.Join(d.Extra, " "); got != "beta/plan.yaml; ; .shared/evil.yaml evil/plan.yaml" || len(d.Lost) != 1 {
		t.Fatalf("%s; lost %q", got, d.Lost)
	}
	s := w.open(t, nil)
	st, err := s.Read(t.Context(), release.Production)
	if err != nil {
		t.Fatal(err)
	}
	tree := func(context.Context, ship.State, string) (fs.FS, error) { return h.tree(1), nil }
	if still, err := s.Restore(t.Context(), st, d.Lost, tree, document.Limits{}); err != nil || len(still) > 0 {
		t.Fatalf("not restored: %q, %v", still, err)
	}
	d = w.drift(t) // acme's plain files can be told now
	if strings.Join(d.Changed, " ") != "acme/plan.yaml" || strings.Join(d.Extra, " ") != ".shared/evil.yaml acme/evil.yaml evil/plan.yaml" {
		t.Errorf("%+v", d)
	}
	if st, err = s.Repair(t.Context(), st, d); err != nil || st.Interrupted() || st.Channel.Generation != 1 {
		t.Errorf("%+v, %v", st.Channel, err)
	}
	diff(t, "mended", w.plain(), h.want(1))
	w.now = w.now.Add(time.Hour)
	if d := w.drift(t); !d.None() {
		t.Errorf("mended, and there is %+v", d)
	}
	out = w.must(t, h.at(h.commit(map[string]string{plan("acme"): "name: A\n"})))
	diff(t, "deployed after that", w.plain(), h.want(2))
	if out.State.Channel.Generation != 2 || len(release.History(out.State.Channel, out.State.Journal)) != 2 {
		t.Errorf("%+v", out.State)
	}
}

// A change of a day long ago that keeps the size is found by who reads everything, and that goes at a bounded rate.
func TestCompare(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.Now = func() time.Time { return w.now }
	files := map[string]string{}
	for i := range 600 {
		files[plan(fmt.Sprint("c", i))] = "name: One\n"
	}
	w.must(t, h.at(h.commit(files)))
	if _, err := w.Put(t.Context(), "c7/plan.yaml", []byte("name: Two\n"), sink.Always); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(72 * time.Hour)
	if d := w.drift(t); !d.None() {
		t.Errorf("found without a look: %+v", d)
	}
	s := w.open(t, nil)
	st, err := s.Read(t.Context(), release.Production)
	if err != nil {
		t.Fatal(err)
	}
	w.waits = 0
	if d, err := s.Compare(t.Context(), st); err != nil || strings.Join(d.Changed, " ") != "c7/plan.yaml" || len(d.Missing)+len(d.Extra)+len(d.Lost) > 0 {
		t.Errorf("%+v, %v", d, err)
	}
	if w.waits < 2*time.Second { // 1,200 objects at 500 a second, but for the last few
		t.Errorf("it has taken %s", w.waits)
	}
}

func (w *world) drift(t *testing.T) ship.Drift {
	t.Helper()
	s := w.open(t, nil)
	st, err := s.Read(t.Context(), release.Production)
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Drift(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Bundles and releases are collected once they are old and nothing needs them: neither production, nor what it can go back to, nor a preview.
func TestCollect(t *testing.T) {
	w, h := newWorld(), newHistory()
	w.Now = func() time.Time { return w.now }
	w.must(t, h.at(1))
	second := h.commit(map[string]string{plan("acme"): "name: A\n"})
	w.must(t, h.at(second))
	trial := h.commit(map[string]string{plan("acme"): "name: Trial\n"})
	if _, err := w.preview(t, "branch/try", h.at(trial)); err != nil {
		t.Fatal(err)
	}
	collect := func(want int) {
		t.Helper()
		named := func() (n int) {
			for key := range w.Objects() {
				if strings.HasPrefix(key, release.BundlePrefix) || strings.HasPrefix(key, release.ReleasePrefix) {
					n++
				}
			}
			return n
		}
		before := named()
		n, err := w.open(t, nil).Collect(t.Context())
		if err != nil || n != want || named() != before-want {
			t.Errorf("%d were collected, %v; want %d", n, err, want)
		}
	}
	w.now = w.now.Add(48 * time.Hour)
	collect(0)
	if err := w.open(t, nil).RemovePreview(t.Context(), "branch/try"); err != nil {
		t.Fatal(err)
	}
	collect(2) // the preview's release, and the bundle that only it had
	collect(0)
	if _, err := w.preview(t, "branch/try", h.at(trial)); err != nil {
		t.Fatal(err)
	}
	if err := w.open(t, nil).RemovePreview(t.Context(), "branch/try"); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Hour)
	collect(0) // too young
	if _, err := w.open(t, nil).Rollback(t.Context(), ship.Rollback{By: "ana", Reason: "r"}); err != nil {
		t.Errorf("what was served before is gone: %v", err)
	}
	if got := w.plain(); !maps.Equal(got, h.want(1)) {
		t.Errorf("rolled back: %q", got)
	}
}
