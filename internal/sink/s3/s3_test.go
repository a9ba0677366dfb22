package s3_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/internal/miniotest"
	"github.com/tamerhq/tamer/internal/ship/shiptest"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/s3"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

// workerVar makes the test binary a process that deploys.
const workerVar = "TAMER_TEST_S3_WORKER"

func TestMain(m *testing.M) {
	if os.Getenv(workerVar) == "" { // toxiproxy leaves connections behind that it has cut off
		goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*ToxicLink).read"),
			goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*ToxicLink).write"), goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"))
	}
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// work has this process deploy over whichever line it is told.
func work() error {
	return shiptest.Play(context.Background(), func(endpoint string) (sink.Sink, error) {
		return s3.Open(context.Background(), s3.Config{Bucket: miniotest.Bucket, Prefix: "storm/", Endpoint: endpoint, PathStyle: true, MaxWait: 5 * time.Millisecond,
			Credentials: credentials.NewStaticCredentialsProvider(miniotest.User, miniotest.Secret, "")})
	}, os.Stdin, os.Stdout)
}

// fakeStore is an S3 in this process, with one bucket; wrap may set something between it and its clients.
func fakeStore(t *testing.T, wrap func(http.Handler) http.Handler) *httptest.Server {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("config"); err != nil {
		t.Fatal(err)
	}
	handler := gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	if wrap != nil {
		handler = wrap(handler)
	}
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func open(t *testing.T, cfg s3.Config) *s3.Sink {
	t.Helper()
	cfg.Credentials = credentials.NewStaticCredentialsProvider("testkey", "testsecret", "")
	cfg.PathStyle, cfg.MaxWait = true, time.Millisecond
	s, err := s3.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestFake(t *testing.T) {
	t.Parallel()
	server := fakeStore(t, nil)
	var n atomic.Int64
	sinktest.Run(t, func(t *testing.T) sink.Sink {
		return open(t, s3.Config{Bucket: "config", Prefix: fmt.Sprintf("part %d+é/", n.Add(1)), Endpoint: server.URL})
	})
}

// Close leaves no connection open.
func TestClose(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	s, err := s3.Open(t.Context(), s3.Config{Bucket: "config", Endpoint: server.URL, PathStyle: true, Credentials: credentials.NewStaticCredentialsProvider("testkey", "testsecret", "")})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Get(t.Context(), "k"); err == nil {
		t.Error("a server without a store answers")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	<-closed
}

// What a deploy asks of a bucket: for one changed file at most five objects are written, for nothing none, and nothing is listed.
func TestRequestsOfADeploy(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	server := fakeStore(t, func(store http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kind := r.Method
			if r.URL.Query().Has("list-type") {
				kind = "LIST"
			}
			mu.Lock()
			asked[kind]++
			mu.Unlock()
			store.ServeHTTP(w, r)
		})
	})
	counted := func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		was := asked
		asked = map[string]int{}
		return was
	}
	most := map[string]map[string]int{"one file": {"PUT": 5, "GET": 9}, "the same": {"GET": 3}, "no config": {"PUT": 3, "GET": 9}}
	shiptest.Steps(t, open(t, s3.Config{Bucket: "config", Endpoint: server.URL}), func(step string, do func() error) error {
		counted()
		err := do()
		bounds, bounded := most[step]
		for kind, n := range counted() {
			if bounded && n > bounds[kind] {
				t.Errorf("%s: %d requests %s, want at most %d", step, n, kind, bounds[kind])
			}
		}
		return err
	})
}
