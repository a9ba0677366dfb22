package mirror

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// emptyTree is a tree that every repository has.
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// newTestPool reads an empty repository, and counts the processes that it starts.
func newTestPool(t *testing.T) (p *pool, started *[]*batch) {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("git", "init", "--quiet", "--bare", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	started = new([]*batch)
	p = newPool(func() (*batch, error) {
		b, err := startBatch(git{bin: "git", dir: dir, env: os.Environ()})
		*started = append(*started, b) // start is called under the pool's lock
		return b, err
	})
	t.Cleanup(p.close)
	return p, started
}

func askEmptyTree(b *batch) error {
	_, err := b.ask("info", emptyTree)
	return err
}

func TestPoolKeepsAndReplacesProcesses(t *testing.T) {
	p, started := newTestPool(t)
	for range 3 {
		if err := p.do(t.Context(), askEmptyTree); err != nil {
			t.Fatal(err)
		}
	}
	if len(*started) != 1 {
		t.Errorf("%d processes for three questions, want 1", len(*started))
	}
	err := p.do(t.Context(), func(b *batch) error { _, err := b.ask("info", strings.Repeat("ab", 20)); return err })
	if !isAbsent(err) || len(*started) != 1 {
		t.Errorf("unknown object: %v, %d processes", err, len(*started))
	}
	if err := (*started)[0].cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := p.do(t.Context(), askEmptyTree); err != nil {
		t.Errorf("after the process died: %v", err)
	}
	if len(*started) != 2 {
		t.Errorf("%d processes, want 2", len(*started))
	}
}

func TestPoolCancelsAndCloses(t *testing.T) {
	p, started := newTestPool(t)
	because := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	err := p.do(ctx, func(b *batch) error {
		cancel(because)
		_, err := b.out.ReadByte() // nothing was asked: only the end of the process ends this
		return err
	})
	if !errors.Is(err, because) {
		t.Errorf("cancelled: %v", err)
	}
	if err := p.do(ctx, askEmptyTree); !errors.Is(err, because) {
		t.Errorf("cancelled before: %v", err)
	}

	var users sync.WaitGroup
	for range batches {
		reading := make(chan struct{})
		users.Go(func() {
			err := p.do(t.Context(), func(b *batch) error {
				close(reading)
				_, err := b.out.ReadByte()
				return err
			})
			if !errors.Is(err, errClosed) {
				t.Errorf("closed meanwhile: %v", err)
			}
		})
		<-reading
	}
	p.close()
	users.Wait()
	p.close()
	if err := p.do(t.Context(), askEmptyTree); !errors.Is(err, errClosed) {
		t.Errorf("closed before: %v", err)
	}
	for _, b := range *started {
		if b.cmd.ProcessState == nil {
			t.Error("a process is left")
		}
	}
}

func TestPoolEndsIdleProcesses(t *testing.T) {
	p, started := newTestPool(t)
	p.idle = time.Millisecond
	if err := p.do(t.Context(), askEmptyTree); err != nil {
		t.Fatal(err)
	}
	for ended := false; !ended; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		ended = len(p.unused) == 0
		p.mu.Unlock()
	}
	if (*started)[0].cmd.ProcessState == nil {
		t.Error("the idle process still runs")
	}
}
