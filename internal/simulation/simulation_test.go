package simulation_test

import (
	"os"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/internal/simulation"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // histories are short, and there are many
	goleak.VerifyTestMain(m)
}

// number gives what an environment variable says.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// told is after how many histories it is told how far the test is.
const told = 10_000

// All statements hold of TAMER_TEST_HISTORIES histories, from the seed TAMER_TEST_SEED on. It ends with the failure that
// TAMER_TEST_FAILURES says.
func TestHistories(t *testing.T) {
	first, many := number(t, "TAMER_TEST_SEED", 1), number(t, "TAMER_TEST_HISTORIES", 100)
	began, steps, attempts, failed := time.Now(), 0, 0, uint64(0)
	for n := range many {
		report := simulation.Play(t, first+n, nil)
		steps, attempts = steps+report.Steps, attempts+report.Attempts
		if report.Failure != "" {
			t.Errorf("seed %d: %s\nPlay it again, step by step: TAMER_TEST_SEED=%d go test ./internal/simulation -run TestOneHistory -v",
				report.Seed, report.Failure, report.Seed)
			if failed++; failed == number(t, "TAMER_TEST_FAILURES", 1) {
				return
			}
		}
		if n+1 == many || (n+1)%told == 0 {
			each := func(all int) int { return all / int(n+1) }
			t.Logf("%d histories, %d steps and %d attempts each, %s each", n+1, each(steps), each(attempts), (time.Since(began) / time.Duration(n+1)).Round(time.Microsecond))
		}
	}
}

// The history of TAMER_TEST_SEED, step by step.
func TestOneHistory(t *testing.T) {
	report := simulation.Play(t, number(t, "TAMER_TEST_SEED", 1), t.Output())
	if report.Failure != "" {
		t.Fatal(report.Failure)
	}
}

// The same seed gives the same history, step by step: also when much is known of the contents by then.
func TestASeedReplaysExactly(t *testing.T) {
	other := map[uint64]bool{}
	for seed := range uint64(20) {
		first, second := simulation.Play(t, seed, nil), simulation.Play(t, seed, nil)
		if first != second {
			t.Errorf("%+v, and then %+v", first, second)
		}
		other[first.Trace] = true
	}
	if len(other) < 20 {
		t.Errorf("20 seeds give %d histories", len(other))
	}
}
