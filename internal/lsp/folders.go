package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
)

// openFolders opens the repositories that folders of the client lie in, each once.
func (s *server) openFolders(ctx context.Context, folders []workspaceFolder) {
	for _, folder := range folders {
		if dir, err := fileOf(folder.URI); err == nil {
			s.find(ctx, dir)
		}
	}
}

// foldersChanged opens folders, and takes away what is shown of those that nobody looks at any more.
func (s *server) foldersChanged(ctx context.Context, p foldersParams) (any, error) {
	for _, folder := range p.Event.Removed {
		if dir, err := fileOf(folder.URI); err == nil {
			if w := s.leave(dir); w != nil {
				s.publish(ctx, w, judged{})
			}
		}
	}
	s.openFolders(ctx, p.Event.Added)
	s.resort()
	return nil, nil
}

// find opens the repository that a directory lies in. One that cannot be opened is told about, and nothing in it is judged.
func (s *server) find(ctx context.Context, folder string) {
	dir := dirOf(folder)
	repo, err := s.cfg.Find(context.WithoutCancel(ctx), dir)
	if err != nil {
		s.tell(ctx, fmt.Errorf("open %s: %w", dir, err))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := newWorkspace(s.cfg, repo, filepath.Clean(dir), realDir(dir))
	if i := slices.IndexFunc(s.workspaces, func(w *workspace) bool { return w.repo.Root == repo.Root }); i >= 0 {
		s.left = append(s.left, w) // it is open already
		w = s.workspaces[i]
	} else {
		s.workspaces = append(s.workspaces, w)
		s.compareLater(w)
	}
	w.folders[folder] = true
}

// leave forgets a folder, and gives the workspace that has no other one.
func (s *server) leave(folder string) *workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, w := range s.workspaces {
		if !w.folders[folder] {
			continue
		}
		if delete(w.folders, folder); len(w.folders) > 0 {
			return nil
		}
		s.workspaces, s.left = slices.Delete(s.workspaces, i, i+1), append(s.left, w)
		return w
	}
	return nil
}

// of gives the workspace and the path in it of a document; nil for one that lies outside of all. Of repositories within each other
// it is the inner one's.
func (s *server) of(uri string) (in *workspace, path string) {
	for _, w := range s.all() {
		if name, ok := w.pathOf(uri); ok && (in == nil || len(name) < len(path)) {
			in, path = w, name
		}
	}
	return in, path
}

func (s *server) all() []*workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.workspaces)
}

// judgeLater has a workspace judged soon, and compareLater has it asked before what has changed there.
func (s *server) judgeLater(w *workspace) {
	w.unjudged.Store(true)
	poke(s.wake)
}

func (s *server) compareLater(w *workspace) {
	w.uncompared.Store(true)
	poke(s.ask)
}
