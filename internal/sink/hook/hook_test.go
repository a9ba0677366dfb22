package hook_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/internal/ship/shiptest"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/hook"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, address, secret string) *hook.Sink {
	t.Helper()
	cfg, err := hook.Parse(address, secret)
	if err != nil {
		t.Fatal(err)
	}
	s := hook.Open(cfg)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// service runs the example of docs/sinks.md, as it stands there, with a new store.
func service(t *testing.T) (address string) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("there is no python3: install the package python3")
	}
	if err != nil {
		t.Skip("there is no python3: install the package python3 to run this test")
	}
	text, err := os.ReadFile("../../../docs/sinks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```python\n")
	program, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("docs/sinks.md has no example")
	}
	dir := t.TempDir()
	for name, body := range map[string]string{"sink.py": program, "secret": "hunter2\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(at)
	server := exec.Command(python, filepath.Join(dir, "sink.py"), port, filepath.Join(dir, "secret"), ":memory:") // SQLite keeps it in memory: no wait for the disk
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	await(t, at)
	return "hook+http://" + at + "/"
}

func await(t *testing.T, at string) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := net.Dial("tcp", at); err == nil {
			c.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the example does not listen")
		}
	}
}

func TestDocumentedService(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sink.Sink { return open(t, service(t), "hunter2") })
	t.Run("never torn", func(t *testing.T) {
		address := service(t)
		t.Logf("%d reads", shiptest.Torn(t, shiptest.Faulty(open(t, address, "hunter2"), 30), open(t, address, "hunter2")))
	})
	t.Run("steps", func(t *testing.T) { shiptest.Steps(t, open(t, service(t), "hunter2"), nil) })
	stranger := open(t, service(t), "hunter3")
	_, err := stranger.Put(t.Context(), "k", nil, sink.Always)
	wantWords(t, err, "the service refuses the signature (HTTP status 403): give both the same secret")
}

func wantWords(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter") {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// What a service answers that is not as it should be, and what tamer makes of it.
func TestAnswers(t *testing.T) {
	get := func(ctx context.Context, s sink.Sink) error { _, _, err := s.Get(ctx, "k"); return err }
	put := func(ctx context.Context, s sink.Sink) error { _, err := s.Put(ctx, "k", nil, sink.Always); return err }
	list := func(ctx context.Context, s sink.Sink) error {
		for _, err := range s.List(ctx, "a/") {
			if err != nil {
				return err
			}
		}
		return nil
	}
	for _, c := range []struct {
		ask    func(context.Context, sink.Sink) error
		status int
		answer string
		want   string
	}{
		{get, 200, `{"version":"1"}`, "lacks a body or a version"},
		{get, 200, `{"body":""}`, "lacks a body or a version"},
		{get, 200, `<html>hunter2`, "is not the JSON that docs/sinks.md asks for"},
		{get, 404, `<html>no such page`, "HTTP status 404: look at its log"},
		{get, 302, ``, "HTTP status 302"},
		{get, 500, `hunter2`, "HTTP status 500"},
		{get, 0, "hunter2\r\n\r\n", "the answer is not HTTP"},
		{get, 401, ``, "refuses the signature"},
		{put, 200, `{"versions":{"other":"1"}}`, `lacks the version of "k"`},
		{put, 409, `<html>`, "HTTP status 409"},
		{put, 404, `{}`, "HTTP status 404"},
		{list, 200, `{"objects":[{"key":"b/1","version":"1"}]}`, `the answer lists "b/1"`},
		{list, 200, `{"objects":[{"key":"a/2","version":"1"},{"key":"a/1","version":"1"}]}`, `the answer lists "a/1"`},
		{list, 200, `{"objects":[{"key":"a/1","version":""}]}`, `with the version ""`},
		{list, 200, `{"objects":[{"key":"a/../b","version":"1"}]}`, `the answer lists "a/../b"`},
		{list, 200, `{"objects":[{"key":"a/1","version":"1"}],"more":true}`, `the answer lists "a/1" with the version "1" after "a/1"`},
		{list, 200, `{"objects":[],"more":true}`, "that there is more"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c.status == 0 {
				conn, _, _ := w.(http.Hijacker).Hijack()
				io.WriteString(conn, c.answer)
				conn.Close()
				return
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			io.WriteString(w, c.answer)
		}))
		s := open(t, "hook+"+server.URL+"/path?token=hunter2", "hunter2")
		err := c.ask(t.Context(), s)
		wantWords(t, err, c.want)
		if errors.Is(err, sink.ErrConflict) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v is taken for an answer of a store", err)
		}
		server.Close()
		if err := c.ask(t.Context(), s); err == nil || strings.Contains(err.Error(), "hunter") {
			t.Errorf("without a service: %v", err)
		}
	}
}

// A service that does not heed conditions is refused before anything is written under one.
func TestConditionsIgnored(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), `"key":".tamer/probe/`) {
			t.Errorf("posted %s", body)
		}
		key, _, _ := strings.Cut(string(body[strings.Index(string(body), ".tamer"):]), `"`)
		io.WriteString(w, `{"versions":{"`+key+`":"1"}}`)
	}))
	defer server.Close()
	err := sink.Apply(t.Context(), open(t, "hook+"+server.URL, "hunter2"), []sink.Step{{Key: "k", Cond: sink.IfAbsent()}})
	wantWords(t, err, "does not heed conditions")
}

func TestParse(t *testing.T) {
	for address, want := range map[string]string{
		"hook+https://x.example.com/sink?token=hunter2": "hook+https://x.example.com/sink",
		"hook+http://[::1]:80":                          "hook+http://[::1]:80",
	} {
		if got, err := hook.Parse(address, "hunter2"); err != nil || got.String() != want {
			t.Errorf("%s: %v, %v", address, got, err)
		}
	}
	for address, want := range map[string]string{
		"https://x.example.com":                "write hook+https://HOST/PATH",
		"hook+https://bob:hunter2@example.com": "write hook+https://HOST/PATH",
		"hook+http://x.example.com":            "hook+http:// is allowed for",
		"hook+ftp://x.example.com":             "write hook+https://HOST/PATH",
	} {
		_, err := hook.Parse(address, "hunter2")
		wantWords(t, err, want)
	}
	_, err := hook.Parse("hook+https://x.example.com", "")
	wantWords(t, err, "set the sink's secret too")
}
