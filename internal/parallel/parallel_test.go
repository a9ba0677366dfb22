package parallel_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tamerhq/tamer/internal/parallel"
)

func itself(s string) string { return s }

func numbered(n int) (files []string) {
	for i := range n {
		files = append(files, fmt.Sprint("file", i))
	}
	return files
}

func TestEveryFileOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 63, 64, 65, 1000} {
		for _, workers := range []int{-1, 0, 1, 3, 5000} {
			done := make([]atomic.Int32, n)
			err := parallel.Each(numbered(n), itself, parallel.Options{Workers: workers}, func(i int, f string) error {
				if want := fmt.Sprint("file", i); f != want {
					t.Errorf("%s is taken for %s", f, want)
				}
				done[i].Add(1)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for i := range done {
				if got := done[i].Load(); got != 1 {
					t.Errorf("%d files, %d workers: file %d was worked on %d times", n, workers, i, got)
				}
			}
		}
	}
}

func TestNoMoreAtOnceThanWorkers(t *testing.T) {
	var now, most atomic.Int32
	var together sync.WaitGroup
	together.Add(3) // the first three wait for each other
	err := parallel.Each(numbered(30), itself, parallel.Options{Workers: 3}, func(i int, _ string) error {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		if i < 3 {
			together.Done()
			together.Wait()
		}
		now.Add(-1)
		return nil
	})
	if err != nil || most.Load() != 3 {
		t.Errorf("%d at once, and the error is %v; want 3 and none", most.Load(), err)
	}
}

func TestProgressIsToldNowAndThen(t *testing.T) {
	var told []string // calls do not overlap: the race detector would see it
	tell := func(done, total int) { told = append(told, fmt.Sprintf("%d of %d", done, total)) }
	if err := parallel.Each(numbered(130), itself, parallel.Options{Workers: 4, Progress: tell}, func(int, string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if want := []string{"64 of 130", "128 of 130", "130 of 130"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestAnErrorEndsTheWork(t *testing.T) {
	failure, last := errors.New("no room on the disk"), 0
	err := parallel.Each(numbered(100), itself, parallel.Options{Workers: 1}, func(i int, _ string) error {
		if last = i; i == 7 {
			return failure
		}
		return nil
	})
	if !errors.Is(err, failure) || last != 7 {
		t.Errorf("the error is %v, and file %d was the last; want %v, and 7", err, last, failure)
	}
}

func TestAPanicNamesTheFile(t *testing.T) {
	err := parallel.Each(numbered(10), itself, parallel.Options{}, func(i int, _ string) error {
		if i == 3 {
			panic("index out of range")
		}
		return nil
	})
	if err == nil || err.Error() != "file3: index out of range" {
		t.Errorf("got %v", err)
	}
}
