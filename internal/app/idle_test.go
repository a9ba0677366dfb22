package app_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/fakegithub"
)

// How many pull requests are open in TestIdle: more of them take the stand-in long. TAMER_TEST_OPEN_PULLS sets another number, as 200.
const openPulls = 8

// maxIdleCalls is how many calls of GitHub's API a sweep may take, whose first one of a process gets its tokens, too.
const maxIdleCalls = 10

// Where nothing happens nothing is written, and a sweep costs a handful of calls, however many pull requests are open.
func TestIdle(t *testing.T) {
	n := openPulls
	if text := os.Getenv("TAMER_TEST_OPEN_PULLS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	w := newWorld(t)
	w.create("acme/config", plans())
	w.start(app.Options{})
	for i := range n {
		pull := w.change("acme/config", fmt.Sprintf("change-%d", i), map[string]string{"customers/acme/plan.yaml": fmt.Sprintf("name: %d\n", i)})
		if i%10 == 9 || i == n-1 { // not all at once: a crowd of 200 would need more patience than a test has
			w.judged("acme/config", pull)
			w.settle()
		}
	}
	w.must(w.Server.Stop(t.Context()))
	w.Hub.ResetRequests()
	w.start(app.Options{}) // which sweeps
	w.until("the sweep", func() bool {
		return slices.ContainsFunc(w.Hub.Requests(), func(r fakegithub.Request) bool { return strings.HasSuffix(r.Path, "/pulls") })
	})
	w.settle()
	calls := slices.DeleteFunc(w.Hub.Requests(), func(r fakegithub.Request) bool {
		return r.Path == "/app/hook/deliveries" && r.Query.Has("cursor") // what GitHub has sent in the last ten minutes: nothing, where nothing happens
	})
	for _, r := range calls {
		if r.Write() {
			t.Errorf("written: %s %s", r.Method, r.Path)
		}
	}
	if len(calls) > maxIdleCalls {
		for _, r := range calls {
			t.Logf("%s %s?%s", r.Method, r.Path, r.Query.Encode())
		}
		t.Errorf("%d calls for %d open pull requests; at most %d are wanted", len(calls), n, maxIdleCalls)
	}
	t.Logf("%d open pull requests: %d calls", n, len(calls))
}
