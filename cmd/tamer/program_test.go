package main

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// built is the directory of the program; see program.
var built string

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(built)
	os.Exit(code)
}

// binaryEnv names a tamer that was built before, to be tested instead.
const binaryEnv = "TAMER_TEST_BINARY"

// program builds tamer as people run it, once, and gives its path.
var program = sync.OnceValues(func() (path string, err error) {
	if path := os.Getenv(binaryEnv); path != "" {
		return path, nil
	}
	if built, err = os.MkdirTemp("", "tamer-program"); err != nil {
		return "", err
	}
	path = filepath.Join(built, "tamer")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build tamer: %w\n%s", err, out)
	}
	return path, nil
})

// A replica is one tamer, as a process. It is started anew at the same address after each end.
type replica struct {
	t       testing.TB
	bin     string
	env     []string
	address string // host:port
	admin   string // the same, for operators
	client  *http.Client
	log     string // the file that holds what it has written
	up      atomic.Bool
	cmd     *exec.Cmd
	ended   chan error // what its process has ended with
}

// newReplica does not start it.
func newReplica(t testing.TB, dir string, settings map[string]string) *replica {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	r := &replica{t: t, bin: bin, address: freeAddress(t), admin: freeAddress(t), log: dir + ".log",
		client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}}
	settings = maps.Clone(settings)
	maps.Copy(settings, map[string]string{"TAMER_LISTEN": r.address, "TAMER_ADMIN_LISTEN": r.admin, "TAMER_DATA_DIR": dir})
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "TAMER_") {
			r.env = append(r.env, v)
		}
	}
	for name, value := range settings {
		r.env = append(r.env, name+"="+value)
	}
	return r
}

// freeAddress is one on loopback where nobody listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start starts it, and waits until it is ready.
func (r *replica) start() error {
	log, err := os.OpenFile(r.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	r.cmd = exec.Command(r.bin, "serve")
	r.cmd.Env, r.cmd.Stderr = r.env, log
	if err := r.cmd.Start(); err != nil {
		return err
	}
	r.ended = make(chan error, 1)
	go func(cmd *exec.Cmd, ended chan<- error) { ended <- cmd.Wait() }(r.cmd, r.ended)
	for end := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		select {
		case err := <-r.ended:
			return fmt.Errorf("tamer serve ended by itself: %v\n%s", err, r.lastWords())
		default:
		}
		if resp, err := r.client.Get("http://" + r.address + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				r.up.Store(true)
				return nil
			}
		}
		if time.Now().After(end) {
			return fmt.Errorf("tamer serve is not ready after a minute\n%s", r.lastWords())
		}
	}
}

// kill is kill -9.
func (r *replica) kill() {
	r.up.Store(false)
	_ = r.cmd.Process.Kill()
	<-r.ended
}

// stop has it end by itself; the error says that it could not.
func (r *replica) stop() error {
	r.up.Store(false)
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-r.ended:
		if err != nil {
			err = fmt.Errorf("end of tamer serve: %w\n%s", err, r.lastWords())
		}
		return err
	case <-time.After(time.Minute):
		r.kill()
		return fmt.Errorf("tamer serve goes on a minute after SIGTERM\n%s", r.lastWords())
	}
}

// lastWords is the end of its log.
func (r *replica) lastWords() string {
	text, _ := os.ReadFile(r.log)
	return string(text[max(0, len(text)-4000):])
}
