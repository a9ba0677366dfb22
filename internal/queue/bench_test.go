package queue_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

// From the commit of an asking to the start of its work, the queue idle before.
func BenchmarkFromAskingToStart(b *testing.B) {
	s, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "tamer.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	started := make(chan struct{})
	q, err := queue.New(queue.Config{Store: s, Log: slog.New(slog.DiscardHandler),
		Handle: func(context.Context, work.Task) (work.State, error) {
			started <- struct{}{}
			return "", nil
		}})
	if err != nil {
		b.Fatal(err)
	}
	if err := q.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer q.Stop(b.Context())
	for n := 0; b.Loop(); n++ {
		k := work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: n}
		if err := q.Add(b.Context(), want(k)); err != nil {
			b.Fatal(err)
		}
		<-started
	}
}

// From the commit of a deploy's asking to the start of its work, while 10,000 pull requests wait and all other workers are busy.
func BenchmarkDeployBehindACrowd(b *testing.B) {
	s, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "tamer.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	started := make(chan struct{})
	q, err := queue.New(queue.Config{Store: s, Log: slog.New(slog.DiscardHandler),
		Handle: func(ctx context.Context, t work.Task) (work.State, error) {
			if t.Key.Kind == work.PullRequest {
				<-ctx.Done()
				return "", ctx.Err()
			}
			started <- struct{}{}
			return "", nil
		}})
	if err != nil {
		b.Fatal(err)
	}
	var crowd []work.Wanted
	for n := range 10_000 {
		crowd = append(crowd, want(work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: n + 1}))
	}
	if err := errors.Join(q.Add(b.Context(), crowd...), q.Start(b.Context())); err != nil {
		b.Fatal(err)
	}
	now, cancel := context.WithCancel(b.Context())
	cancel()
	defer q.Stop(now)
	for b.Loop() {
		if err := q.Add(b.Context(), want(main)); err != nil {
			b.Fatal(err)
		}
		<-started
	}
}
