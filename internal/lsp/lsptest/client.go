// Package lsptest is an editor for tests: it speaks to a language server as editors do, and remembers what the server says.
package lsptest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/creachadair/jrpc2/channel"
)

// A Position counts from 0, in UTF-16 code units.
type Position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// A Range ends before End.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// A Location is a range in a file.
type Location struct {
	URI   string `json:"uri"`
	Range Range  `json:"range"`
}

// A Diagnostic is what a server says is wrong.
type Diagnostic struct {
	Range    Range  `json:"range"`
	Severity int    `json:"severity"`
	Code     any    `json:"code"`
	Source   string `json:"source"`
	Message  string `json:"message"`
}

// A TextEdit puts NewText in the place of Range.
type TextEdit struct {
	Range   Range  `json:"range"`
	NewText string `json:"newText"`
}

// A Completion is one thing that may be written.
type Completion struct {
	Label    string    `json:"label"`
	Detail   string    `json:"detail"`
	TextEdit *TextEdit `json:"textEdit"`
}

// A Client is an editor with one folder open.
type Client struct {
	t        testing.TB
	wire     channel.Channel
	ended    chan struct{} // closed when the server has nothing more to say
	root     string
	settings map[string]any

	mu       sync.Mutex
	changed  *sync.Cond
	shown    map[string][]Diagnostic // by URI
	times    map[string]int          // how often a URI was told about
	texts    map[string]string
	versions map[string]int
	calls    map[int]chan message
}

type message struct {
	Version string          `json:"jsonrpc"`
	ID      any             `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// Start opens a folder with a server that reads from in and writes to out, and does the greetings. settings is what the server is
// given when it asks for the editor's configuration, by section. The client ends with the test.
func Start(t testing.TB, in io.WriteCloser, out io.Reader, root string, settings map[string]any) *Client {
	t.Helper()
	c := &Client{t: t, wire: channel.LSP(out, in), ended: make(chan struct{}), root: root, settings: settings, shown: map[string][]Diagnostic{},
		times: map[string]int{}, texts: map[string]string{}, versions: map[string]int{}, calls: map[int]chan message{}}
	c.changed = sync.NewCond(&c.mu)
	go c.listen()
	type object = map[string]any
	c.Call("initialize", object{
		"processId": nil, "rootUri": c.URI("."), "workspaceFolders": []object{{"uri": c.URI("."), "name": "config"}},
		"capabilities": object{
			"workspace":    object{"configuration": true, "workspaceFolders": true, "workspaceEdit": object{"documentChanges": true}, "didChangeConfiguration": object{"dynamicRegistration": true}, "didChangeWatchedFiles": object{"dynamicRegistration": true}},
			"textDocument": object{"publishDiagnostics": object{"relatedInformation": true}, "completion": object{"completionItem": object{"snippetSupport": false}}},
		},
	}, nil)
	c.Notify("initialized", object{})
	c.Notify("workspace/didChangeConfiguration", object{"settings": settings})
	t.Cleanup(c.end)
	return c
}

func (c *Client) end() {
	_ = c.try(context.Background(), "shutdown", nil, nil) // a server that has ended already has nothing to say
	_ = c.send(message{Method: "exit"})
	_ = c.wire.Close()
	<-c.ended
}

// listen takes what the server says, in its order.
func (c *Client) listen() {
	defer func() {
		close(c.ended)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.changed.Broadcast()
	}()
	for {
		b, err := c.wire.Recv()
		if err != nil {
			return
		}
		var m struct {
			message
			Params json.RawMessage `json:"params"`
		}
		if err := json.Unmarshal(b, &m); err != nil {
			c.t.Errorf("the server says %q: %v", b, err)
			return
		}
		switch id, _ := m.ID.(float64); {
		case m.Method != "" && m.ID != nil:
			_ = c.send(message{ID: m.ID, Result: c.answer(m.Method, m.Params)}) // the end of the connection is seen above
		case m.Method != "":
			c.notified(m.Method, m.Params)
		default:
			c.mu.Lock()
			call := c.calls[int(id)]
			c.mu.Unlock()
			if call != nil {
				call <- m.message
			}
		}
	}
}

func (c *Client) send(m message) error {
	m.Version = "2.0"
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wire.Send(b)
}

func (c *Client) notified(method string, params json.RawMessage) {
	var p struct {
		URI         string       `json:"uri"`
		Diagnostics []Diagnostic `json:"diagnostics"`
		Message     string       `json:"message"`
	}
	if json.Unmarshal(params, &p) != nil {
		return
	}
	switch method {
	case "textDocument/publishDiagnostics":
		c.mu.Lock()
		defer c.mu.Unlock()
		c.shown[p.URI] = p.Diagnostics
		c.times[p.URI]++
		c.changed.Broadcast()
	case "window/logMessage":
		c.t.Logf("the server says: %s", p.Message)
	}
}

// answer answers a server that asks for settings; everything else is granted.
func (c *Client) answer(method string, params json.RawMessage) json.RawMessage {
	var p struct {
		Items []struct {
			Section string `json:"section"`
		} `json:"items"`
	}
	if method != "workspace/configuration" || json.Unmarshal(params, &p) != nil {
		return json.RawMessage("null")
	}
	answers := make([]any, len(p.Items))
	for i, item := range p.Items {
		answers[i] = c.settings[item.Section]
	}
	b, err := json.Marshal(answers)
	if err != nil {
		c.t.Errorf("settings: %v", err)
	}
	return b
}

// URI names a path below the root.
func (c *Client) URI(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(c.root, path))}).String()
}

// Call calls a method and decodes its result, if result is not nil. An error ends the test.
func (c *Client) Call(method string, params, result any) {
	c.t.Helper()
	if err := c.Try(method, params, result); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
}

// Try is Call that gives the error.
func (c *Client) Try(method string, params, result any) error {
	return c.try(c.t.Context(), method, params, result)
}

func (c *Client) try(ctx context.Context, method string, params, result any) error {
	answer := make(chan message, 1)
	c.mu.Lock()
	id := len(c.calls) + 1
	c.calls[id] = answer
	c.mu.Unlock()
	if err := c.send(message{ID: id, Method: method, Params: params}); err != nil {
		return err
	}
	select {
	case m := <-answer:
		if m.Error != nil {
			return errors.New(m.Error.Message)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(m.Result, result)
	case <-c.ended:
		return errors.New("the server has ended")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Notify tells the server something.
func (c *Client) Notify(method string, params any) {
	c.t.Helper()
	if err := c.send(message{Method: method, Params: params}); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
}

// Open opens a file with a text.
func (c *Client) Open(path, text string) {
	c.t.Helper()
	c.mu.Lock()
	c.texts[path], c.versions[path] = text, 1
	c.mu.Unlock()
	c.Notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": c.URI(path), "languageId": "yaml", "version": 1, "text": text}})
}

// Change replaces the bytes from one offset of an open file to another.
func (c *Client) Change(path string, from, to int, with string) {
	c.t.Helper()
	c.mu.Lock()
	text := c.texts[path]
	c.versions[path]++
	version := c.versions[path]
	c.texts[path] = text[:from] + with + text[to:]
	c.mu.Unlock()
	c.Notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": c.URI(path), "version": version},
		"contentChanges": []any{map[string]any{"range": Range{PositionOf(text, from), PositionOf(text, to)}, "text": with}},
	})
}

// At is the document and position of an offset in an open file, as parameters of a request.
func (c *Client) At(path string, offset int) map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return map[string]any{"textDocument": map[string]any{"uri": c.URI(path)}, "position": PositionOf(c.texts[path], offset)}
}

// PositionOf is where the character at an offset of a text stands.
func PositionOf(text string, offset int) Position {
	var p Position
	for i, r := range text {
		if i >= offset {
			break
		}
		if p.Character += max(utf16.RuneLen(r), 1); r == '\n' {
			p = Position{Line: p.Line + 1}
		}
	}
	return p
}

// Diagnostics waits until what the server shows at a path is as wanted, and gives it.
func (c *Client) Diagnostics(path string, wanted func([]Diagnostic) bool) []Diagnostic {
	c.t.Helper()
	stop := context.AfterFunc(c.t.Context(), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.changed.Broadcast()
	})
	defer stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	uri := c.URI(path)
	for c.times[uri] == 0 || !wanted(c.shown[uri]) {
		if c.over() {
			b, _ := json.Marshal(c.shown[uri])
			c.t.Fatalf("%s: the server has ended, and has shown %s", path, b)
		}
		c.changed.Wait()
	}
	return c.shown[uri]
}

// over tells whether nothing more can come.
func (c *Client) over() bool {
	select {
	case <-c.ended:
		return true
	case <-c.t.Context().Done():
		return true
	default:
		return false
	}
}

// Completions gives what may be written at an offset, whichever of its two forms the server answers in.
func (c *Client) Completions(path string, offset int) []Completion {
	c.t.Helper()
	var raw json.RawMessage
	c.Call("textDocument/completion", c.At(path, offset), &raw)
	var list struct {
		Items []Completion `json:"items"`
	}
	if json.Unmarshal(raw, &list) == nil {
		return list.Items
	}
	var items []Completion
	if err := json.Unmarshal(raw, &items); err != nil {
		c.t.Fatalf("completion: %v in %s", err, raw)
	}
	return items
}
