package app

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/github"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
	"github.com/tamerhq/tamer/internal/source"
	"github.com/tamerhq/tamer/internal/work"
)

func TestDeliveriesAreJudged(t *testing.T) {
	ok, lost := work.Sent{OK: true, Code: 202, Event: "push"}, work.Sent{Event: "push"}
	for name, c := range map[string]struct {
		sent []work.Sent
		well bool
		says string
	}{
		"none":           {nil, true, "no webhook was sent"},
		"all":            {[]work.Sent{ok, ok}, true, "all of the last 2"},
		"mended":         {[]work.Sent{ok, lost, lost}, true, "2 of the 2 before did not"},
		"broken of late": {[]work.Sent{lost, ok}, false, "1 of the last 2 webhooks did not arrive"},
	} {
		e := &examination{app: github.App{Page: "https://github.example.com/apps/tamer", Hook: "https://tamer.example.com/webhook"}, now: time.Now}
		e.delivered(c.sent)
		if got := e.all[0]; len(e.all) != 1 || (got.Do == "") != c.well || !strings.Contains(got.What, c.says) {
			t.Errorf("%s: %+v", name, e.all)
		}
	}
}

// careless is a store that writes whatever the condition says.
type careless struct{ sink.Sink }

func (c careless) Put(ctx context.Context, key string, body []byte, _ sink.Condition) (sink.Version, error) {
	return c.Sink.Put(ctx, key, body, sink.Always)
}

func TestAStoreIsTried(t *testing.T) {
	whole := new(sinktest.Memory)
	if err := tryStore(t.Context(), whole); err != nil {
		t.Error(err)
	}
	for o, err := range whole.List(t.Context(), "") {
		t.Errorf("left behind: %v, %v", o, err)
	}
	if err := tryStore(t.Context(), careless{new(sinktest.Memory)}); err == nil || !strings.Contains(err.Error(), "could overwrite each other") {
		t.Errorf("a store without conditions: %v", err)
	}
}

// aging is a store that was set to remove old previews, or not, and whose rules may be unreadable.
type aging struct {
	*sinktest.Memory
	by      bool
	err     error
	renewed *int
}

func (a aging) Expires(context.Context) (bool, error) { return a.by, a.err }
func (a aging) Expire(context.Context, map[string]int32) (bool, error) {
	panic("doctor writes no rules")
}
func (a aging) Renew(_ context.Context, keys []string) error { *a.renewed += len(keys); return nil }

func TestExpiryIsTried(t *testing.T) {
	renewed := 0
	for name, c := range map[string]struct {
		store         sink.Sink
		says, wrong   string
		wantedRenewed int
	}{
		"a plain store":             {new(sinktest.Memory), "tamer removes", "", 0},
		"one that is left to tamer": {aging{new(sinktest.Memory), false, nil, &renewed}, "tamer removes", "", 0},
		"one that does it itself":   {aging{new(sinktest.Memory), true, nil, &renewed}, "the store removes", "", 1},
		"one that hides its rules":  {aging{new(sinktest.Memory), true, errors.New("access denied"), &renewed}, "", "take lifecycle=true away", 0},
	} {
		renewed = 0
		says, err := tryExpiry(t.Context(), c.store)
		if !strings.HasPrefix(says, c.says) || (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) || renewed != c.wantedRenewed {
			t.Errorf("%s: %q, %v, %d renewed", name, says, err, renewed)
		}
	}
}

// A clock that is off is told with how far, and what mends it.
func TestClockIsCompared(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for off, well := range map[time.Duration]bool{0: true, 29 * time.Second: true, 31 * time.Second: false, -5 * time.Minute: false} {
		e := &examination{now: func() time.Time { return now.Add(off) }, app: github.App{Now: now}}
		e.clock()
		if got := e.all[0]; (got.Do == "") != well || !well && (!strings.Contains(got.What, off.Abs().String()) || !strings.Contains(got.Do, "NTP")) {
			t.Errorf("%s off: %+v", off, got)
		}
	}
}

// Live sources are asked whether they are there.
func TestSourcesAreReached(t *testing.T) {
	here := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(here.Close)
	queries := map[string]source.Query{"all": {Path: "/", JSON: "/*"}}
	e := &examination{now: time.Now, cfg: Config{Sources: map[string]source.Source{"here": {HTTP: here.URL, Queries: queries}, "gone": {HTTP: "http://127.0.0.1:1", Queries: queries}}}}
	e.sources(t.Context())
	if len(e.all) != 2 || e.all[1].Do != "" || !strings.Contains(e.all[0].What, "gone does not answer") || !strings.Contains(e.all[0].Do, "docs/live-data.md") {
		t.Errorf("%+v", e.all)
	}
}
