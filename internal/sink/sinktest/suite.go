// Package sinktest is the definition of a sink in code: what passes Run is a sink. Memory is the first that does, and
// serves as the fake in the tests of others.
package sinktest

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
)

// Run tests everything that package sink promises. open gives a sink that holds nothing and that nobody else uses; it
// is called once for each part of the suite, and closes what it opened with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) sink.Sink) {
	RunSmall(t, open)
	run(t, open, []part{{"hostile names", hostileNames}, {"list of many", manyObjects}})
}

// RunSmall is Run without the parts that write thousands of objects, for a second look at a sink in other circumstances.
func RunSmall(t *testing.T, open func(t *testing.T) sink.Sink) {
	run(t, open, []part{
		{"absent", absent},
		{"put get delete", putGetDelete},
		{"bodies", bodies},
		{"too large", tooLarge},
		{"bytes are copied", bytesAreCopied},
		{"if absent", ifAbsent},
		{"if version", ifVersion},
		{"versions", versions},
		{"legal keys", legalKeys},
		{"illegal keys", illegalKeys},
		{"keys above and below", keysAboveAndBelow},
		{"list", listing},
		{"list tells", listingTells},
		{"batches", batches},
		{"cancelled context", cancelledContext},
		{"concurrent increments", concurrentIncrements},
		{"concurrent creation", concurrentCreation},
		{"concurrent reading", concurrentReading},
		{"concurrent neighbours", concurrentNeighbours},
		{"concurrent batches", concurrentBatches},
	})
}

type part struct {
	name string
	run  func(t *testing.T, s sink.Sink)
}

func run(t *testing.T, open func(t *testing.T) sink.Sink, parts []part) {
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) { p.run(t, open(t)) })
	}
}

func absent(t *testing.T, s sink.Sink) {
	wantAbsent(t, s, "acme/segments.yaml")
	if err := s.Delete(t.Context(), "acme/segments.yaml"); err != nil {
		t.Errorf("Delete of what is not there: %v", err)
	}
}

func putGetDelete(t *testing.T, s sink.Sink) {
	const key, beside = "acme/segments.yaml", "acme/branding.yaml"
	put(t, s, key, "one")
	put(t, s, beside, "untouched")
	want(t, s, key, "one")
	put(t, s, key, "two, which is longer")
	want(t, s, key, "two, which is longer")
	put(t, s, key, "3")
	want(t, s, key, "3")
	remove(t, s, key)
	wantAbsent(t, s, key)
	remove(t, s, key)
	want(t, s, beside, "untouched")
	put(t, s, key, "again")
	want(t, s, key, "again")
}

func bodies(t *testing.T, s sink.Sink) {
	for name, body := range map[string]string{
		"empty":       "",
		"binary":      "\x00\xff\xfe\r\n\x00",
		"no new line": "a: 1",
		"8 MiB":       strings.Repeat("0123456789abcde\n", 8<<20/16),
	} {
		put(t, s, name, body)
		want(t, s, name, body)
	}
	if _, err := s.Put(t.Context(), "nil", nil, sink.Always); err != nil {
		t.Errorf("Put of a nil body: %v", err)
	}
	want(t, s, "nil", "")
}

// tooLarge holds that what no sink reads is written by none.
func tooLarge(t *testing.T, s sink.Sink) {
	body := make([]byte, sink.MaxObject+1)
	if _, err := s.Put(t.Context(), "k", body, sink.Always); !errors.Is(err, sink.ErrTooLarge) {
		t.Errorf("Put of %d bytes: %v, want %v", len(body), err, sink.ErrTooLarge)
	}
	if err := sink.Apply(t.Context(), s, []sink.Step{{Key: "k", Body: body}}); !errors.Is(err, sink.ErrTooLarge) {
		t.Errorf("Apply of %d bytes: %v, want %v", len(body), err, sink.ErrTooLarge)
	}
	wantAbsent(t, s, "k")
}

func bytesAreCopied(t *testing.T, s sink.Sink) {
	body := []byte("as written")
	if _, err := s.Put(t.Context(), "k", body, sink.Always); err != nil {
		t.Fatal(err)
	}
	copy(body, "scribbled!")
	want(t, s, "k", "as written")
	got, _, err := s.Get(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	copy(got, "scribbled!")
	want(t, s, "k", "as written")
}

func cancelledContext(t *testing.T, s sink.Sink) {
	put(t, s, "k", "before")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Get(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get with a cancelled context: %v, want %v", err, context.Canceled)
	}
	if _, err := s.Put(ctx, "k", []byte("after"), sink.Always); !errors.Is(err, context.Canceled) {
		t.Errorf("Put with a cancelled context: %v, want %v", err, context.Canceled)
	}
	if err := s.Delete(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("Delete with a cancelled context: %v, want %v", err, context.Canceled)
	}
	want(t, s, "k", "before")
}

func put(t *testing.T, s sink.Sink, key, body string) sink.Version {
	t.Helper()
	v, err := s.Put(t.Context(), key, []byte(body), sink.Always)
	if err != nil {
		t.Fatalf("Put %q: %v", key, err)
	}
	if v == "" {
		t.Fatalf("Put %q gave an empty version", key)
	}
	return v
}

func remove(t *testing.T, s sink.Sink, key string) {
	t.Helper()
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatalf("Delete %q: %v", key, err)
	}
}

// want gives the version of the object, which must hold the body.
func want(t *testing.T, s sink.Sink, key, body string) sink.Version {
	t.Helper()
	got, v, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("Get %q: %v", key, err)
	}
	if !bytes.Equal(got, []byte(body)) {
		t.Fatalf("Get %q gave %d bytes, %.40q…; want %d bytes, %.40q…", key, len(got), got, len(body), body)
	}
	if v == "" {
		t.Fatalf("Get %q gave an empty version", key)
	}
	return v
}

func wantAbsent(t *testing.T, s sink.Sink, key string) {
	t.Helper()
	if got, _, err := s.Get(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("Get %q = %.40q, %v; want an error that wraps fs.ErrNotExist", key, got, err)
	}
}
