package app_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/tamerhq/tamer/internal/miniotest"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/sink/s3"
)

// From the merge of a pull request to the pointer that has moved in a bucket, through the whole of tamer: webhook, queue, git, judgement and
// store, with GitHub and the store on loopback. The repository has 1,000 customers. What is wanted is a median of 1.5 s for one file, and of
// 10 s where all of them change: go test -run '^$' -bench MergeToPointer -benchtime 11x ./internal/app
//
// Seen on 2026-11-23 on two cores that 30 to 50 other processes were waiting for: gofakes3 1.3 s and 6.8 s; MinIO 0.8 to 1.5 s and 20 to 27 s. Of the
// last, 8 s are MinIO's processor time and 3.3 s that of tamer and the stand-in for GitHub, so that two idle cores are done after 6 s.
func BenchmarkMergeToPointer(b *testing.B) {
	for _, kind := range []struct {
		name  string
		start func(testing.TB) string
	}{{"gofakes3", fakeBucket}, {"minio", miniotest.Start}} {
		for _, changed := range []int{1, 1000} {
			b.Run(fmt.Sprintf("store=%s/files=%d", kind.name, changed), func(b *testing.B) { mergeToPointer(b, kind.start(b), changed) })
		}
	}
}

func fakeBucket(tb testing.TB) string {
	backend := s3mem.New()
	if err := backend.CreateBucket(miniotest.Bucket); err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	tb.Cleanup(server.Close)
	return server.URL
}

func mergeToPointer(b *testing.B, endpoint string, changed int) {
	b.Setenv("AWS_ACCESS_KEY_ID", miniotest.User)
	b.Setenv("AWS_SECRET_ACCESS_KEY", miniotest.Secret)
	address := "s3://" + miniotest.Bucket + "/acme?path_style=true&endpoint=" + endpoint
	cfg, err := s3.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	store, err := s3.Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	w := newWorld(b)
	w.must(w.Start(b.Context(), map[string]string{"TAMER_SINK": address}, quiet()))
	files := func(customers int, text string) map[string]string {
		all := map[string]string{}
		for n := range customers {
			all[fmt.Sprintf("customers/customer-%04d/plan.yaml", n)] = fmt.Sprintf("name: %s of %d\n", text, n)
		}
		return all
	}
	w.create("acme/config", plans(files(1000, "first")))
	served := func() bool {
		var c release.Channel
		body, _, err := store.Get(b.Context(), release.ChannelKey(release.Production))
		return err == nil && json.Unmarshal(body, &c) == nil && string(c.Commit) == w.tip("acme/config")
	}
	await(b, served)
	settle := func() {
		for range 2 {
			w.must(w.Hub.Wait(b.Context()))
			await(b, w.Server.Idle)
		}
	}
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		pull := w.change("acme/config", fmt.Sprint("change-", n), files(changed, fmt.Sprint("version ", n)))
		settle() // it is judged, and previewed
		b.StartTimer()
		begin := time.Now()
		_, err := w.Hub.Merge("acme/config", pull, "squash", "anna")
		w.must(err)
		await(b, served)
		took = append(took, time.Since(begin))
		b.StopTimer()
		settle()
		b.StartTimer()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "median-ms")
}

// await waits for something to become true, longer than a test would: the machine may be a busy one.
func await(b *testing.B, done func() bool) {
	b.Helper()
	for end := time.Now().Add(5 * time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatal("the pointer does not move")
		}
	}
}
