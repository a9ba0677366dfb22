package source_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/outside"
	"github.com/tamerhq/tamer/internal/pgtest"
	"github.com/tamerhq/tamer/internal/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var repo = forge.Repo{Owner: "acme", Name: "config"}

// A desk is a set of sources with a clock that stands still, and a notebook of what the operator was told.
type desk struct {
	*source.Sources
	mu    sync.Mutex
	clock time.Time
	told  []string
}

func open(t *testing.T, sources map[string]source.Source) *desk {
	t.Helper()
	d := &desk{clock: time.Unix(1_800_000_000, 0)}
	for name, s := range sources {
		if s.Repositories == nil {
			s.Repositories = []string{"acme/*"}
			sources[name] = s
		}
	}
	var err error
	if d.Sources, err = source.New(source.Config{Sources: sources, Now: func() time.Time { d.mu.Lock(); defer d.mu.Unlock(); return d.clock },
		Report: func(_ context.Context, q outside.Query, err error) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.told = append(d.told, q.String()+": "+err.Error())
		}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *desk) wait(how time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clock = d.clock.Add(how)
}

// ask puts one query, and says what came back in one line.
func (d *desk) ask(t *testing.T, q outside.Query) string {
	t.Helper()
	return d.all(t, false, q)[0]
}

func (d *desk) all(t *testing.T, fresh bool, queries ...outside.Query) []string {
	t.Helper()
	answers, err := d.Ask(t.Context(), repo, queries, fresh)
	if err != nil {
		t.Fatal(err)
	}
	lines := make([]string, len(answers))
	for i, a := range answers {
		var texts []string
		for _, text := range slices.Sorted(maps.Keys(a.Values)) {
			if !strings.HasPrefix(text, "\x00") {
				texts = append(texts, text)
			}
		}
		lines[i] = strings.TrimSpace(strings.Join([]string{string(a.Fault), a.Near, strings.Join(a.Args, ","), strings.Join(texts, " ")}, " "))
	}
	return lines
}

func query(name string, args ...string) outside.Query {
	q := outside.Query{Source: "warehouse", Name: name, Args: map[string]string{}}
	for i := 0; i < len(args); i += 2 {
		q.Args[args[i]] = args[i+1]
	}
	return q
}

func TestPostgres(t *testing.T) {
	address := pgtest.Start(t)
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE columns (tab text, id int, name text); INSERT INTO columns VALUES ('sales', 1, 'spend_eur'), ('sales', 2, 'day'), ('sales', 3, NULL), ('people', 4, 'secret name')`); err != nil {
		t.Fatal(err)
	}
	d := open(t, map[string]source.Source{"warehouse": {Postgres: address, Queries: map[string]source.Query{
		"columns": {SQL: "SELECT name FROM columns WHERE tab = $1", Args: []string{"table"}},
		"by-id":   {SQL: "SELECT name FROM columns WHERE id = $1", Args: []string{"id"}},
		"ids":     {SQL: "SELECT id FROM columns", Rows: 4},
		"kinds":   {SQL: "SELECT unnest(ARRAY[1.50::text, 2.0::float8::text, true::text, '2026-01-02'::date::text])"},
		"date":    {SQL: "SELECT '2026-01-02'::date"},
		"numeric": {SQL: "SELECT 12.50::numeric"},
		"bool":    {SQL: "SELECT $1::bool", Args: []string{"b"}},
		"few":     {SQL: "SELECT id FROM columns", Rows: 3},
		"hang":    {SQL: "SELECT pg_sleep(600)::text", Timeout: 100 * time.Millisecond},
		"endless": {SQL: "SELECT n || repeat('x', 1000) FROM (SELECT generate_series(1, 1000000000) AS n) AS numbers", Rows: 1 << 40, Timeout: 20 * time.Second},
		"huge":    {SQL: "SELECT repeat('x', 200000000)", Timeout: 20 * time.Second},
		"two":     {SQL: "SELECT id, name FROM columns"},
		"broken":  {SQL: "SELECT name FROM colums"},
		"leak":    {SQL: "SELECT name::int FROM columns WHERE id = 4"},
		"write":   {SQL: "INSERT INTO columns VALUES ('x', 9, 'x') RETURNING name"},
	}}})
	for _, c := range []struct {
		query  outside.Query
		want   string
		report string // part of what the operator is told
	}{
		{query("columns", "table", "sales"), "day spend_eur", ""},
		{query("columns", "table", "none"), "", ""},
		{query("columns", "table", "sales' OR 'x' = 'x"), "", ""},
		{query("by-id", "id", "2"), "day", ""},
		{query("by-id", "id", "two"), "unusable answer", "SQLSTATE 22P02"},
		{query("ids"), "1 2 3 4", ""},
		{query("kinds"), "1.50 2 2026-01-02 true", ""},
		{query("date"), "2026-01-02", ""},
		{query("numeric"), "12.50", ""},
		{query("bool", "b", "true"), "true", ""},
		{query("few"), "unusable answer", "more than 3 rows"},
		{query("hang"), "no answer", "warehouse/hang: no answer in time"},
		{query("endless"), "unusable answer", "more than 10485760 bytes"},
		{query("huge"), "unusable answer", "a row of the answer has more than"},
		{query("two"), "unusable answer", "selects 2 columns"},
		{query("broken"), "unusable answer", `relation "colums" does not exist`},
		{query("leak"), "unusable answer", "SQLSTATE 22P02"},
		{query("write"), "unusable answer", "read-only"},
		{query("columns"), "wrong arguments  table", ""},
		{query("colums", "table", "sales"), "unknown query columns", ""},
		{outside.Query{Source: "warehose", Name: "columns"}, "unknown source warehouse", ""},
	} {
		d.told = nil
		if got := d.ask(t, c.query); got != c.want {
			t.Errorf("%v: got %q, want %q", c.query, got, c.want)
		}
		if told := strings.Join(d.told, "\n"); !strings.Contains(told, c.report) || (told == "") != (c.report == "") || strings.Contains(told, "secret") {
			t.Errorf("%v: the operator is told %q, want %q", c.query, told, c.report)
		}
	}
	var n int
	if err := db.QueryRow(`SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND state = 'active' AND pid <> pg_backend_pid()`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d queries hang on at the server, %v", n, err)
	}
}

func TestSQLite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a b?c.db")
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer(" ", "%20", "?", "%3f").Replace(file))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`CREATE TABLE plans (id INTEGER, name TEXT); INSERT INTO plans VALUES (1, 'free'), (2, 'pro')`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	d := open(t, map[string]source.Source{"warehouse": {SQLite: file, Queries: map[string]source.Query{
		"plan":    {SQL: "SELECT name FROM plans WHERE id = ?", Args: []string{"id"}},
		"ids":     {SQL: "SELECT id FROM plans"},
		"endless": {SQL: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", Timeout: 50 * time.Millisecond},
		"write":   {SQL: "INSERT INTO plans VALUES (3, 'x') RETURNING name"},
		"broken":  {SQL: "SELECT name FROM plan"},
	}}, "gone": {SQLite: file + ".not", Queries: map[string]source.Query{"ids": {SQL: "SELECT 1"}}}})
	for _, c := range []struct {
		query outside.Query
		want  string
	}{
		{query("plan", "id", "2"), "pro"},
		{query("ids"), "1 2"},
		{query("endless"), "no answer"},
		{query("write"), "unusable answer"},
		{query("broken"), "unusable answer"},
		{outside.Query{Source: "gone", Name: "ids"}, "no answer"},
	} {
		if got := d.ask(t, c.query); got != c.want {
			t.Errorf("%v: got %q, want %q (%v)", c.query, got, c.want, d.told)
		}
	}
}

// A database that is not there, whatever its kind: no answer, and the operator's log holds no password.
func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	q := map[string]source.Query{"columns": {SQL: "SELECT 1", Path: "/x", Timeout: 5 * time.Second}}
	for name, s := range map[string]source.Source{
		"PostgreSQL": {Postgres: "postgres://bob:hunter2@" + address + "/db", Queries: q},
		"MySQL":      {MySQL: "bob:hunter2@tcp(" + address + ")/db", Queries: q},
		"HTTP":       {HTTP: "http://" + address, Header: "Authorization: Bearer hunter2", Queries: q},
	} {
		d := open(t, map[string]source.Source{"warehouse": s})
		if got := d.ask(t, query("columns")); got != "no answer" || len(d.told) != 1 || strings.Contains(d.told[0], "hunter2") {
			t.Errorf("%s: %q; the operator is told %q", name, got, d.told)
		}
	}
}

func TestAddresses(t *testing.T) {
	_, err := source.New(source.Config{Now: time.Now, Sources: map[string]source.Source{
		"a": {Postgres: "postgres://bob:hunter2@%zz"}, "b": {MySQL: "hunter2"}, "c": {HTTP: "https://bob:hunter2@example.com"}, "d": {SQLite: "x.db"},
	}})
	if got := fmt.Sprint(err); strings.Contains(got, "hunter2") || strings.Count(got, "source ") != 3 {
		t.Error(got)
	}
}
