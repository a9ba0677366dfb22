//go:build unix

package shiptest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/tamerhq/tamer/internal/ship"
	"github.com/tamerhq/tamer/internal/sink"
)

// A Storm is Torn with processes that are really killed and really paused, over lines that really fail.
type Storm struct {
	Sound   sink.Sink        // for readers
	Worker  func() *exec.Cmd // a process that is about to Play
	Lines   []string         // addresses of the store, each with faults of its own on the way
	Deploys int              // of the branch, at least
	Reads   int              // at least
	Readers int
}

// points are the steps of a deploy at which workers are killed and paused.
var points = []ship.Point{ship.Packed, ship.Released, ship.Journaled, ship.Removed, ship.Writing, ship.Written, ship.Moved}

// Run deploys until there are enough deploys and reads, and some of everything that may become of a worker, and logs what happened.
func (s Storm) Run(t *testing.T) {
	t.Helper()
	var tip atomic.Int64
	read := follow(t, s.Sound, &tip, s.Readers)
	f := &fleet{t: t, storm: s, tip: &tip, killed: map[ship.Point]int{}, paused: map[ship.Point]int{}}
	f.workers = [2]*worker{f.start(), f.start()}
	for round := 0; !t.Failed() && (tip.Load() < int64(s.Deploys) || read.reads.Load() < int64(s.Reads) || !f.metAll()); round++ {
		f.round(round)
	}
	for _, w := range f.workers {
		w.kill()
	}
	reads := read.end(t, &tip)
	t.Logf("%d commits, %d deploys done, %d failed, %d previews; killed %v, paused %v; %d reads, no mix, none backward", tip.Load(), f.done, f.failed, f.previews, f.killed, f.paused, reads)
}

// metAll tells whether workers were killed and paused: somewhere, and in a long storm at every point.
func (f *fleet) metAll() bool {
	least := 1
	if f.storm.Deploys >= 100 {
		least = len(points)
	}
	return len(f.killed) >= least && len(f.paused) >= least && f.done > 0 && f.previews > 0
}

// A fleet is two workers and what became of them.
type fleet struct {
	t       *testing.T
	storm   Storm
	tip     *atomic.Int64
	workers [2]*worker
	lines   int // that were used

	done, failed, previews int
	killed, paused         map[ship.Point]int
}

// round has one commit deployed, whose worker is killed or paused at a step, or neither: each step comes to each in turn.
func (f *fleet) round(n int) {
	at := points[n%len(points)]
	switch n % 4 {
	case 0: // killed before its next step
		f.deploy(0, at, func(w *worker) { w.kill() })
	case 1: // killed somewhere in its next step
		f.deploy(0, at, func(w *worker) { w.say("go"); w.kill() })
	case 2: // paused somewhere in its next step, while the other one deploys what came later
		f.deploy(0, at, func(w *worker) {
			w.say("go")
			w.signal(syscall.SIGSTOP)
			f.deploy(1, "", nil)
			w.signal(syscall.SIGCONT)
		})
	default:
		f.deploy(0, "", nil)
		f.previews += f.play(1, fmt.Sprint("preview ", n), "", nil)
	}
}

func (f *fleet) deploy(who int, at ship.Point, meet func(*worker)) {
	done := f.play(who, fmt.Sprint("deploy ", f.tip.Add(1)), at, meet)
	f.done += done
	f.failed += 1 - done
}

// play has a worker do what it is told, and meets it once at a step. It gives 1 for what was done.
func (f *fleet) play(who int, order string, at ship.Point, meet func(*worker)) int {
	w := f.workers[who]
	f.lines++
	w.say(order + " " + f.storm.Lines[f.lines%len(f.storm.Lines)])
	for {
		answer, alive := w.hear()
		step, stands := strings.CutPrefix(answer, "at ")
		switch {
		case !alive:
			f.t.Fatalf("a worker died of itself after %q", order)
		case !stands:
			if answer != "done" {
				f.t.Log(order, answer)
				return 0
			}
			return 1
		case ship.Point(step) != at || meet == nil:
			w.say("go")
			continue
		}
		meet(w)
		meet = nil
		if w.dead {
			f.killed[at]++
			f.workers[who] = f.start()
			return 0
		}
		f.paused[at]++
	}
}

// A worker is a process that deploys.
type worker struct {
	t    *testing.T
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	dead bool
}

func (f *fleet) start() *worker {
	w := &worker{t: f.t, cmd: f.storm.Worker()}
	w.cmd.Stderr = os.Stderr
	in, err := w.cmd.StdinPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	w.in, w.out = in, bufio.NewReader(out)
	f.t.Cleanup(w.kill)
	return w
}

func (w *worker) say(line string) { fmt.Fprintln(w.in, line) }

func (w *worker) hear() (string, bool) {
	line, err := w.out.ReadString('\n')
	return strings.TrimSpace(line), err == nil
}

func (w *worker) signal(s syscall.Signal) {
	if err := w.cmd.Process.Signal(s); err != nil {
		w.t.Error(err)
	}
}

// kill ends the process as kill -9 does.
func (w *worker) kill() {
	if w.dead {
		return
	}
	w.dead = true
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
}
