package github

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

// What was sent can be read again, whatever became of it, over more than one page.
func TestDeliveriesAgainstFake(t *testing.T) {
	fake, client, repo := startFake(t, time.Now)
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	defer door.Close()
	fake.SetHookFaults(fakegithub.HookFaults{Drop: 1}) // of the ping
	fake.SetWebhook(door.URL, "secret")
	const pushes = 60 // of which GitHub tells more than once
	for range pushes {
		_, err := fake.Push(repo.String(), "main", fakegithub.Change{Files: map[string][]byte{"f": []byte(time.Now().String())}})
		must(t, err)
	}
	must(t, fake.Wait(t.Context()))
	n, failed := 0, 0
	for s, err := range client.Deliveries(t.Context()) {
		must(t, err)
		if n++; s.OK {
			continue
		}
		failed++
		body, err := client.Payload(t.Context(), s) // what the app is told first: that it has an address
		must(t, err)
		var payload struct{ Zen string }
		must(t, json.Unmarshal(body, &payload))
		if payload.Zen == "" || s.GUID == "" || s.Event != "ping" || time.Since(s.At) > time.Minute {
			t.Errorf("%+v: %s", s, body)
		}
	}
	if n <= perPage || failed != 1 {
		t.Errorf("%d deliveries, %d of them failed", n, failed)
	}
}
