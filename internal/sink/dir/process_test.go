//go:build unix

package dir_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/dir"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

// roleVar makes the test binary play a process that uses a sink: its value is the role, the argument the root.
const roleVar = "TAMER_TEST_DIR_ROLE"

const (
	keys       = 3  // that the writer writes in turn
	increments = 40 // of one incrementing process
)

func TestMain(m *testing.M) {
	role, play := map[string]func(context.Context, sink.Sink) error{"write": write, "increment": increment}[os.Getenv(roleVar)]
	if !play {
		os.Exit(m.Run())
	}
	s, err := dir.Open(os.Args[1])
	if err == nil {
		err = role(context.Background(), s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write puts numbered bodies for ever, and prints each number once its Put has returned.
func write(ctx context.Context, s sink.Sink) error {
	for n := 0; ; n++ {
		if _, err := s.Put(ctx, writeKey(n), numbered(n), sink.Always); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func writeKey(n int) string { return fmt.Sprintf("customer-%d/config.yaml", n%keys) }

// numbered makes a body of varying length, each of whose lines tells the number.
func numbered(n int) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "%d\n", n), 2000+n%7*5000)
}

func increment(ctx context.Context, s sink.Sink) error {
	for range increments {
		if err := sinktest.Increment(ctx, s, "counter"); err != nil {
			return err
		}
	}
	return nil
}

func process(t *testing.T, role, root string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, root)
	cmd.Env = append(os.Environ(), roleVar+"="+role)
	cmd.Stderr = os.Stderr
	return cmd
}

func TestKilledWriterTearsNothing(t *testing.T) {
	root := t.TempDir()
	for round := range 8 {
		acknowledged := killAfter(t, root, 5+11*round)
		s := open(t, root) // also proves that the dead process holds no lock
		for k := range keys {
			body, _, err := s.Get(t.Context(), writeKey(k))
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := bytes.Cut(body, []byte("\n"))
			n, err := strconv.Atoi(string(first))
			if err != nil || !bytes.Equal(body, numbered(n)) {
				t.Fatalf("round %d: %q is torn: %d bytes that start with %q", round, writeKey(k), len(body), first)
			}
			if n < acknowledged-(keys-1) {
				t.Fatalf("round %d: %q holds writing %d although %d was acknowledged", round, writeKey(k), n, acknowledged)
			}
		}
		if _, err := s.Put(t.Context(), writeKey(0), []byte("0\n"), sink.Always); err != nil {
			t.Fatal(err)
		}
	}
}

// killAfter starts a writer, kills it after n acknowledged writings, and gives the last number that it acknowledged.
func killAfter(t *testing.T, root string, n int) int {
	t.Helper()
	cmd := process(t, "write", root)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	last := ""
	for range n {
		if last, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("read from the writer: %v", err)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the writer ended before it was killed")
	}
	if all := bytes.Split(bytes.TrimSpace(append([]byte(last), rest...)), []byte("\n")); len(all) > 0 {
		last = string(all[len(all)-1])
	}
	acknowledged, err := strconv.Atoi(last)
	if err != nil {
		t.Fatal(err)
	}
	return acknowledged
}

func TestProcessesTakeTurns(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	put(t, s, "counter", "0")
	var cmds []*exec.Cmd
	for range 2 {
		cmd := process(t, "increment", root)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, cmd)
	}
	if err := increment(t.Context(), s); err != nil {
		t.Error(err)
	}
	for _, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	body, _, err := s.Get(t.Context(), "counter")
	if want := strconv.Itoa(3 * increments); err != nil || string(body) != want {
		t.Errorf("counter = %q, %v; want %s", body, err, want)
	}
}

// A process that is stopped while it holds the lock delays writers until their deadline, and readers not at all.
func TestHeldLock(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	put(t, s, "k", "before")
	f, err := os.OpenFile(root+"/.tamer/tmp/lock", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Put(ctx, "k", []byte("after"), sink.Always); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Put while another holds the lock: %v, want %v", err, context.DeadlineExceeded)
	}
	if body, _, err := s.Get(t.Context(), "k"); err != nil || string(body) != "before" {
		t.Errorf("Get = %q, %v", body, err)
	}
	left, err := fs.Glob(os.DirFS(root), ".tamer/tmp/put-*")
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files left: %q, %v", left, err)
	}
}
