package simulation_test

import (
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/simulation"
)

// GitHub refuses everything for an hour, while webhooks come, as many as TAMER_TEST_EVENTS says: no call is sent when GitHub wants none, no
// event is lost, and all is worked off within five minutes.
func TestGitHubRefusesEverythingForAnHour(t *testing.T) {
	events := number(t, "TAMER_TEST_EVENTS", 500)
	r := simulation.Outage(t, int(min(200, max(20, events/50))), int(events))
	t.Logf("%+v", r)
	if r.Failure != "" {
		t.Error(r.Failure)
	}
	if r.Refused == 0 || r.Refused > 120 || r.Early != 0 {
		t.Errorf("%d calls were refused, and %d came inside a Retry-After", r.Refused, r.Early)
	}
	if r.Failures > 2 {
		t.Errorf("a key has lost %d attempts", r.Failures)
	}
	if r.Drained > 5*time.Minute {
		t.Errorf("drained after %s", r.Drained)
	}
}
