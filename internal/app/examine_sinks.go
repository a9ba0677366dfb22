package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/sink"
)

// probeKey begins the keys of what is written to a sink to see whether that works.
const probeKey = ".tamer/doctor/"

// sinks tries each sink that the repository uses. Without a real repository, an address that holds its name cannot be tried.
func (e *examination) sinks(ctx context.Context, repo forge.Repo) {
	for _, name := range slices.Sorted(maps.Keys(e.cfg.Sinks)) {
		one := e.cfg.Sinks[name]
		named := repo.Name != "repo" || repo.Owner != "owner"
		switch {
		case named && one.Repositories != nil && !outside.Allows(one.Repositories, repo):
			continue
		case !named && strings.ContainsAny(one.Address, "{}"):
			e.well("the sink %s is one for each repository: --repo OWNER/NAME tries that of one", name)
			continue
		}
		kind, err := e.trySink(ctx, one, repo)
		if err != nil {
			e.wrong("see docs/sinks.md for what the store must allow", "the sink %s cannot be used: %v", name, err)
			continue
		}
		e.well("the sink %s can be read and written, on conditions, too; %s", name, kind)
	}
}

// trySink opens the sink and does what a deploy does.
func (e *examination) trySink(ctx context.Context, one Sink, repo forge.Repo) (string, error) {
	address, err := one.At(repo)
	if err != nil {
		return "", err
	}
	s, err := NewSink(ctx, address, one.Secret)
	if err != nil {
		return "", err
	}
	kind, err := tryExpiry(ctx, s)
	return kind, errors.Join(tryStore(ctx, s), err, s.Close())
}

// An expirer is a store that may have been set to remove old previews by itself.
type expirer interface {
	sink.Expirer
	Expires(ctx context.Context) (bool, error)
}

// tryExpiry tells who removes old previews. Where that is the store, its rules are read, and one object is renewed as a preview that is in use:
// rules are written by a deploy only.
func tryExpiry(ctx context.Context, s sink.Sink) (string, error) {
	if e, ok := s.(expirer); ok {
		by, err := e.Expires(ctx)
		if err != nil {
			return "", fmt.Errorf("read the rules by which the store removes old previews (or take lifecycle=true away): %w", err)
		}
		if by {
			return "the store removes old previews by itself", renewed(ctx, e)
		}
	}
	return "tamer removes old previews there", nil
}

// renewed writes an object, renews it, and removes it.
func renewed(ctx context.Context, s sink.Expirer) error {
	key := probeKey + strings.ToLower(rand.Text())
	if _, err := s.Put(ctx, key, []byte("written by tamer doctor, and removed again\n"), sink.IfAbsent()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return errors.Join(s.Renew(ctx, []string{key}), s.Delete(context.WithoutCancel(ctx), key))
}

// tryStore writes an object, reads it, has conditions refused that do not hold, and removes it.
func tryStore(ctx context.Context, s sink.Sink) (err error) {
	key, body := probeKey+strings.ToLower(rand.Text()), []byte("written by tamer doctor, and removed again\n")
	v, err := s.Put(ctx, key, body, sink.IfAbsent())
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	defer func() {
		if gone := s.Delete(context.WithoutCancel(ctx), key); gone != nil {
			err = errors.Join(err, fmt.Errorf("remove %s: %w", key, gone))
		}
	}()
	got, _, err := s.Get(ctx, key)
	if err == nil && !bytes.Equal(got, body) {
		err = errors.New("it gives other bytes than were written")
	}
	if err != nil {
		return fmt.Errorf("read what was written: %w", err)
	}
	if _, err := s.Put(ctx, key, body, sink.IfAbsent()); !errors.Is(err, sink.ErrConflict) {
		return conditions(err)
	}
	next, err := s.Put(ctx, key, append(body, '\n'), sink.IfVersion(v))
	if err != nil {
		return fmt.Errorf("replace what was written: %w", err)
	}
	if _, err := s.Put(ctx, key, body, sink.IfVersion(v)); next != v && !errors.Is(err, sink.ErrConflict) {
		return conditions(err)
	}
	return nil
}

// conditions is what is wrong with a store that has not refused what it should.
func conditions(err error) error {
	if err == nil {
		return errors.New("the store writes although the condition does not hold: two tamer could overwrite each other there")
	}
	return fmt.Errorf("write on a condition: %w", err)
}
