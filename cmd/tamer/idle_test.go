package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

// What the real program takes of a machine and of GitHub where nothing happens, after people have worked: memory as the system counts it, of
// which the most is pages of the program itself, without a garbage collection of the test's; and the calls of one minute, which hold one sweep.
// Run it with -benchtime 1x, on a program that is built as a release is (TAMER_TEST_BINARY, see .goreleaser.yaml). At most 60 MB and no write are
// wanted.
//
// Seen on 2026-11-23: 58 MB, of them 16 MB its own; 63 MB where the program holds what debuggers want.
func BenchmarkIdle(b *testing.B) {
	f := newFleet(b, 1, "")
	p := newPeople(f)
	for range 20 {
		p.act()
	}
	p.settle(5 * time.Minute)
	for len(f.writes()) > 0 { // what becomes of deploys is announced last
		f.Hub.ResetRequests()
		time.Sleep(20 * time.Second)
	}
	for b.Loop() {
		f.Hub.ResetRequests()
		time.Sleep(3 * time.Minute) // Go gives back to the system what it has not used for that long
		b.ReportMetric(float64(len(f.Hub.Requests()))/3, "calls/min")
		b.ReportMetric(float64(len(f.writes())), "writes")
		b.ReportMetric(f.replicas[0].memory("VmRSS:"), "MB")
		b.ReportMetric(f.replicas[0].memory("RssAnon:"), "own-MB")
	}
}

// writes are the calls that have changed something at GitHub.
func (f *fleet) writes() []fakegithub.Request {
	return slices.DeleteFunc(f.Hub.Requests(), func(r fakegithub.Request) bool { return !r.Write() })
}

// memory is a line of what Linux says of the process, in MB.
func (r *replica) memory(line string) float64 {
	r.t.Helper()
	status, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(r.cmd.Process.Pid), "status"))
	if err != nil {
		r.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), line)
	kilobytes := 0.0
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
		r.t.Fatal(err)
	}
	return kilobytes / 1024
}
