package simulation_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/simulation"
)

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

func TestHistories(t *testing.T) {
	first, many := number(t, "TAMER_TEST_SEED", 1), number(t, "TAMER_TEST_HISTORIES", 100)
	began, steps, attempts := time.Now(), 0, 0
	for seed := first; seed < first+many; seed++ {
		report := simulation.Play(t, seed, nil)
		steps, attempts = steps+report.Steps, attempts+report.Attempts
		if report.Failure != "" {
			t.Fatalf("seed %d: %s\nPlay it again: TAMER_TEST_SEED=%d go test ./internal/simulation -run TestOneHistory -v", seed, report.Failure, seed)
		}
	}
	n := float64(many)
	t.Logf("%d histories, %.0f steps and %.0f attempts each, %.2f ms each", many, float64(steps)/n, float64(attempts)/n, time.Since(began).Seconds()*1000/n)
}

func TestOneHistory(t *testing.T) {
	seed := number(t, "TAMER_TEST_SEED", 1)
	report := simulation.Play(t, seed, t.Output())
	if report.Failure != "" {
		t.Fatal(report.Failure)
	}
}

func TestSurvey(t *testing.T) {
	first, many := number(t, "TAMER_TEST_SEED", 1), number(t, "TAMER_TEST_HISTORIES", 100)
	began, steps, attempts := time.Now(), 0, 0
	for seed := first; seed < first+many; seed++ {
		report := simulation.Play(t, seed, nil)
		steps, attempts = steps+report.Steps, attempts+report.Attempts
		if report.Failure != "" {
			t.Logf("seed %d: %.300s", seed, report.Failure)
		}
	}
	n := float64(many)
	t.Logf("%d histories, %.0f steps and %.0f attempts each, %.2f ms each", many, float64(steps)/n, float64(attempts)/n, time.Since(began).Seconds()*1000/n)
}
