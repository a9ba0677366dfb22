package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/dir"
)

// sinks opens the sink of each repository, once.
type sinks struct {
	place func(forge.Repo) (string, error)
	mu    sync.Mutex
	open  map[string]*dir.Sink
}

func newSinks(place func(forge.Repo) (string, error)) *sinks {
	return &sinks{place: place, open: map[string]*dir.Sink{}}
}

// Sink gives the repository's sink; the error is worth another try.
func (s *sinks) Sink(_ context.Context, repo forge.Repo) (sink.Sink, error) {
	path, err := s.place(repo)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.open[path]; ok {
		return known, nil
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("make the sink's directory: %w", err)
	}
	opened, err := dir.Open(path)
	if err != nil {
		return nil, err
	}
	s.open[path] = opened
	return opened, nil
}

func (s *sinks) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for path, one := range s.open {
		errs = append(errs, one.Close())
		delete(s.open, path)
	}
	return errors.Join(errs...)
}
