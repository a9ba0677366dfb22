package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/demo"
)

// A fleet is one or several tamers on one database, before a GitHub whose webhooks go round among those that run.
type fleet struct {
	*demo.World
	t        testing.TB
	dir      string
	database string
	client   *http.Client
	replicas []*replica

	mu      sync.Mutex
	random  *mrand.Rand
	samples []sample
	sent    int
	acked   map[string]time.Duration // how long storing took, by delivery
}

// A sample is a webhook that GitHub has sent before.
type sample struct {
	event string
	body  []byte
}

// newFleet starts everything; database is empty for a file of SQLite's. adjust may change the world before tamer is told of it.
func newFleet(t testing.TB, replicas int, database string, adjust ...func(*demo.World)) *fleet {
	t.Helper()
	dir := t.TempDir()
	world, err := demo.NewWorld(dir, "127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	world.Hub.SetRateLimit(1 << 30)
	for _, a := range adjust {
		a(world)
	}
	f := &fleet{World: world, t: t, dir: dir, database: database, random: mrand.New(mrand.NewPCG(1, 2)), acked: map[string]time.Duration{},
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	if database == "" {
		f.database = "sqlite:" + filepath.Join(dir, "tamer.db")
	}
	settings := world.Settings()
	settings["TAMER_DATABASE_URL"] = f.database
	settings["TAMER_SINK"] = "file:" + filepath.Join(dir, "deployed", "{owner}", "{repo}")
	for i := range replicas {
		f.replicas = append(f.replicas, newReplica(t, filepath.Join(dir, fmt.Sprint("replica", i+1)), settings))
	}
	door := httptest.NewServer(http.HandlerFunc(f.forward))
	t.Cleanup(func() {
		f.each(func(r *replica) { r.kill() })
		door.Close()
		if err := world.Close(t.Context()); err != nil {
			t.Error(err)
		}
		f.client.CloseIdleConnections()
	})
	f.start()
	f.Receive(door.URL)
	return f
}

// each does something to all replicas at once that run.
func (f *fleet) each(do func(*replica)) {
	var all sync.WaitGroup
	for _, r := range f.replicas {
		if r.up.Load() {
			all.Go(func() { do(r) })
		}
	}
	all.Wait()
}

func (f *fleet) start() {
	f.t.Helper()
	for _, r := range f.replicas {
		if err := r.start(); err != nil {
			f.t.Fatal(err)
		}
	}
}

func (f *fleet) stop() {
	f.t.Helper()
	f.each(func(r *replica) {
		if err := r.stop(); err != nil {
			f.t.Error(err)
		}
	})
}

// pick gives one of the replicas that run, waiting for one where there is none. At the end of the test it is nil.
func (f *fleet) pick() *replica {
	for ; f.t.Context().Err() == nil; time.Sleep(time.Millisecond) {
		running := slices.DeleteFunc(slices.Clone(f.replicas), func(r *replica) bool { return !r.up.Load() })
		if len(running) > 0 {
			return running[f.number(len(running))]
		}
	}
	return nil
}

// number is one below n, by chance.
func (f *fleet) number(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.random.IntN(n)
}

// forward hands on what GitHub sends, and keeps it as a sample.
func (f *fleet) forward(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s := sample{req.Header.Get("X-GitHub-Event"), body}
	status, stored, err := f.post(s, req.Header)
	if stored {
		f.mu.Lock()
		if f.samples = append(f.samples, s); len(f.samples) > 100 {
			f.samples = f.samples[1:]
		}
		f.mu.Unlock()
	}
	if err != nil {
		status = http.StatusBadGateway
	}
	w.WriteHeader(status)
}

// deliver sends one of the last webhooks once more, as a delivery of its own.
func (f *fleet) deliver() {
	f.mu.Lock()
	s := f.samples[f.random.IntN(len(f.samples))]
	f.mu.Unlock()
	mac := hmac.New(sha256.New, []byte(f.Settings()["TAMER_WEBHOOK_SECRET"]))
	mac.Write(s.body)
	_, _, _ = f.post(s, http.Header{"Content-Type": {"application/json"}, "X-Github-Event": {s.event}, "X-Github-Delivery": {rand.Text()},
		"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))}}) // one that is not acknowledged is lost, as with GitHub
}

// post sends a webhook to a replica that runs, which may be killed right then, and notes whether it was acknowledged. It tells whether the
// webhook asks for work, and was stored.
func (f *fleet) post(s sample, h http.Header) (status int, stored bool, err error) {
	to := f.pick()
	if to == nil {
		return 0, false, errors.New("no replica runs any more")
	}
	req, err := http.NewRequestWithContext(f.t.Context(), http.MethodPost, "http://"+to.address+"/webhook", bytes.NewReader(s.body))
	if err != nil {
		return 0, false, err
	}
	req.Header = h.Clone()
	began := time.Now()
	resp, err := f.client.Do(req)
	took := time.Since(began)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent++
	if err != nil {
		return 0, false, err
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(resp.Body) // the status is what counts
	if stored = resp.StatusCode == http.StatusAccepted && string(said) == "stored\n"; stored {
		f.acked[h.Get("X-Github-Delivery")] = took
	}
	return resp.StatusCode, stored, nil
}
