package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tamerhq/tamer/internal/app"
)

// canarySinks and canarySources are the credentials of stores and sources, each in a file of its own.
var (
	canarySinks   = map[string]string{"redis": "canary-redis", "hook": "canary-hook", "rows": "canary-postgres"}
	canarySources = map[string]string{"header": "Authorization: Bearer canary-header", "ledger": "postgres://tamer:canary-ledger@127.0.0.1:1/ledger", "check": "canary-check"}
)

// canaryAccessKey stands in the environment of all tests of this package, where Amazon's client finds it.
const canaryAccessKey = "canary-access-key"

// canaries is a tamer whose every credential and live row holds the word, in a file or a setting of its own, and the places where these
// are not to be found.
type canaries struct {
	*world
	log, traces *logbook
	secret      map[string]string // by what it is
	database    string            // an address of PostgreSQL; "" for SQLite
	cfg         app.Config
	down        *atomic.Bool // the live source and the external check answer with an error
}

// withCanaries starts one, on the PostgreSQL that is at an address, or on SQLite. Of its sinks one works: at the others is nobody, or who
// refuses everything.
func withCanaries(t *testing.T, database string) canaries {
	t.Helper()
	c := canaries{world: newWorld(t), log: &logbook{}, traces: &logbook{}, down: new(atomic.Bool), secret: map[string]string{"a live row": "canary-row", "the key of a bucket": canaryAccessKey}}
	systems := httptest.NewServer(http.HandlerFunc(c.answer))
	t.Cleanup(systems.Close)
	c.File = fmt.Appendf(nil, `
sources:
  warehouse: {repositories: [acme/*], http: %[1]q, header_file: %[2]q, queries: {columns: {path: "/columns?of={table}", json: "/*"}}}
  ledger: {repositories: [acme/*], postgres_file: %[3]q, queries: {accounts: {sql: SELECT name FROM accounts}}}
external_checks:
  credit: {repositories: [acme/*], url: %[1]q, secret_file: %[4]q, types: [audience], timeout: 5s}
sinks:
  files: {url: %[5]q}
  cache: {url: "redis://tamer@127.0.0.1:1", secret_file: %[6]q}
  service: {url: "hook+%[1]s/refused", secret_file: %[7]q}
  rows: {url: "postgres://tamer@127.0.0.1:1/config?schema={owner}-{repo}", secret_file: %[8]q}
  bucket: {url: "s3://bucket/{owner}/{repo}?region=eu-central-1&path_style=true&endpoint=%[1]s/refused"}
`, systems.URL, c.file("header", canarySources), c.file("ledger", canarySources), c.file("check", canarySources),
		"file:"+filepath.Join(c.dir, "deployed", "{owner}", "{repo}"), c.file("redis", canarySinks), c.file("hook", canarySinks), c.file("rows", canarySinks))
	settings := c.Settings()
	c.secret["the webhook secret"] = settings["TAMER_WEBHOOK_SECRET"]
	c.secret["the app's key"] = strings.Split(settings["TAMER_PRIVATE_KEY"], "\n")[1]
	settings["TAMER_CLIENT_ID"], settings["TAMER_CLIENT_SECRET"] = "Iv1.known", "canary-client"
	c.secret["the secret of sign-in"] = settings["TAMER_CLIENT_SECRET"]
	if settings["TAMER_SINK"] = ""; database != "" {
		c.database, c.secret["the database's password"] = database, "canary-database"
		settings["TAMER_DATABASE_URL"] = strings.Replace(database, "?", "?password=canary-database&", 1)
	}
	settings["TAMER_TRACES_URL"] = systems.URL + "/collector"
	var err error
	c.cfg, err = app.LoadConfig(from(settings), os.ReadFile, c.File)
	c.must(err)
	c.must(c.Start(t.Context(), settings, app.Options{Log: slog.New(slog.NewJSONHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug})), SweepEvery: quiet().SweepEvery}))
	return c
}

// file writes a credential into a file, and notes what of it is secret.
func (c canaries) file(name string, from map[string]string) string {
	c.t.Helper()
	path, content := filepath.Join(c.dir, name), from[name]
	c.must(os.WriteFile(path, []byte(content), 0o600))
	if at, err := url.Parse(content); err == nil && at.User != nil {
		content, _ = at.User.Password()
	}
	words := strings.Fields(content)
	c.secret["the credential "+name] = words[len(words)-1]
	return path
}

// answer is what the systems of the operator's say: the collector of traces, stores that refuse, a source of live data and an external check.
func (c canaries) answer(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/collector"):
		_, _ = io.Copy(c.traces, r.Body)
	case strings.HasPrefix(r.URL.Path, "/refused"):
		http.Error(w, "canary-row "+r.Header.Get("Authorization"), http.StatusForbidden)
	case c.down.Load():
		http.Error(w, "canary-row "+r.Header.Get("Authorization"), http.StatusServiceUnavailable)
	case r.Method == http.MethodPost:
		_, _ = io.WriteString(w, `{"files":[]}`)
	default:
		_, _ = io.WriteString(w, `["day", "canary-row"]`)
	}
}

// kept gives all that the server has written down, by where it stands.
func (c canaries) kept(ctx context.Context) map[string]string {
	c.t.Helper()
	all := map[string]string{}
	c.must(filepath.WalkDir(filepath.Join(c.dir, "tamer-data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all[path] = string(content)
		return err
	}))
	if c.database == "" {
		return all
	}
	db, err := pgx.Connect(ctx, c.database)
	c.must(err)
	defer db.Close(ctx)
	tables, err := db.Query(ctx, "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')")
	c.must(err)
	names, err := pgx.CollectRows(tables, pgx.RowTo[string])
	c.must(err)
	for _, name := range names {
		var rows bytes.Buffer
		_, err := db.PgConn().CopyTo(ctx, &rows, "COPY "+name+" TO STDOUT")
		c.must(err)
		all[name] = rows.String()
	}
	return all
}
