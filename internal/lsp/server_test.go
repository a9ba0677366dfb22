package lsp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/examples"
	"github.com/tamerhq/tamer/internal/lsp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func config(root string) lsp.Config {
	return lsp.Config{Build: "test", Now: time.Now, Find: func(context.Context, string) (lsp.Repository, error) { return lsp.Repository{Root: root}, nil }}
}

// shop is the example repository in a directory of its own, outside of Git.
func shop(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, examples.Shop()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func frame(messages ...string) string {
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(m), m)
	}
	return b.String()
}

// An outlet is what a server writes, for a test that waits for something in it.
type outlet struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{} // closed, and made anew, when there is more
}

func newOutlet() *outlet { return &outlet{more: make(chan struct{})} }

func (o *outlet) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.more)
	o.more = make(chan struct{})
	return o.text.Write(b)
}

// await waits until a text is there, and tells whether it came before the end.
func (o *outlet) await(text string, end <-chan struct{}) bool {
	for {
		o.mu.Lock()
		there, more := strings.Contains(o.text.String(), text), o.more
		o.mu.Unlock()
		if there {
			return true
		}
		select {
		case <-more:
		case <-end:
			return false
		}
	}
}

// talk sends one thing after the other to a server, each when the server has said what is to be waited for.
func talk(t *testing.T, cfg lsp.Config, steps ...[2]string) (said string, err error) {
	t.Helper()
	in, write := io.Pipe()
	out, end := newOutlet(), make(chan struct{})
	go func() {
		err = lsp.Serve(t.Context(), cfg, in, out)
		in.Close()
		close(end)
	}()
	for _, step := range steps {
		if _, broken := io.WriteString(write, step[0]); broken != nil || !out.await(step[1], end) {
			break
		}
	}
	write.Close()
	<-end
	return out.text.String(), err
}

// goodbye is how a client ends.
var goodbye = [][2]string{{frame(`{"jsonrpc":"2.0","id":77,"method":"shutdown"}`), `"id":77,"result":null`}, {frame(`{"jsonrpc":"2.0","method":"exit"}`), ""}}

// What is no message ends the server with an error that says why, and what is a wrong one is answered.
func TestConnection(t *testing.T) {
	const shutdown = `{"jsonrpc":"2.0","id":1,"method":"shutdown"}`
	root := shop(t)
	for name, c := range map[string]struct{ in, out, err string }{
		"a proper end":          {"", "", ""},
		"an end without notice": {frame(`{"jsonrpc":"2.0","method":"exit"}`), "never", "the client has ended without asking for shutdown first"},
		"other headers":         {"content-length: 44\r\nContent-Type: x\r\n\r\n" + shutdown, `"id":1,"result":null`, ""},
		"too long":              {"Content-Length: 99999999999\r\n\r\n", "never", "a message of 99999999999 bytes: it can have 0 to"},
		"less than nothing":     {"Content-Length: -1\r\n\r\n", "never", "a message of -1 bytes"},
		"no length":             {"A: b\r\n\r\n", "never", "the header of a message has no Content-Length"},
		"no header":             {"GET / HTTP/1.1\r\n\r\n", "never", `"GET / HTTP/1.1" is no line of a message's header`},
		"an endless header":     {strings.Repeat("A: b\r\n", 9999), "never", "the header of a message has more than"},
		"an endless line":       {strings.Repeat("x", 1<<20), "never", "read the header of a message: bufio: buffer full"},
		"no JSON":               {frame("{"), `"code":-32700`, ""},
		"no method":             {frame(`{"jsonrpc":"2.0","id":2,"method":"textDocument/dance"}`), `"code":-32601`, ""},
		"wrong parameters":      {frame(`{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":[1]}`), `"code":-32602`, ""},
		"a batch":               {frame("[" + shutdown + "]"), `[{"jsonrpc":"2.0","id":1,"result":null}]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			said, err := talk(t, config(root), append([][2]string{{c.in, c.out}}, goodbye...)...)
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("got the error %v, want %q; the server said %q", err, c.err, said)
			}
			if c.err == "" && !strings.Contains(said, c.out) {
				t.Errorf("got %q, want %q in it", said, c.out)
			}
		})
	}
}

// A message that is cut off is told with how much of it came.
func TestConnectionLost(t *testing.T) {
	for in, want := range map[string]string{
		"":                                   "the client has ended without asking for shutdown first",
		"Content-Length: 99999999\r\n\r\n{}": "read a message of 99999999 bytes, of which 2 came",
		"Content-Len":                        "read the header of a message: EOF",
	} {
		err := lsp.Serve(t.Context(), config(t.TempDir()), strings.NewReader(in), io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", in, err, want)
		}
	}
}

// A client that writes for a long time before it reads is neither kept waiting nor told less.
func TestClientThatDoesNotRead(t *testing.T) {
	const requests = 2000
	in, write := io.Pipe()
	read, out := io.Pipe() // neither holds anything: what is not read cannot be written
	var failed error
	end := make(chan struct{})
	go func() {
		failed = lsp.Serve(t.Context(), config(shop(t)), in, out)
		in.Close()
		out.Close()
		close(end)
	}()
	for id := range requests {
		if _, err := io.WriteString(write, frame(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/dance"}`, 1000+id))); err != nil {
			t.Fatal(err)
		}
	}
	said, heard := newOutlet(), make(chan struct{})
	go func() {
		_, _ = io.Copy(said, read) // ends with the server
		close(heard)
	}()
	for _, step := range goodbye {
		if _, err := io.WriteString(write, step[0]); err != nil || !said.await(step[1], end) {
			t.Fatal(err, said.text.String())
		}
	}
	<-end
	<-heard
	if failed != nil {
		t.Error(failed)
	}
	if got := strings.Count(said.text.String(), "-32601"); got != requests {
		t.Errorf("%d of %d requests are answered", got, requests)
	}
}

// A repository that cannot be opened is told about, and the editor goes on.
func TestNoRepository(t *testing.T) {
	cfg := config("")
	cfg.Find = func(context.Context, string) (lsp.Repository, error) {
		return lsp.Repository{}, errors.New("git is away")
	}
	_, err := talk(t, cfg, append([][2]string{
		{frame(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"rootUri":"file:///nowhere","capabilities":{}}}`), "git is away"},
		{frame(`{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///nowhere/a.yaml"},"position":{"line":0,"character":0}}}`), `"id":2,"result":null`},
	}, goodbye...)...)
	if err != nil {
		t.Error(err)
	}
}

// Whatever a client sends, the server goes on or ends; it does not fall over.
func FuzzServer(f *testing.F) {
	root := shop(f)
	const path = "customers/acme/campaigns.yaml"
	uri := "file://" + root + "/" + path
	open := fmt.Sprintf(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":%q,"version":1,"text":"campaigns:\n  - id: a\n    segment: lapsed\n    market: DE\n"}}}`, uri)
	at := func(id int, method, more string) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/%s","params":{"textDocument":{"uri":%q},"position":{"line":2,"character":15}%s}}`, id, method, uri, more)
	}
	f.Add(strings.Join([]string{`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"rootUri":"file://` + root + `","capabilities":{}}}`, open,
		at(1, "completion", ""), at(2, "definition", ""), at(3, "references", `,"context":{"includeDeclaration":true}`), at(4, "rename", `,"newName":"x"`), at(5, "hover", ""), at(6, "prepareRename", "")}, "\n"))
	f.Add(open + "\n" + fmt.Sprintf(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":%q},"contentChanges":[{"range":{"start":{"line":1,"character":-3},"end":{"line":99,"character":1e9}},"text":"&a [*a"}]}}`, uri) + "\n" + at(9, "hover", ""))
	f.Add(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":{}}}`)
	f.Add(`{"jsonrpc":"2.0","method":"workspace/didChangeWatchedFiles","params":{"changes":[{"uri":"file://` + root + `/../x"},{"uri":"%"}]}}`)
	f.Fuzz(func(t *testing.T, messages string) {
		in := frame(append(strings.Split(messages, "\n"), `{"jsonrpc":"2.0","method":"exit"}`)...)
		_ = lsp.Serve(t.Context(), config(root), strings.NewReader(in), io.Discard)
	})
}
