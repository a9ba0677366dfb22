package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Webhooks without end, and people who work meanwhile: what tamer holds after all of them should be what it held after the first tenth. Run
// it with -benchtime 100000x.
func BenchmarkSoak(b *testing.B) {
	f := newFleet(b, 1, "")
	p := newPeople(f)
	p.settle(5 * time.Minute)
	var early holding
	var all sync.WaitGroup
	const senders = 8
	b.ResetTimer()
	for done := 0; done < b.N; {
		step := min(max(b.N/10, 1), b.N-done)
		for range senders {
			all.Go(func() {
				for range step / senders {
					f.deliver()
				}
			})
		}
		for range max(step/500, 1) {
			p.act()
		}
		all.Wait()
		done += step
		p.settle(10 * time.Minute)
		now := f.replicas[0].holds()
		b.Logf("after %d: %+v", done, now)
		if early == (holding{}) {
			early = now
		}
	}
	b.StopTimer()
	late := f.replicas[0].holds()
	for name, v := range map[string][2]int{"goroutines": {early.Goroutines, late.Goroutines}, "files": {early.Files, late.Files}, "MB": {early.Megabytes, late.Megabytes}} {
		b.ReportMetric(float64(v[0]), "early-"+name)
		b.ReportMetric(float64(v[1]), "late-"+name)
	}
	p.checkTwice()
}

// Webhooks at the pace of a busy company, while people work and nothing fails: how long GitHub waits until one is stored. Run it with
// -benchtime 10000x.
func BenchmarkAcknowledge(b *testing.B) {
	for name, c := range databases {
		b.Run(name, func(b *testing.B) {
			f := newFleet(b, c.replicas, c.start(b))
			p := newPeople(f)
			p.settle(5 * time.Minute)
			over := make(chan struct{})
			close(over)
			b.ResetTimer()
			f.load(b.N, over)
			b.StopTimer()
			p.settle(10 * time.Minute)
			for _, percent := range []int{50, 99, 100} {
				b.ReportMetric(float64(f.acknowledged(percent))/float64(time.Millisecond), fmt.Sprintf("p%d-ms", percent))
			}
			p.checkTwice()
		})
	}
}

// A holding is what a process has of the machine.
type holding struct{ Goroutines, Files, Megabytes int }

// holds asks the system and tamer itself, which has collected its garbage.
func (r *replica) holds() (h holding) {
	r.t.Helper()
	read := func(path string) string {
		resp, err := r.client.Get("http://" + r.admin + path)
		if err != nil {
			r.t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			r.t.Fatal(err)
		}
		return string(text)
	}
	_ = read("/debug/pprof/heap?gc=1&debug=1")
	if _, err := fmt.Sscanf(read("/debug/pprof/goroutine?debug=1"), "goroutine profile: total %d", &h.Goroutines); err != nil {
		r.t.Fatal(err)
	}
	proc := filepath.Join("/proc", fmt.Sprint(r.cmd.Process.Pid))
	files, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		r.t.Fatal(err)
	}
	h.Files = len(files)
	h.Megabytes = int(r.memory("VmRSS:"))
	return h
}
