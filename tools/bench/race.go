package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// A runner is one of the two, with what each of its runs has cost.
type runner struct {
	name      string
	directory string
	command   []string

	cpu, wall, rss []float64 // seconds, seconds, MiB
}

// race runs two commands in turn, so that noise of the machine meets both, and compares what they cost.
func race(args []string) error {
	flags := flag.NewFlagSet("race", flag.ContinueOnError)
	runs := flags.Int("runs", 5, "runs of each that are counted, after one that is not")
	maxCPU := flags.Float64("cpu", 0, "most that the median CPU time of the first may be, as a share of the second's; 0: anything")
	maxRSS := flags.Float64("rss", 0, "most that the peak memory of the first may be in any run, in MiB; 0: anything")
	if err := flags.Parse(args); err != nil {
		return err
	}
	rest := flags.Args()
	split := slices.Index(rest, "--")
	if *runs < 1 || split < 3 || len(rest)-split-1 < 3 {
		return errors.New("race takes NAME DIRECTORY COMMAND -- NAME DIRECTORY COMMAND")
	}
	a, b := newRunner(rest[:split]), newRunner(rest[split+1:])
	for i := range *runs + 1 {
		for _, r := range []*runner{a, b} {
			if err := r.run(i > 0); err != nil {
				return err
			}
		}
	}
	report(a, b)
	return a.judge(b, *maxCPU, *maxRSS)
}

func newRunner(args []string) *runner {
	return &runner{name: args[0], directory: args[1], command: args[2:]}
}

// run runs the command to its end, which must be a success, with its output thrown away and on two processors.
func (r *runner) run(count bool) error {
	cmd := exec.Command(r.command[0], r.command[1:]...)
	cmd.Dir = r.directory
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	cmd.Stderr = os.Stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return fmt.Errorf("run %s: %w", r.name, err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return fmt.Errorf("read what %s has used: unknown on %s", r.name, runtime.GOOS)
	}
	if count {
		r.cpu = append(r.cpu, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
		r.wall = append(r.wall, wall.Seconds())
		r.rss = append(r.rss, peakMiB(usage))
	}
	return nil
}

// peakMiB reads ru_maxrss, which counts KiB, but bytes on macOS. Source: getrusage(2) of both.
func peakMiB(usage *syscall.Rusage) float64 {
	if runtime.GOOS == "darwin" {
		return float64(usage.Maxrss) / (1 << 20)
	}
	return float64(usage.Maxrss) / (1 << 10)
}

func report(a, b *runner) {
	fmt.Printf("%-14s %28s %28s %28s\n", fmt.Sprintf("%d runs each", len(a.cpu)), "CPU s, median (min–max)", "wall s", "peak memory MiB")
	for _, r := range []*runner{a, b} {
		fmt.Printf("%-14s %28s %28s %28s\n", r.name, spread(r.cpu, 2), spread(r.wall, 2), spread(r.rss, 0))
	}
	fmt.Printf("%-14s %28.2f %28.2f %28.2f\n", "ratio", median(a.cpu)/median(b.cpu), median(a.wall)/median(b.wall), median(a.rss)/median(b.rss))
}

// judge gives an error where the first has used more than it may.
func (r *runner) judge(other *runner, maxCPU, maxRSS float64) error {
	var errs []error
	if ratio := median(r.cpu) / median(other.cpu); maxCPU > 0 && ratio > maxCPU {
		errs = append(errs, fmt.Errorf("%s took %.2f of the CPU time of %s; at most %.2f is wanted", r.name, ratio, other.name, maxCPU))
	}
	if peak := slices.Max(r.rss); maxRSS > 0 && peak > maxRSS {
		errs = append(errs, fmt.Errorf("%s took %.0f MiB of memory; at most %.0f is wanted", r.name, peak, maxRSS))
	}
	return errors.Join(errs...)
}

func spread(v []float64, digits int) string {
	return fmt.Sprintf("%.*f (%.*f–%.*f)", digits, median(v), digits, slices.Min(v), digits, slices.Max(v))
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
