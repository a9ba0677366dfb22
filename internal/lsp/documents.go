package lsp

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
)

func (s *server) didOpen(ctx context.Context, p didOpenParams) (any, error) {
	d := p.TextDocument
	if name, err := fileOf(d.URI); err == nil && len(s.all()) == 0 {
		s.find(ctx, filepath.Dir(name)) // the client has named no directory
	}
	s.show(newBuffer(d.URI, d.Version, d.Text))
	return nil, nil
}

func (s *server) didChange(_ context.Context, p didChangeParams) (any, error) {
	s.mu.Lock()
	old := s.open[p.TextDocument.URI]
	s.mu.Unlock()
	if old == nil {
		return nil, fmt.Errorf("%s has changed, and is not open", p.TextDocument.URI)
	}
	version := old.version + 1
	if v := p.TextDocument.Version; v != nil {
		version = *v
	}
	s.show(newBuffer(old.uri, version, changed(old.text, p.ContentChanges)))
	return nil, nil
}

// show has a document stand in the place of its file, in the repository that it lies in, if that is open.
func (s *server) show(b *buffer) {
	s.mu.Lock()
	s.open[b.uri] = b
	s.mu.Unlock()
	if w, name := s.of(b.uri); w != nil {
		w.set(name, b)
		s.judgeLater(w)
	}
}

// resort brings documents to the repositories in which they lie by now.
func (s *server) resort() {
	s.mu.Lock()
	open := slices.Collect(maps.Values(s.open))
	s.mu.Unlock()
	for _, b := range open {
		home, _ := s.of(b.uri)
		for _, w := range s.all() {
			name, within := w.pathOf(b.uri)
			var there *buffer
			if w == home {
				there = b
			}
			if within && w.buffer(name) != there {
				w.set(name, there)
				s.judgeLater(w)
			}
		}
	}
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
	s.mu.Lock()
	delete(s.open, p.TextDocument.URI)
	s.mu.Unlock()
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
