package app_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/app"
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
	for i := range n {
		w.change("acme/config", fmt.Sprintf("change-%d", i), map[string]string{"customers/acme/plan.yaml": fmt.Sprintf("name: %d\n", i)})
	}
	w.start(app.Options{})
	for end := time.Now().Add(time.Duration(n) * 5 * time.Second); !w.Server.Idle() && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
	}
	w.settle()
	w.must(w.Server.Stop(t.Context()))
	w.Hub.ResetRequests()
	w.start(app.Options{}) // which sweeps
	w.settle()
	calls := w.Hub.Requests()
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
