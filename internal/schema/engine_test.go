package schema

import (
	"errors"
	"runtime"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/document"
)

// A schema is compiled anew only while all of its engines are at work, and not because garbage was collected.
func TestEnginesAreKept(t *testing.T) {
	s, found := NewSet(fstest.MapFS{"s.json": {Data: []byte(`{"type": "object"}`)}}).Compile("s.json")
	if s == nil {
		t.Fatal(found)
	}
	s.engines.more = func() (*engine, error) { return nil, errors.New("compiled again") }
	docs, _ := document.Parse([]byte("[]\n"), document.Limits{})
	for range 3 {
		if found := s.Validate(docs[0]); len(found) != 1 || found[0].Rule != "type" {
			t.Fatal(found)
		}
		runtime.GC()
	}
	held, err := s.engines.take()
	if err != nil {
		t.Fatal(err)
	}
	if found := s.Validate(docs[0]); len(found) != 1 || found[0].Rule != "schema-invalid" {
		t.Errorf("with its only engine at work: got %v, want that it was compiled again", found)
	}
	s.engines.put(held)
}
