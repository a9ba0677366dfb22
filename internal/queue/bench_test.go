package queue_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/pgtest"
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

// asLong is how long work on a healthy key takes at least: three answers of GitHub's.
const asLong = 150 * time.Millisecond

// From the asking for a healthy key to the end of the work on it, asked for every 20 ms, while a repository's 200 keys do nothing but fail, each
// after 20 ms; and without them. The first attempts of those are over before it begins. "p99-ms" is what to compare.
func BenchmarkBesidePoison(b *testing.B) {
	databases := map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "tamer.db") },
		"postgres": func(t testing.TB) string { return pgtest.Create(t, pgtest.Start(t)) },
	}
	for _, database := range slices.Sorted(maps.Keys(databases)) {
		for _, poisoned := range []int{0, 200} {
			b.Run(fmt.Sprintf("%s/%d keys", database, poisoned), func(b *testing.B) { besidePoison(b, databases[database](b), poisoned) })
		}
	}
}

func besidePoison(b *testing.B, url string, poisoned int) {
	s, err := store.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ended := make(chan time.Time, 1)
	var failed atomic.Int64
	q, err := queue.New(queue.Config{Store: s, Log: slog.New(slog.DiscardHandler),
		Handle: func(_ context.Context, t work.Task) (work.State, error) {
			if t.Key.Repository == shop.ID {
				time.Sleep(asLong)
				ended <- time.Now()
				return "", nil
			}
			time.Sleep(20 * time.Millisecond)
			failed.Add(1)
			return "", errors.New("the mirror is damaged")
		}})
	if err != nil {
		b.Fatal(err)
	}
	if err := q.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	now, cancel := context.WithCancel(b.Context())
	cancel()
	defer q.Stop(now)
	var poison []work.Wanted
	for n := range poisoned {
		poison = append(poison, want(work.Key{Kind: work.PullRequest, Installation: 1, Repository: 66, Number: n + 1}))
	}
	if err := q.Add(b.Context(), poison...); err != nil {
		b.Fatal(err)
	}
	for failed.Load() < int64(poisoned) {
		time.Sleep(time.Millisecond)
	}
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		time.Sleep(20 * time.Millisecond)
		if n%25 == 0 && poisoned > 0 { // somebody pushes to all of them
			if err := q.Add(b.Context(), poison...); err != nil {
				b.Fatal(err)
			}
		}
		asked := time.Now()
		if err := q.Add(b.Context(), want(work.Key{Kind: work.PullRequest, Installation: 1, Repository: shop.ID, Number: n})); err != nil {
			b.Fatal(err)
		}
		took = append(took, (<-ended).Sub(asked))
	}
	slices.Sort(took)
	for _, percent := range []int{50, 99} {
		b.ReportMetric(float64(took[len(took)*percent/100])/float64(time.Millisecond), fmt.Sprintf("p%d-ms", percent))
	}
	b.ReportMetric(float64(failed.Load())/float64(b.N), "failures/op")
}
