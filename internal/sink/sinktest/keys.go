package sinktest

import (
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
)

func legalKeys(t *testing.T, s sink.Sink) {
	deep := strings.Repeat(strings.Repeat("x", 200)+"/", 3)
	keys := []string{
		"plain",
		"acme/segments.yaml",
		"acme/..segments",
		"acme/segments..yaml",
		"acme/...",
		"acme/.hidden",
		"with space/two  spaces .yaml",
		" leading and trailing ",
		"-dash/--output=x",
		"société/配置.yaml",
		"e\u0301/é",
		"%2e%2e/%2F",
		"quote's \"double\"/a:b*c?<d>|e",
		"~/$HOME/`id`",
		"con/nul.yaml",
		".branches/feature%2Fa/acme/segments.yaml",
		strings.Repeat("é", 127),
		deep + "short",
		deep + strings.Repeat("y", sink.MaxKey-len(deep)),
	}
	for _, key := range keys {
		put(t, s, key, "body of "+key)
	}
	for _, key := range keys {
		want(t, s, key, "body of "+key)
	}
	for i, key := range keys {
		remove(t, s, key)
		wantAbsent(t, s, key)
		if i+1 < len(keys) {
			want(t, s, keys[i+1], "body of "+keys[i+1])
		}
	}
}

func illegalKeys(t *testing.T, s sink.Sink) {
	keys := []string{
		"", "/", "/absolute", "trailing/", "two//slashes", ".", "..", "../outside", "a/../b", "a/..", "./a", "a/./b", "a/ ./b", "a/.. /b",
		`back\slash`, `..\outside`, "new\nline", "nul\x00", "del\x7f", "not \xff utf-8",
		strings.Repeat("a/", sink.MaxKey/2) + "b", strings.Repeat("x", 256),
	}
	for _, key := range keys {
		if err := sink.CheckKey(key); err == nil {
			t.Errorf("CheckKey allows %q", key)
		}
		if _, err := s.Put(t.Context(), key, []byte("x"), sink.Always); err == nil {
			t.Errorf("Put writes to the illegal key %q", key)
		}
		if _, _, err := s.Get(t.Context(), key); err == nil {
			t.Errorf("Get reads the illegal key %q", key)
		}
		if err := s.Delete(t.Context(), key); err == nil {
			t.Errorf("Delete takes the illegal key %q", key)
		}
	}
}

// keysAboveAndBelow holds that a key is only itself, never what lies above or below it.
func keysAboveAndBelow(t *testing.T, s sink.Sink) {
	put(t, s, "a/b", "body")
	for _, other := range []string{"a", "a/b/c", "a/b/c/d"} {
		wantAbsent(t, s, other)
		remove(t, s, other)
		wantConflict(t, s, other, sink.IfVersion("none"))
	}
	want(t, s, "a/b", "body")
	remove(t, s, "a/b")
	put(t, s, "a", "where a directory may have been")
	want(t, s, "a", "where a directory may have been")
	remove(t, s, "a")
	put(t, s, "a/b", "back again")
	want(t, s, "a/b", "back again")
}
