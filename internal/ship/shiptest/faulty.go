package shiptest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"

	"github.com/tamerhq/tamer/internal/sink"
)

// errDown is what a faulty store says.
var errDown = errors.New("the store is down")

// Faulty gives a sink that fails in one of so many calls: before the effect, after it, and of a batch in its middle. Listings do not
// fail.
func Faulty(s sink.Sink, oneOf int) sink.Sink {
	return &faulty{Sink: s, oneOf: oneOf, rnd: rand.New(rand.NewPCG(6, 6))}
}

type faulty struct {
	sink.Sink
	oneOf int
	mu    sync.Mutex
	rnd   *rand.Rand
}

// roll gives a number below n, and whether this call fails.
func (f *faulty) roll(n int) (int, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rnd.IntN(n), f.rnd.IntN(f.oneOf) == 0
}

func (f *faulty) Get(ctx context.Context, key string) ([]byte, sink.Version, error) {
	if _, fails := f.roll(1); fails {
		return nil, "", errDown
	}
	return f.Sink.Get(ctx, key)
}

func (f *faulty) Put(ctx context.Context, key string, body []byte, cond sink.Condition) (sink.Version, error) {
	when, fails := f.roll(2)
	if fails && when == 0 {
		return "", errDown
	}
	v, err := f.Sink.Put(ctx, key, body, cond)
	if fails && err == nil {
		return "", errDown
	}
	return v, err
}

func (f *faulty) Delete(ctx context.Context, key string) error {
	return f.Batch(ctx, []sink.Step{{Key: key, Delete: true}})
}

func (f *faulty) Batch(ctx context.Context, steps []sink.Step) error {
	done, fails := f.roll(len(steps) + 1)
	if !fails {
		return sink.Apply(ctx, f.Sink, steps)
	}
	return errors.Join(sink.Apply(ctx, f.Sink, steps[:done]), errDown)
}
