package sink_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

func TestAFencedSinkIsASink(t *testing.T) {
	sinktest.Run(t, func(*testing.T) sink.Sink {
		return sink.Fenced(new(sinktest.Memory), func(context.Context) error { return nil })
	})
}

// Whoever has lost its key reads, and changes nothing: in no way that a sink knows.
func TestBeyondTheFenceNothingIsWritten(t *testing.T) {
	lost := errors.New("lost")
	batches := 0
	for name, inner := range map[string]sink.Sink{"alone": new(sinktest.Memory), "in batches": &batching{Sink: new(sinktest.Memory), n: &batches}} {
		if _, err := inner.Put(t.Context(), "kept", nil, sink.Always); err != nil {
			t.Fatal(err)
		}
		s := sink.Fenced(inner, func(context.Context) error { return lost })
		_, put := s.Put(t.Context(), "a", nil, sink.Always)
		for did, err := range map[string]error{"put": put, "delete": s.Delete(t.Context(), "kept"),
			"apply": sink.Apply(t.Context(), s, []sink.Step{{Key: "a"}, {Key: "kept", Delete: true}})} {
			if !errors.Is(err, lost) {
				t.Errorf("%s, %s: %v", name, did, err)
			}
		}
		if _, _, err := s.Get(t.Context(), "kept"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := s.Get(t.Context(), "a"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: it was written: %v", name, err)
		}
	}
	if batches != 0 {
		t.Errorf("%d batches", batches)
	}
}

// batching is a sink that counts its batches.
type batching struct {
	sink.Sink
	n *int
}

func (b *batching) Batch(context.Context, []sink.Step) error { *b.n++; return nil }
