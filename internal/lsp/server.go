// Package lsp is a language server for what no server for JSON Schema can do: references across files, diagnostics that are those of
// `tamer check`, and fixes. It runs beside one that knows schemas, such as yaml-language-server.
package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/handler"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/validate"
)

// A Repository is a configuration repository on this machine.
type Repository struct {
	// Root is the absolute path of the directory with the policy.
	Root string
	// Compare gives what a check compares the files with, and the paths from Root in which the files on disk differ; no tree where
	// there is nothing to compare with: then what is open is judged by itself. Nil is as if it always gave none.
	//
	// The tree lives until the context ends.
	Compare func(context.Context) (fs.FS, []forge.Change, error)
	Close   func() error // may be nil
}

// Config says what a server needs. All fields but Cache are required.
type Config struct {
	// Find gives the repository that a directory lies in.
	Find func(ctx context.Context, dir string) (Repository, error)
	// Cache keeps what was found out from run to run. Nil: nothing is kept.
	Cache validate.Cache
	// Build names the program for the cache; Version is for people.
	Build, Version string
	Now            func() time.Time
}

func (c Config) validate() error {
	if c.Find == nil || c.Build == "" || c.Now == nil {
		return errors.New("lsp: Find, Build and Now are required")
	}
	return nil
}

// A server serves one client.
type server struct {
	cfg  Config
	rpc  *jrpc2.Server
	wire *wire
	wg   sync.WaitGroup
	wake chan struct{} // something is to be judged
	ask  chan struct{} // the files are to be compared anew

	mu         sync.Mutex
	client     clientCapabilities
	open       map[string]*buffer // by URI, wherever they lie
	workspaces []*workspace
	left       []*workspace // whose folders the client has closed
	shut       bool         // the client has asked for the end
	said       string
}

// errNoShutdown says that the client went away without saying so first.
var errNoShutdown = errors.New("the client has ended without asking for shutdown first")

// Serve serves a client until it says exit or in ends. The error is that of the connection.
func Serve(ctx context.Context, cfg Config, in io.Reader, out io.Writer) error {
	if err := cfg.validate(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &server{cfg: cfg, open: map[string]*buffer{}, wake: make(chan struct{}, 1), ask: make(chan struct{}, 1)}
	s.wire = newWire(interruptible(in), out)
	methods := s.methods()
	methods[s.wire.bell] = func(context.Context, *jrpc2.Request) (any, error) { close(s.wire.heard); return nil, nil }
	s.rpc = jrpc2.NewServer(methods, &jrpc2.ServerOptions{AllowPush: true, DisableBuiltin: true, Concurrency: 64,
		NewContext: func() context.Context { return ctx }})
	s.rpc.Start(s.wire)
	s.wg.Go(func() { s.judgeOnAndOn(ctx) })
	s.wg.Go(func() { s.compareOnAndOn(ctx) })
	stop := context.AfterFunc(ctx, s.hangUp)
	defer stop()
	err := s.rpc.Wait()
	asked := ctx.Err() != nil
	cancel()
	s.wg.Wait()
	unheard := s.wire.flush()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && !s.shut && !asked {
		err = unheard
	}
	for _, w := range slices.Concat(s.workspaces, s.left) {
		err = errors.Join(err, w.close())
	}
	if err == nil && !s.shut && !asked {
		err = errNoShutdown
	}
	return err
}

// hangUp ends the connection from our side. The library's own Stop does not bear that a message arrives after it.
func (s *server) hangUp() { _ = s.wire.Close() } // of a pipe in memory

// safely has a request that meets a mistake of ours answered by an error: the editor must not lose its server.
func safely[P any](do func(context.Context, P) (any, error)) jrpc2.Handler {
	return func(ctx context.Context, req *jrpc2.Request) (result any, err error) {
		defer func() {
			if p := recover(); p != nil {
				result, err = nil, fmt.Errorf("%s: %v", req.Method(), p)
			}
		}()
		var params P
		if req.HasParams() {
			var raw json.RawMessage
			if err := req.UnmarshalParams(&raw); err != nil {
				return nil, err
			}
			if err := json.Unmarshal(raw, &params); err != nil {
				return nil, jrpc2.Errorf(jrpc2.InvalidParams, "%s: %v", req.Method(), err)
			}
		}
		return do(ctx, params)
	}
}

func (s *server) methods() handler.Map {
	return handler.Map{
		"initialize":                          safely(s.initialize),
		"initialized":                         safely(s.initialized),
		"shutdown":                            safely(s.shutdown),
		"exit":                                safely(s.exit),
		"$/cancelRequest":                     safely(s.cancel),
		"$/setTrace":                          safely(ignore),
		"workspace/didChangeWatchedFiles":     safely(s.filesChanged),
		"workspace/didChangeConfiguration":    safely(ignore),
		"workspace/didChangeWorkspaceFolders": safely(s.foldersChanged),
		"textDocument/didOpen":                safely(s.didOpen),
		"textDocument/didChange":              safely(s.didChange),
		"textDocument/didSave":                safely(s.didSave),
		"textDocument/didClose":               safely(s.didClose),
		"textDocument/completion":             safely(s.complete),
		"textDocument/definition":             safely(s.definition),
		"textDocument/references":             safely(s.references),
		"textDocument/prepareRename":          safely(s.prepareRename),
		"textDocument/rename":                 safely(s.rename),
		"textDocument/hover":                  safely(s.hover),
		"textDocument/codeAction":             safely(s.codeActions),
	}
}

func ignore(context.Context, json.RawMessage) (any, error) { return nil, nil }

func (s *server) initialize(ctx context.Context, p initializeParams) (any, error) {
	s.mu.Lock()
	s.client = p.Capabilities
	s.mu.Unlock()
	folders := p.WorkspaceFolders
	if len(folders) == 0 && p.RootURI != nil {
		folders = []workspaceFolder{{URI: *p.RootURI}}
	}
	s.openFolders(ctx, folders)
	type object = map[string]any
	return object{
		"serverInfo": object{"name": "tamer", "version": s.cfg.Version},
		"capabilities": object{
			"positionEncoding":   "utf-16",
			"textDocumentSync":   object{"openClose": true, "change": 2, "save": true}, // 2: incremental
			"completionProvider": object{"triggerCharacters": []string{" ", `"`, "'", "-", ":", "["}},
			"definitionProvider": true,
			"referencesProvider": true,
			"hoverProvider":      true,
			"renameProvider":     object{"prepareProvider": true},
			"codeActionProvider": object{"codeActionKinds": []string{quickFix, fixAll}},
			"workspace":          object{"workspaceFolders": object{"supported": true, "changeNotifications": true}},
		},
	}, nil
}

// initialized asks the client to say when files change that are not open.
func (s *server) initialized(ctx context.Context, _ json.RawMessage) (any, error) {
	s.mu.Lock()
	watches := s.client.Workspace.DidChangeWatchedFiles.DynamicRegistration
	s.mu.Unlock()
	if watches {
		type object = map[string]any
		s.wg.Go(func() { // the answer comes after this one
			_, err := s.rpc.Callback(ctx, "client/registerCapability", object{"registrations": []object{{
				"id": "files", "method": "workspace/didChangeWatchedFiles",
				"registerOptions": object{"watchers": []object{{"globPattern": "**/*.{yaml,yml,json}"}, {"globPattern": "**/.tamer.yaml"}}},
			}}})
			if err != nil && ctx.Err() == nil {
				s.tell(ctx, fmt.Errorf("ask to be told of changes of files: %w", err))
			}
		})
	}
	return nil, nil
}

func (s *server) shutdown(context.Context, json.RawMessage) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut = true
	return nil, nil
}

func (s *server) exit(context.Context, json.RawMessage) (any, error) {
	s.hangUp()
	return nil, nil
}

func (s *server) cancel(ctx context.Context, p cancelParams) (any, error) {
	jrpc2.ServerFromContext(ctx).CancelRequest(string(p.ID))
	return nil, nil
}

// tell shows an error in the client's log, once.
func (s *server) tell(ctx context.Context, err error) {
	s.mu.Lock()
	again := s.said == err.Error()
	s.said = err.Error()
	s.mu.Unlock()
	if !again {
		_ = s.rpc.Notify(ctx, "window/logMessage", logMessage{Type: 1, Message: "tamer: " + err.Error()}) // the connection's end is seen elsewhere
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will be looked at anyway
	}
}
