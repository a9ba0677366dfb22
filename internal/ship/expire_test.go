package ship_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink"
)

// A forgetful store removes old objects by itself.
type forgetful struct {
	sink.Sink
	days    map[string]int32
	renewed []string
}

func (f *forgetful) Expire(_ context.Context, days map[string]int32) (bool, error) {
	f.days = days
	return true, nil
}

func (f *forgetful) Renew(_ context.Context, keys []string) error {
	f.renewed = append(f.renewed, keys...)
	return nil
}

// A store that removes old previews is told when, and a preview that is used again gets young with all that is its own.
func TestExpirePreviews(t *testing.T) {
	w, h := newWorld(), newHistory()
	store := &forgetful{Sink: &w.Memory}
	open := func() *ship.Store {
		t.Helper()
		s, err := ship.New(ship.Config{Sink: store, Owner: release.Owner{Repository: "acme/config", ID: 1}, Now: func() time.Time { return w.now }})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	w.must(t, h.at(1))
	n := h.commit(map[string]string{plan("acme"): "name: A\n"})
	for range 2 {
		if _, err := open().Preview(t.Context(), release.BranchChannel("x"), h.at(n)); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(25 * time.Hour)
	}
	var own []string
	for key := range w.Objects() {
		if key == ".branches/x/acme/plan.yaml" || key == release.JournalKey(release.BranchChannel("x")) {
			own = append(own, key)
		}
	}
	slices.Sort(own)
	slices.Sort(store.renewed)
	if len(own) != 2 || !slices.Equal(store.renewed, own) {
		t.Errorf("renewed are %q, want %q", store.renewed, own)
	}
	for after, want := range map[time.Duration]int32{14 * 24 * time.Hour: 16, time.Hour: 3, 25 * time.Hour: 4} {
		if done, err := open().ExpirePreviews(t.Context(), after); !done || err != nil || store.days[".branches/"] != want || len(store.days) != 6 {
			t.Errorf("after %s: %v, %v, %v; want %d days", after, store.days, done, err, want)
		}
	}
	for prefix := range maps.Keys(store.days) {
		if prefix == release.ChannelPrefix || prefix == release.BundlePrefix || prefix == release.ReleasePrefix {
			t.Errorf("production's objects below %s would be removed", prefix)
		}
	}
	if done, err := open().ExpirePreviews(t.Context(), 0); !done || err != nil || len(store.days) != 0 {
		t.Errorf("for ever: %v, %v, %v", store.days, done, err)
	}
	if done, err := w.open(t, nil).ExpirePreviews(t.Context(), time.Hour); done || err != nil {
		t.Errorf("a store that forgets nothing: %v, %v", done, err)
	}
}
