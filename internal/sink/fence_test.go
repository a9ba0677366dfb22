package sink_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

func ignore(context.Context, error) {}

func TestAFencedSinkIsASink(t *testing.T) {
	sinktest.Run(t, func(*testing.T) sink.Sink {
		return sink.Fenced(new(sinktest.Memory), func(context.Context) error { return nil }, ignore)
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
		s := sink.Fenced(inner, func(context.Context) error { return lost }, ignore)
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

// A store that removes old objects by itself is told so through the fence, and only by who holds their key.
func TestTheFenceLetsExpiryThrough(t *testing.T) {
	lost := errors.New("lost")
	inner := &expiring{Sink: new(sinktest.Memory)}
	for name, c := range map[string]struct {
		s     sink.Sink
		held  error
		did   bool
		calls int
	}{
		"held": {inner, nil, true, 2}, "lost": {inner, lost, false, 0}, "no such store": {new(sinktest.Memory), lost, false, 0},
	} {
		inner.calls = 0
		s := sink.Fenced(c.s, func(context.Context) error { return c.held }, ignore).(sink.Expirer)
		did, err := s.Expire(t.Context(), nil)
		renew := s.Renew(t.Context(), nil)
		wrong := c.s == sink.Sink(inner) && (!errors.Is(err, c.held) || !errors.Is(renew, c.held))
		if did != c.did || inner.calls != c.calls || wrong {
			t.Errorf("%s: %v, %v, %v, %d calls", name, did, err, renew, inner.calls)
		}
	}
}

// expiring is a sink that counts what it is told of expiry.
type expiring struct {
	sink.Sink
	calls int
}

func (e *expiring) Expire(context.Context, map[string]int32) (bool, error) {
	e.calls++
	return true, nil
}

func (e *expiring) Renew(context.Context, []string) error { e.calls++; return nil }
