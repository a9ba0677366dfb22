package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/flow"
	"github.com/tamerhq/tamer/internal/pgtest"
	"github.com/tamerhq/tamer/internal/store"
)

// A fleet is several tamers on one database, with webhooks that go round.
type fleet struct {
	*world
	database string
	mu       sync.Mutex
	servers  []*app.Server
	next     int
	started  int
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{world: newWorld(t), database: pgtest.Create(t, pgtest.Start(t))}
	door := httptest.NewServer(&httputil.ReverseProxy{ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0), Rewrite: func(r *httputil.ProxyRequest) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.next++; len(f.servers) > 0 { // else all have been stopped, and the webhook gets lost
			to, _ := url.Parse(f.servers[f.next%len(f.servers)].URL())
			r.SetURL(to)
		}
	}})
	t.Cleanup(door.Close)
	f.Receive(door.URL)
	t.Cleanup(func() {
		for len(f.servers) > 0 {
			f.stopOldest()
		}
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return f
}

// settings are those of one more replica, which has a directory of its own.
func (f *fleet) settings() map[string]string {
	f.started++
	settings := f.Settings()
	maps.Copy(settings, map[string]string{"TAMER_DATABASE_URL": f.database, "TAMER_DATA_DIR": filepath.Join(f.dir, fmt.Sprint("replica", f.started)),
		"TAMER_SINK": "file:" + filepath.Join(f.dir, "deployed", "{owner}", "{repo}")})
	return settings
}

func (f *fleet) startOne() {
	f.t.Helper()
	settings := f.settings()
	cfg, err := app.LoadConfig(func(n string) (string, bool) { v, ok := settings[n]; return v, ok }, os.ReadFile, nil)
	f.must(err)
	s, err := app.Start(f.t.Context(), cfg, app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), SweepEvery: time.Hour})
	f.must(err)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.servers = append(f.servers, s)
}

// stopOldest stops a replica gracefully: it gets no more webhooks, and ends what it has begun.
func (f *fleet) stopOldest() {
	f.t.Helper()
	f.mu.Lock()
	oldest := f.servers[0]
	f.servers = f.servers[1:]
	f.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := oldest.Stop(ctx); err != nil {
		f.t.Error(err)
	}
}

// Pull requests, pushes and merges while each of three replicas is replaced: nothing is lost, and nothing is there twice.
func TestRollingUpdateOfReplicas(t *testing.T) {
	f := newFleet(t)
	for range 3 {
		f.startOne()
	}
	const repo, pulls = "acme/config", 9
	f.create(repo, plans())
	f.deployed(repo)
	var numbers []int
	for i := range pulls {
		numbers = append(numbers, f.change(repo, fmt.Sprint("change-", i), map[string]string{fmt.Sprintf("customers/c%d/plan.yaml", i): fmt.Sprintf("name: C%d\n", i)}))
		if i%3 == 2 {
			f.startOne()
			f.stopOldest()
		}
	}
	f.push(repo, "main", map[string]string{"customers/acme/plan.yaml": "name: New\n"})
	if got := f.deployed(repo)["acme/plan.yaml"]; got != "name: New\n" {
		t.Errorf("production has %q", got)
	}
	for _, n := range numbers {
		if run := f.judged(repo, n); run.Conclusion != "success" {
			t.Errorf("#%d: %s", n, run.Conclusion)
		}
	}
	f.until("nothing to do", f.servers[0].Idle)
	f.once(repo, numbers)
}

// once tells what is there twice.
func (f *fleet) once(repo string, pulls []int) {
	f.t.Helper()
	for _, n := range pulls {
		if own := f.own(repo, n); len(own) != 1 {
			f.t.Errorf("#%d has %d comments", n, len(own))
		}
		for _, check := range []string{flow.ValidateCheck, flow.ApprovalsCheck} {
			if runs := f.runs(repo, f.head(repo, n), check); len(runs) > 1 {
				f.t.Errorf("#%d has %d runs of %s", n, len(runs), check)
			}
		}
	}
	all, err := f.Hub.Deployments(repo)
	f.must(err)
	type place struct{ commit, environment string }
	seen := map[place]bool{}
	for _, d := range all {
		at := place{d.SHA, d.Environment}
		if seen[at] {
			f.t.Errorf("%s was deployed twice to %s", d.SHA, d.Environment)
		}
		seen[at] = true
	}
}

// kill -9 of the real program in the middle of a deploy: another replica brings it to its end.
func TestAKilledReplicasDeployIsFinishedByAnother(t *testing.T) {
	f := newFleet(t)
	const repo = "acme/config"
	f.startOne()
	f.create(repo, plans())
	f.deployed(repo)
	before := f.channel(repo).Generation
	f.stopOldest()

	c := f.childWith(f.settings(), flow.DeployWriting)
	defer c.stop()
	f.push(repo, "main", map[string]string{"customers/acme/plan.yaml": "name: New\n"})
	f.killed(c)
	f.startOne()
	s, err := store.Open(t.Context(), f.database)
	f.must(err)
	defer s.Close()
	_, err = s.DB().Exec(`UPDATE replicas SET expires_at = expires_at - 10000`) // as if ten seconds had gone by
	f.must(err)
	if got := f.deployed(repo)["acme/plan.yaml"]; got != "name: New\n" {
		t.Errorf("production has %q", got)
	}
	if g := f.channel(repo).Generation; g != before+1 {
		t.Errorf("generation %d, want %d", g, before+1)
	}
	f.once(repo, nil)
}

// The database is lost, with everything in it: the sweep builds it again, production stays, and nothing is said twice. With
// TAMER_TEST_CRASHES, for 200 open pull requests.
func TestALostDatabaseIsBuiltAgain(t *testing.T) {
	w := newWorld(t)
	const repo = "acme/config"
	pulls := 1
	if os.Getenv("TAMER_TEST_CRASHES") != "" {
		pulls = 200
	}
	w.Hub.SetRateLimit(1 << 20)
	w.start(quiet())
	w.create(repo, plans())
	w.deployed(repo)
	heads := map[int]string{}
	for i := range pulls {
		n := w.change(repo, fmt.Sprint("change-", i), map[string]string{"customers/acme/plan.yaml": fmt.Sprintf("nome: A%d\n", i)})
		heads[n] = w.judged(repo, n).HeadSHA
	}
	w.settle()
	generation := w.channel(repo).Generation
	w.must(w.Server.Stop(t.Context()))
	left, err := filepath.Glob(filepath.Join(w.dir, "tamer-data", "tamer.db*"))
	w.must(err)
	for _, file := range left {
		w.must(os.Remove(file))
	}
	w.Hub.ResetRequests()
	began := time.Now()
	w.start(quiet())
	w.settle()
	t.Logf("%d pull requests: built again in %s", pulls, time.Since(began))
	if g := w.channel(repo).Generation; g != generation {
		t.Errorf("production went from generation %d to %d", generation, g)
	}
	for n, head := range heads {
		if runs, own := w.runs(repo, head, flow.ValidateCheck), w.own(repo, n); len(runs) != 1 || len(own) != 1 {
			t.Errorf("#%d: %d check runs and %d comments", n, len(runs), len(own))
		}
	}
	for _, r := range w.Hub.Requests() {
		if r.Write() && !strings.Contains(r.Path, "access_tokens") {
			t.Errorf("%s %s was sent, though GitHub shows all of it", r.Method, r.Path)
		}
	}
}
