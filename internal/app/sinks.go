package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/dir"
	"github.com/tamerhq/tamer/internal/sink/hook"
	"github.com/tamerhq/tamer/internal/sink/postgres"
	"github.com/tamerhq/tamer/internal/sink/redis"
	"github.com/tamerhq/tamer/internal/sink/s3"
	"github.com/tamerhq/tamer/internal/work"
)

// An OpenSink is a sink that its user closes.
type OpenSink interface {
	sink.Sink
	io.Closer
}

// NewSink opens the sink at an address as docs/sinks.md lists them; secret is a password, or what signs posts, and may be empty.
// Only a directory is touched before the first use. The error says what to write, and holds no secret.
func NewSink(ctx context.Context, address, secret string) (OpenSink, error) {
	open, err := sinkOpener(address, secret)
	if err != nil {
		return nil, err
	}
	return open(ctx)
}

// sinkOpener reads an address, and gives what opens the sink there.
func sinkOpener(address, secret string) (func(context.Context) (OpenSink, error), error) {
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "file":
		if path := filePath(rest); path != "" {
			return func(context.Context) (OpenSink, error) { return dir.Open(filepath.Clean(path)) }, nil
		}
		return nil, errors.New("write file:DIRECTORY, such as file:/var/lib/tamer/sink/{owner}/{repo}")
	case "s3":
		cfg, err := s3.Parse(address)
		return func(ctx context.Context) (OpenSink, error) { return s3.Open(ctx, cfg) }, err
	case "postgres", "postgresql":
		cfg, err := postgres.Parse(address, secret)
		return func(ctx context.Context) (OpenSink, error) { return postgres.Open(ctx, cfg) }, err
	case "redis", "rediss", "redis+unix":
		cfg, err := redis.Parse(address, secret)
		return func(context.Context) (OpenSink, error) { return redis.Open(cfg), nil }, err
	case "hook+https", "hook+http":
		cfg, err := hook.Parse(address, secret)
		return func(context.Context) (OpenSink, error) { return hook.Open(cfg), nil }, err
	}
	return nil, errors.New("write file:DIRECTORY, s3://BUCKET/PREFIX, postgres://USER@HOST/DATABASE, redis://HOST or hook+https://HOST/PATH: see docs/sinks.md")
}

// sinks opens the sinks of each repository, each once.
type sinks struct {
	declared map[string]Sink
	log      *slog.Logger
	mu       sync.Mutex
	open     map[place]OpenSink
}

type place struct{ name, address string }

func newSinks(declared map[string]Sink, log *slog.Logger) *sinks {
	return &sinks{declared: declared, log: log, open: map[place]OpenSink{}}
}

// Sinks gives the repository's sinks, sorted by name.
func (s *sinks) Sinks(_ context.Context, repo forge.Repo) ([]flow.NamedSink, error) {
	var all []flow.NamedSink
	for _, name := range slices.Sorted(maps.Keys(s.declared)) {
		if d := s.declared[name]; d.Repositories == nil || outside.Allows(d.Repositories, repo) {
			all = append(all, flow.NamedSink{Name: name, Open: func(ctx context.Context) (sink.Sink, error) { return s.fenced(ctx, name, repo) }})
		}
	}
	return all, nil
}

// fenced is sink, but that nothing is written for a key that this replica has lost, and that errors hold nothing but words for everybody: they
// are shown in the repository.
func (s *sinks) fenced(ctx context.Context, name string, repo forge.Repo) (sink.Sink, error) {
	failed := func(ctx context.Context, err error) {
		s.log.WarnContext(ctx, "store failed", "sink", name, "repo", repo.String(), "error", err)
	}
	opened, err := s.sink(ctx, name, repo)
	if err != nil {
		return nil, fmt.Errorf("open the sink %s: %w", name, sink.Public(ctx, err, failed))
	}
	return sink.Fenced(opened, work.Held, failed), nil
}

// sink gives one of the repository's sinks; the error is worth another try.
func (s *sinks) sink(ctx context.Context, name string, repo forge.Repo) (sink.Sink, error) {
	address, err := s.declared[name].At(repo)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := place{name, address}
	if known, ok := s.open[at]; ok {
		return known, nil
	}
	opened, err := NewSink(context.WithoutCancel(ctx), address, s.declared[name].Secret) // it outlives who asked first
	if err != nil {
		return nil, fmt.Errorf("open the sink %s: %w", name, err)
	}
	s.open[at] = opened
	return opened, nil
}

func (s *sinks) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for at, one := range s.open {
		errs = append(errs, one.Close())
		delete(s.open, at)
	}
	return errors.Join(errs...)
}
