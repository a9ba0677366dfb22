package dir

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// A lock lets one writer at a time into a directory: of this Sink by turn, of all Sinks by a lock on a file, which the
// system frees when its process dies.
type lock struct {
	turn chan struct{} // holds one token while somebody is in
	file *os.File
}

func newLock(f *os.File) *lock { return &lock{turn: make(chan struct{}, 1), file: f} }

func (l *lock) close() error { return l.file.Close() }

// do runs f alone. The context bounds the wait, not f.
func (l *lock) do(ctx context.Context, f func() error) (err error) {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	if err := l.acquire(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlockFile(l.file)) }()
	return f()
}

// acquire asks for the file lock again and again, since a wait in the system call would not heed the context. The
// holder has it for the time of a rename.
func (l *lock) acquire(ctx context.Context) error {
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, 20*time.Millisecond) {
		got, err := tryLockFile(l.file)
		if err != nil {
			return fmt.Errorf("lock the sink directory: %w", err)
		}
		if got {
			return nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("wait for another writer of the sink directory: %w", ctx.Err())
		}
	}
}
