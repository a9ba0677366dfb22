package sinktest

import (
	"errors"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
)

func ifAbsent(t *testing.T, s sink.Sink) {
	const key = ".tamer/bundles/0123.json"
	first, err := s.Put(t.Context(), key, []byte("first"), sink.IfAbsent())
	if err != nil {
		t.Fatalf("Put IfAbsent where nothing is: %v", err)
	}
	wantConflict(t, s, key, sink.IfAbsent())
	if got := want(t, s, key, "first"); got != first {
		t.Errorf("Get gave version %q after Put gave %q", got, first)
	}
	remove(t, s, key)
	if _, err := s.Put(t.Context(), key, []byte("second"), sink.IfAbsent()); err != nil {
		t.Fatalf("Put IfAbsent after Delete: %v", err)
	}
	want(t, s, key, "second")
}

func ifVersion(t *testing.T, s sink.Sink) {
	const key = ".tamer/channels/production.json"
	wantConflict(t, s, key, sink.IfVersion("no such version"))
	wantConflict(t, s, key, sink.IfVersion(""))
	wantAbsent(t, s, key)

	v1 := put(t, s, key, "generation 1")
	v2, err := s.Put(t.Context(), key, []byte("generation 2"), sink.IfVersion(v1))
	if err != nil {
		t.Fatalf("Put IfVersion with the present version: %v", err)
	}
	wantConflict(t, s, key, sink.IfVersion(v1))
	wantConflict(t, s, key, sink.IfVersion(""))
	want(t, s, key, "generation 2")

	put(t, s, key, "generation 3, by somebody else")
	wantConflict(t, s, key, sink.IfVersion(v2))
	v3 := want(t, s, key, "generation 3, by somebody else")
	remove(t, s, key)
	wantConflict(t, s, key, sink.IfVersion(v3))
	wantAbsent(t, s, key)
}

// versions holds that different bytes never share a version, and that Put and Get name the same one.
func versions(t *testing.T, s sink.Sink) {
	seen := map[sink.Version]string{}
	for _, body := range []string{"", "a", "b", "aa", "a\n", "A"} {
		v := put(t, s, "k", body)
		if got := want(t, s, "k", body); got != v {
			t.Errorf("after Put of %q gave version %q, Get gave %q", body, v, got)
		}
		if other, taken := seen[v]; taken {
			t.Errorf("%q and %q have the same version %q", other, body, v)
		}
		seen[v] = body
	}
}

func wantConflict(t *testing.T, s sink.Sink, key string, cond sink.Condition) {
	t.Helper()
	v, err := s.Put(t.Context(), key, []byte("must not be written"), cond)
	if !errors.Is(err, sink.ErrConflict) {
		t.Fatalf("Put %q under %+v = %q, %v; want an error that wraps sink.ErrConflict", key, cond, v, err)
	}
}
