package simulation

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/work"
)

// A bucket is a sink in memory that shows all that is written to it to a watcher. Its versions are as weak as a sink's may be: equal bytes
// have equal ones.
type bucket struct {
	run     *run
	name    string
	objects map[string]object
	watch   watcher
}

type object struct {
	body string
	at   time.Time
}

func newBucket(r *run, name string) *bucket {
	s := &bucket{run: r, name: name, objects: map[string]object{}}
	s.watch = watcher{run: r, store: s}
	return s
}

// Get implements sink.Sink.
func (s *bucket) Get(ctx context.Context, key string) (body []byte, v sink.Version, err error) {
	err = s.run.do(ctx, sinkParty, false, s.name+" get "+key, func() error {
		o, ok := s.objects[key]
		if !ok {
			return fs.ErrNotExist
		}
		body, v = []byte(o.body), sink.Version(o.body)
		return nil
	})
	return body, v, err
}

// Put implements sink.Sink.
func (s *bucket) Put(ctx context.Context, key string, body []byte, cond sink.Condition) (sink.Version, error) {
	err := s.run.do(ctx, sinkParty, true, s.name+" put "+key, func() error { return s.step(ctx, sink.Step{Key: key, Body: body, Cond: cond}) })
	return sink.Version(body), err
}

// Delete implements sink.Sink.
func (s *bucket) Delete(ctx context.Context, key string) error {
	return s.run.do(ctx, sinkParty, true, s.name+" delete "+key, func() error { return s.step(ctx, sink.Step{Key: key, Delete: true}) })
}

// Batch implements sink.Batcher. One that fails may be half done.
func (s *bucket) Batch(ctx context.Context, steps []sink.Step) error {
	steps = slices.Clone(steps)
	slices.SortFunc(steps, func(a, b sink.Step) int { return cmp.Compare(a.Key, b.Key) })
	return s.run.call(ctx, sinkParty, true, fmt.Sprintf("%s batch of %d from %s on", s.name, len(steps), steps[0].Key), func(o outcome) error {
		if o.fails != nil {
			steps = steps[:o.half%len(steps)]
		}
		for _, step := range steps {
			if err := s.step(ctx, step); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *bucket) step(ctx context.Context, step sink.Step) error {
	if err := sink.CheckKey(step.Key); err != nil {
		return err
	}
	old, exists := s.objects[step.Key]
	if step.Cond.Absent() && exists {
		return sink.ErrConflict
	}
	if v, ok := step.Cond.Version(); ok && (!exists || sink.Version(old.body) != v) {
		return sink.ErrConflict
	}
	if step.Delete {
		delete(s.objects, step.Key)
	} else {
		s.objects[step.Key] = object{string(step.Body), s.run.now()}
	}
	s.watch.wrote(attemptOf(ctx), step.Key, old.body, s.objects[step.Key].body)
	return nil
}

// List implements sink.Sink.
func (s *bucket) List(ctx context.Context, prefix string) iter.Seq2[sink.Object, error] {
	return func(yield func(sink.Object, error) bool) {
		keys, err := read(ctx, s.run, sinkParty, s.name+" list "+prefix, func() ([]string, error) {
			keys := slices.Sorted(maps.Keys(s.objects))
			return slices.DeleteFunc(keys, func(key string) bool { return !strings.HasPrefix(key, prefix) }), nil
		})
		if err != nil {
			yield(sink.Object{}, err)
			return
		}
		for _, key := range keys {
			o, there := s.objects[key]
			if there && !yield(sink.Object{Key: key, Version: sink.Version(o.body), Size: int64(len(o.body)), ModTime: o.at}, nil) {
				return
			}
		}
	}
}

// Sinks implements flow.Sinks. What writes to a store does so only for a key that is held, as internal/app has it.
func (r *run) Sinks(context.Context, forge.Repo) (all []flow.NamedSink, err error) {
	for _, s := range r.stores {
		all = append(all, flow.NamedSink{Name: s.name, Open: func(context.Context) (sink.Sink, error) {
			return sink.Fenced(s, work.Held, func(context.Context, error) {}), nil
		}})
	}
	return all, nil
}
