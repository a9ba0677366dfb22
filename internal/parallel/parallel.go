// Package parallel does the same to many files by several workers.
package parallel

import (
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Options say how the work goes on.
type Options struct {
	Workers  int                   // files at once; 0 or less for as many as there are processors
	Progress func(done, total int) // if set, is told now and then how many have been begun; calls do not overlap
}

// often is after how many files progress is told.
const often = 64

// Each calls do for each of the files, beginning with the first ones, until an error, which it gives. A panic over one file, which only
// hostile input could cause, is an error that names it.
func Each[File any](files []File, name func(File) string, o Options, do func(i int, f File) error) error {
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var (
		mu     sync.Mutex
		begun  int
		failed bool
		group  errgroup.Group
	)
	take := func() (i int, more bool) {
		mu.Lock()
		defer mu.Unlock()
		if begun == len(files) || failed {
			return 0, false
		}
		if begun++; o.Progress != nil && (begun%often == 0 || begun == len(files)) {
			o.Progress(begun, len(files))
		}
		return begun - 1, true
	}
	for range min(workers, len(files)) {
		group.Go(func() error {
			for i, more := take(); more; i, more = take() {
				if err := safely(i, files[i], name, do); err != nil {
					mu.Lock()
					defer mu.Unlock()
					failed = true
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

func safely[File any](i int, f File, name func(File) string, do func(int, File) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v", name(f), p)
		}
	}()
	return do(i, f)
}
