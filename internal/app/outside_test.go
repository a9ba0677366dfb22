package app_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/pgtest"
)

// audiences is a repository whose schema looks columns up in the warehouse.
func audiences() map[string]string {
	return map[string]string{
		"schemas/audience.schema.yaml": "properties:\n  table: {type: string}\n  column:\n    x-tamer-live: {source: warehouse, query: columns, args: {table: {from: 1/table}}}\n",
		"customers/acme/audience.yaml": "table: sales\ncolumn: day\n",
	}
}

func audience(column string) map[string]string {
	return map[string]string{"customers/acme/audience.yaml": "table: sales\ncolumn: " + column + "\n"}
}

// A log is what the operator reads.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// shows is everything that a check run shows.
func shows(run fakegithub.CheckRun) string {
	return run.Title + "\n" + run.Summary + "\n" + run.Text + "\n" + annotationsText(run.Annotations)
}

func TestLiveDataFromPostgres(t *testing.T) {
	address := pgtest.Start(t)
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`CREATE TABLE columns (tab text, name text); INSERT INTO columns VALUES ('sales', 'day'), ('sales', 'spend_eur'), ('people', 'spend'), ('sales', 'hidden_row')`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	w, log := newWorld(t), &logbook{}
	w.File = fmt.Appendf(nil, "sources: {warehouse: {repositories: [acme/config], postgres: %q, queries: {columns: {sql: SELECT name FROM columns WHERE tab = $1, args: [table]}}}}\n", address)
	w.start(app.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	w.create("acme/config", audiences())
	w.create("acme/other", audiences())

	good := w.judged("acme/config", w.change("acme/config", "good", audience("spend_eur")))
	if good.Conclusion != "success" {
		t.Errorf("a value that is there: %s: %s", good.Conclusion, shows(good))
	}
	bad := w.judged("acme/config", w.change("acme/config", "bad", audience("spend")))
	if got, want := annotationsText(bad.Annotations), "customers/acme/audience.yaml:2: failure: \"spend\" is not in warehouse/columns for table \"sales\" [live]\n\tfix: correct the spelling, or have it added to warehouse first and then press Re-run"; bad.Conclusion != "failure" || got != want {
		t.Errorf("a value that is not: %s:\n%s", bad.Conclusion, got)
	}
	if strings.Contains(shows(bad), "hidden_row") {
		t.Errorf("a row is shown: %s", shows(bad))
	}
	hostile := w.judged("acme/config", w.change("acme/config", "hostile", map[string]string{"customers/acme/audience.yaml": "table: \"x' OR 'x' = 'x\"\ncolumn: day\n"}))
	if hostile.Conclusion != "failure" {
		t.Errorf("a value reached the statement: %s", shows(hostile))
	}
	other := w.judged("acme/other", w.change("acme/other", "change", audience("spend_eur")))
	if other.Conclusion != "failure" || !strings.Contains(annotationsText(other.Annotations), "schemas/audience.schema.yaml:4: failure: the operator has declared no source \"warehouse\" for this repository") {
		t.Errorf("a repository that may not: %s: %s", other.Conclusion, shows(other))
	}
	// What was wrong before in files that the change leaves alone is not looked up.
	calm := w.judged("acme/other", w.change("acme/other", "calm", map[string]string{"customers/beta/audience.yaml": "table: sales\n"}))
	if calm.Conclusion != "success" {
		t.Errorf("a change that asks nothing: %s: %s", calm.Conclusion, shows(calm))
	}
}

// A source that is down: the check waits for it, then fails without blaming the editor, and Re-run asks anew.
func TestLiveDataDownAndBack(t *testing.T) {
	var up atomic.Bool
	warehouse := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !up.Load() {
			http.Error(rw, "hidden_row", http.StatusServiceUnavailable)
			return
		}
		io.WriteString(rw, `["day", "spend_eur"]`)
	}))
	defer warehouse.Close()
	w, log := newWorld(t), &logbook{}
	w.File = fmt.Appendf(nil, "sources: {warehouse: {repositories: [acme/config], http: %q, queries: {columns: {path: '/columns?of={table}', json: '/*'}}}}\n", warehouse.URL)
	w.start(app.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	w.create("acme/config", audiences())
	w.deployed("acme/config") // live data does not stand between a merge and production

	n := w.change("acme/config", "change", audience("spend_eur"))
	run := w.judged("acme/config", n)
	if run.Conclusion != "failure" || run.Title != "could not be checked: warehouse did not answer" || len(run.Annotations) != 0 {
		t.Errorf("%s: %s", run.Conclusion, shows(run))
	}
	if strings.Contains(shows(run), "hidden_row") || strings.Contains(shows(run), "503") {
		t.Errorf("what the source said is shown: %s", shows(run))
	}
	if text := log.String(); strings.Count(text, `msg="live data not answered" source=warehouse query=columns error="HTTP status 503"`) != 4 {
		t.Errorf("the operator reads\n%s", text)
	}
	w.settle()
	up.Store(true)
	w.must(w.Hub.RerequestCheck("acme/config", run.ID, "anna"))
	w.until("a green run", func() bool {
		runs := w.runs("acme/config", run.HeadSHA, "tamer/validate")
		return len(runs) == 2 && runs[1].Conclusion == "success"
	})
}

// A fork is not asked for, and the words say how to go on; when a maintainer does so, both pull requests are green.
func TestLiveDataOfAFork(t *testing.T) {
	var asked atomic.Int64
	systems := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Method == http.MethodPost {
			io.WriteString(rw, `{"files":[]}`)
			return
		}
		io.WriteString(rw, `["spend_eur"]`)
	}))
	defer systems.Close()
	w := newWorld(t)
	w.File = outsideFile(t, w.dir, systems.URL, systems.URL)
	w.start(app.Options{})
	w.create("acme/config", audiences())
	fork, err := w.Hub.Fork("acme/config", "stranger")
	w.must(err)
	w.push(fork, "change", audience("spend_eur"))
	n, err := w.Hub.OpenPull("acme/config", fakegithub.Pull{Head: "stranger:change"})
	w.must(err)
	run := w.judged("acme/config", n)
	if run.Conclusion != "failure" || !strings.Contains(run.Text, "a maintainer who has read the change pushes the branch to this repository") || asked.Load() != 0 {
		t.Errorf("%s after %d requests: %s", run.Conclusion, asked.Load(), shows(run))
	}
	w.settle()
	_, err = w.Hub.ForcePush("acme/config", "theirs", run.HeadSHA, fakegithub.Change{})
	w.must(err)
	own, err := w.Hub.OpenPull("acme/config", fakegithub.Pull{Head: "theirs", Author: "anna"})
	w.must(err)
	w.until("a green run", func() bool {
		runs := w.runs("acme/config", w.head("acme/config", own), "tamer/validate")
		return len(runs) > 0 && runs[len(runs)-1].Conclusion == "success" && asked.Load() == 2
	})
}

// outsideFile declares a warehouse and the check "credit".
func outsideFile(t *testing.T, dir, warehouse, credit string) []byte {
	t.Helper()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(nil, `
sources:
  warehouse: {repositories: [acme/*], http: %q, queries: {columns: {path: "/columns?of={table}", json: "/*"}}}
external_checks:
  credit: {repositories: [acme/*], url: %q, secret_file: %q, types: [audience, plan], timeout: 5s}
`, warehouse, credit, secret)
}

// An external check judges the customers that a change touches, and fails where its answer cannot be used.
func TestExternalCheck(t *testing.T) {
	var mu sync.Mutex
	answer := func(customer string, rw http.ResponseWriter) { io.WriteString(rw, `{"files":[]}`) }
	credit := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var posted struct{ Customer, Repository string }
		if err := json.NewDecoder(r.Body).Decode(&posted); err != nil || posted.Repository != "acme/config" || !strings.HasPrefix(r.Header.Get("X-Tamer-Signature-256"), "sha256=") {
			t.Errorf("posted %+v, %v", posted, err)
		}
		mu.Lock()
		defer mu.Unlock()
		answer(posted.Customer, rw)
	}))
	defer credit.Close()
	w := newWorld(t)
	w.File = outsideFile(t, w.dir, credit.URL, credit.URL)
	w.start(app.Options{})
	w.create("acme/config", plans())
	set := func(with func(customer string, rw http.ResponseWriter)) {
		mu.Lock()
		defer mu.Unlock()
		answer = with
	}
	judge := func(branch string) fakegithub.CheckRun {
		return w.judged("acme/config", w.change("acme/config", branch, map[string]string{"customers/acme/plan.yaml": "name: " + branch + "\nlimit: 5\n", "customers/beta/plan.yaml": "name: " + branch + "\n"}))
	}
	if run := judge("fine"); run.Conclusion != "success" {
		t.Errorf("%s: %s", run.Conclusion, shows(run))
	}
	set(func(customer string, rw http.ResponseWriter) {
		if customer == "beta" {
			io.WriteString(rw, `{"files":[]}`)
			return
		}
		io.WriteString(rw, `{"files":[{"path":"customers/acme/plan.yaml","findings":[{"rule":"limit","level":"failure","path":"/limit","message":"the contract @carla allows 3","fix":"write 3"}]}]}`)
	})
	if run := judge("wrong"); run.Conclusion != "failure" || annotationsText(run.Annotations) != "customers/acme/plan.yaml:2: failure: the contract @carla allows 3 [credit/limit]\n\tfix: write 3" {
		t.Errorf("%s: %s", run.Conclusion, shows(run))
	}
	set(func(_ string, rw http.ResponseWriter) {
		io.WriteString(rw, `{"files":[{"path":"customers/other/plan.yaml","findings":[]}]}`)
	})
	if run := judge("nonsense"); run.Conclusion != "failure" || run.Title != "could not be checked: credit gave no usable answer" {
		t.Errorf("%s: %s", run.Conclusion, shows(run))
	}
}
