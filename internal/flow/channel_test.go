package flow_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
)

// channel gives the production channel of the hub's store.
func (h *hub) channel(t *testing.T) (c release.Channel) {
	t.Helper()
	if err := json.Unmarshal([]byte(h.store.Objects()[release.ChannelKey(release.Production)]), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// operator gives the hub's store as the command line opens it.
func (h *hub) operator(t *testing.T) *ship.Store {
	t.Helper()
	s, err := ship.New(ship.Config{Sink: &h.store, Owner: release.Owner{Repository: h.repo.String()}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *hub) resume(t *testing.T) {
	t.Helper()
	if _, err := h.operator(t).Resume(t.Context(), "ana", "meant"); err != nil {
		t.Fatal(err)
	}
}
