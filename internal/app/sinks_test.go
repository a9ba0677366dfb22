package app

import (
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/sink"
)

// Which sinks a repository has, that each is opened once, and that two repositories have two.
func TestSinksOfARepository(t *testing.T) {
	root := t.TempDir()
	s := newSinks(map[string]Sink{
		"main":   {Address: "file:" + filepath.Join(root, "{owner}", "{repo}")},
		"copy":   {Address: "file:" + filepath.Join(root, "copy-{repo}"), Repositories: []string{"acme/*"}},
		"broken": {Address: "file:" + filepath.Join(root, "{repo}", "\x00"), Repositories: []string{"acme/config"}},
	}, slog.New(slog.DiscardHandler))
	config, other := forge.Repo{Owner: "acme", Name: "config"}, forge.Repo{Owner: "hooli", Name: "config"}
	names := func(repo forge.Repo) (all []string) {
		t.Helper()
		found, err := s.Sinks(t.Context(), repo)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range found {
			all = append(all, one.Name)
		}
		return all
	}
	if got := names(config); !slices.Equal(got, []string{"broken", "copy", "main"}) {
		t.Errorf("acme/config has %q", got)
	}
	if got := names(other); !slices.Equal(got, []string{"main"}) {
		t.Errorf("hooli/config has %q", got)
	}
	open := func(repo forge.Repo, name string) (sink.Sink, error) {
		t.Helper()
		found, err := s.Sinks(t.Context(), repo)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.Index(names(repo), name)
		return found[i].Open(t.Context())
	}
	first, err := open(config, "main")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(config, "main"); err != nil || len(s.open) != 1 {
		t.Errorf("asked for twice, %d are open, %v", len(s.open), err)
	}
	if _, err := first.Put(t.Context(), "k", nil, sink.Always); err != nil {
		t.Fatal(err)
	}
	second, err := open(other, "main")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := second.Get(t.Context(), "k"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("two repositories share a store: %v", err)
	}
	if _, err := open(config, "broken"); err == nil || !strings.Contains(err.Error(), "open the sink broken: ") {
		t.Errorf("a sink that cannot be opened: %v", err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	if _, err := first.Put(t.Context(), "k", nil, sink.Always); err == nil {
		t.Error("a sink that was closed writes")
	}
}

// Every kind of address of docs/sinks.md is one that can be opened.
func TestSinkKinds(t *testing.T) {
	for _, address := range []string{"file:" + t.TempDir(), "s3://bucket/prefix?region=eu-central-1", "postgres://tamer@db.example.com/config?schema=x", "redis://cache.example.com",
		"rediss://cache.example.com/2", "hook+https://sink.example.com/path"} {
		s, err := NewSink(t.Context(), address, "hunter2")
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Errorf("close %s: %v", address, err)
		}
	}
}

// What the repository is shown of a store that is not there names neither its host nor its user; the log does.
func TestErrorsOfSinksAreForEverybody(t *testing.T) {
	for _, address := range []string{"postgres://bob@127.0.0.1:1/config", "redis://bob@127.0.0.1:1", "hook+http://127.0.0.1:1/bob"} {
		var told strings.Builder
		s := newSinks(map[string]Sink{"main": {Address: address, Secret: "hunter2"}}, slog.New(slog.NewTextHandler(&told, nil)))
		all, err := s.Sinks(t.Context(), forge.Repo{Owner: "acme", Name: "config"})
		if err != nil {
			t.Fatal(err)
		}
		opened, err := all[0].Open(t.Context())
		if err == nil {
			_, _, err = opened.Get(t.Context(), "k")
		}
		if err == nil || strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "bob") {
			t.Errorf("%s: %v", address, err)
		}
		if !strings.Contains(told.String(), "127.0.0.1") || !strings.Contains(told.String(), "sink=main repo=acme/config") {
			t.Errorf("%s: the log has %q", address, told.String())
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}
