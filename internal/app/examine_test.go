package app

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/github"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
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
