package lsp

import (
	"context"
	"fmt"
	"path/filepath"
)

func (s *server) didOpen(ctx context.Context, p didOpenParams) (any, error) {
	d := p.TextDocument
	if name, err := fileOf(d.URI); err == nil && len(s.all()) == 0 {
		s.find(ctx, filepath.Dir(name)) // the client has named no directory
	}
	if w, name := s.of(d.URI); w != nil {
		w.set(name, newBuffer(d.URI, d.Version, d.Text))
		s.judgeLater(w)
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
	s.judgeLater(w)
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
	s.compareLater(w)
	return nil, nil
}

func (s *server) didClose(_ context.Context, p documentParams) (any, error) {
	if w, name := s.of(p.TextDocument.URI); w != nil {
		w.set(name, nil)
		w.moved(name)
		s.judgeLater(w)
	}
	return nil, nil
}

func (s *server) filesChanged(_ context.Context, p watchedFilesParams) (any, error) {
	for _, c := range p.Changes {
		if w, name := s.of(c.URI); w != nil {
			w.moved(name)
			s.compareLater(w)
		}
	}
	return nil, nil
}
