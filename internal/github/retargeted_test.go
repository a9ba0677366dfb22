package github

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/work"
)

// Of all that happened to a pull request the last change of its base is found, by whatever hand; as the app, and as a person.
func TestRetargetedAgainstFake(t *testing.T) {
	var minutes atomic.Int64
	fake, client, repo := startFake(t, func() time.Time { return time.Now().Add(time.Duration(minutes.Load()) * time.Minute) })
	const name = "acme/configs"
	person := readerOf(t, fake, annsToken(t, fake))
	if at, err := client.Retargeted(t.Context(), repo, 1); err != nil || !at.IsZero() {
		t.Errorf("never retargeted: %s, %v", at, err)
	}
	_, err := fake.Push(name, "side", fakegithub.Change{Files: map[string][]byte{"x": nil}})
	must(t, err)
	must(t, fake.RetargetPull(name, 1, "side", ""))
	side, err := fake.OpenPull(name, fakegithub.Pull{Head: "side"})
	must(t, err)
	first, err := client.Retargeted(t.Context(), repo, 1)
	must(t, err)
	minutes.Add(1)
	_, err = fake.Merge(name, side, "merge", "acme")
	must(t, err)
	must(t, fake.DeleteBranch(name, "side", "acme")) // brings it to main
	byApp, err := client.Retargeted(t.Context(), repo, 1)
	must(t, err)
	byPerson, err := person.Retargeted(t.Context(), repo, 1)
	must(t, err)
	if first.IsZero() || !byApp.After(first) || !byPerson.Equal(byApp) {
		t.Errorf("retargeted at %s, then at %s, as a person sees it at %s", first, byApp, byPerson)
	}
}

func TestRetargetedOnAnyPage(t *testing.T) {
	const path = "GET /repos/acme/configs/issues/12/events"
	event := func(name string, second int) string {
		return fmt.Sprintf(`{"id":1,"event":%q,"created_at":"2026-01-02T03:04:%02dZ"}`, name, second)
	}
	h, client := newHub(t)
	h.on(path, 200, "["+event("labeled", 1)+","+event("base_ref_changed", 2)+"]", "Link", `<HUB/x?page=2>; rel="next"`)
	h.on(path+" page 2", 200, "["+event("automatic_base_change_succeeded", 3)+","+event("base_ref_deleted", 4)+"]")
	at, err := client.Retargeted(t.Context(), repo, 12)
	if want := time.Date(2026, 1, 2, 3, 4, 3, 0, time.UTC); err != nil || !at.Equal(want) {
		t.Errorf("%s, %v; want %s", at, err, want)
	}
	for page := 2; page <= maxEvents/perPage; page++ {
		h.on(fmt.Sprintf("%s page %d", path, page), 200, "["+event("labeled", 5)+"]", "Link", fmt.Sprintf(`<HUB/x?page=%d>; rel="next"`, page+1))
	}
	h.asked()
	_, err = client.Retargeted(t.Context(), repo, 12)
	if !work.IsPermanent(err) || !strings.Contains(err.Error(), "more than 1000") || len(h.asked()) != maxEvents/perPage {
		t.Errorf("too many events: %v", err)
	}
}
