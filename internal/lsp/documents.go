package lsp

import (
	"context"
	"fmt"
	"path/filepath"
)

// of gives the workspace and the path in it of a document; nil for one that lies outside.
func (s *server) of(uri string) (*workspace, string) {
	s.mu.Lock()
	w := s.workspace
	s.mu.Unlock()
	if w == nil {
		return nil, ""
	}
	name, ok := w.pathOf(uri)
	if !ok {
		return nil, ""
	}
	return w, name
}

func (s *server) didOpen(ctx context.Context, p didOpenParams) (any, error) {
	d := p.TextDocument
	if name, err := fileOf(d.URI); err == nil {
		s.find(ctx, filepath.Dir(name)) // where the client has named no directory
	}
	if w, name := s.of(d.URI); w != nil {
		w.set(name, newBuffer(d.URI, d.Version, d.Text))
		poke(s.wake)
	}
	return nil, nil
}

func (s *server) didChange(_ context.Context, p didChangeParams) (any, error) {
	w, name := s.of(p.TextDocument.URI)
	if w == nil {
		return nil, nil
	}
	old := w.buffer(name)
	if old == nil {
		return nil, fmt.Errorf("%s has changed, and is not open", p.TextDocument.URI)
	}
	version := old.version + 1
	if v := p.TextDocument.Version; v != nil {
		version = *v
	}
	w.set(name, newBuffer(old.uri, version, changed(old.text, p.ContentChanges)))
	poke(s.wake)
	return nil, nil
}

// didSave looks at the disk again: at all of it, where the client does not tell what else has changed.
func (s *server) didSave(_ context.Context, p documentParams) (any, error) {
	w, name := s.of(p.TextDocument.URI)
	if w == nil {
		return nil, nil
	}
	s.mu.Lock()
	told := s.client.Workspace.DidChangeWatchedFiles.DynamicRegistration
	s.mu.Unlock()
	if !told {
		name = ""
	}
	w.moved(name)
	poke(s.ask)
	return nil, nil
}

func (s *server) didClose(_ context.Context, p documentParams) (any, error) {
	if w, name := s.of(p.TextDocument.URI); w != nil {
		w.set(name, nil)
		w.moved(name)
		poke(s.wake)
	}
	return nil, nil
}

func (s *server) filesChanged(_ context.Context, p watchedFilesParams) (any, error) {
	for _, c := range p.Changes {
		if w, name := s.of(c.URI); w != nil {
			w.moved(name)
			poke(s.ask)
		}
	}
	return nil, nil
}
