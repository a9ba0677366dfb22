package dir_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/dir"
)

// A file that is too large for an object is not read into memory. It is listed, and may be replaced and removed.
func TestTooLargeToRead(t *testing.T) {
	root := t.TempDir()
	s, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.WriteFile(filepath.Join(root, "large"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(root, "large"), sink.MaxObject+1); err != nil { // it takes no room
		t.Fatal(err)
	}
	if _, _, err := s.Get(t.Context(), "large"); !errors.Is(err, sink.ErrTooLarge) {
		t.Errorf("Get: %v", err)
	}
	var there sink.Object
	for o, err := range s.List(t.Context(), "") {
		if there = o; err != nil {
			t.Fatal(err)
		}
	}
	if there.Key != "large" || there.Size != sink.MaxObject+1 {
		t.Errorf("listed as %+v", there)
	}
	if _, err := s.Put(t.Context(), "large", []byte("small"), sink.IfVersion(there.Version)); err != nil {
		t.Errorf("Put: %v", err)
	}
	if got, _, err := s.Get(t.Context(), "large"); err != nil || string(got) != "small" {
		t.Errorf("Get = %q, %v", got, err)
	}
}
