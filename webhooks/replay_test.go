package webhooks

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/work"
)

// A delivery is worked once more although it was accepted; twice is twice.
func TestReplay(t *testing.T) {
	l := &ledger{sent: []work.Sent{{ID: 1, GUID: "first", Event: "push", At: noon, OK: true}, {ID: 2, GUID: "gone", Event: "push", At: noon}, {ID: 3, GUID: "odd", Event: "push", At: noon}}}
	m, in := missedFrom(l)
	in.deliveries["first"] = work.Delivery{ID: "first"}
	recent, err := m.Recent(t.Context(), 2)
	if err != nil || len(recent) != 2 || recent[0].ID != 3 {
		t.Errorf("recent: %v, %v", recent, err)
	}
	if err := m.Replay(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	found := false
	for id, d := range in.deliveries {
		if strings.HasPrefix(id, "first again ") {
			found = len(d.Wanted) > 0 && d.Wanted[0].Anew && d.Wanted[0].Key.Name == "first"
		}
	}
	if !found {
		t.Errorf("accepted: %+v", in.deliveries)
	}
	for id, want := range map[int64]error{2: fs.ErrNotExist, 4: fs.ErrNotExist} {
		if err := m.Replay(t.Context(), id); !errors.Is(err, want) {
			t.Errorf("attempt %d: %v, want %v", id, err, want)
		}
	}
	if err := m.Replay(t.Context(), 3); err == nil || len(in.deliveries) != 2 {
		t.Errorf("one that nobody understands: %v, accepted %d", err, len(in.deliveries))
	}
}
