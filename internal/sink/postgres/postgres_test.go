package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/tamerhq/tamer/internal/pgtest"
	"github.com/tamerhq/tamer/internal/ship/shiptest"
	"github.com/tamerhq/tamer/internal/sink"
	"github.com/tamerhq/tamer/internal/sink/postgres"
	"github.com/tamerhq/tamer/internal/sink/sinktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, address string) *postgres.Sink {
	t.Helper()
	cfg, err := postgres.Parse(address, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := postgres.Open(t.Context(), cfg)
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

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func TestPostgres(t *testing.T) {
	address := pgtest.Start(t)
	t.Run("suite", func(t *testing.T) {
		var n atomic.Int64
		sinktest.Run(t, func(t *testing.T) sink.Sink { return open(t, fmt.Sprintf("%s&schema=Part-%d.x", address, n.Add(1))) })
	})
	t.Run("all or nothing", func(t *testing.T) { allOrNothing(t, open(t, address+"&schema=batch")) })
	t.Run("never torn", func(t *testing.T) {
		t.Logf("%d reads", shiptest.Torn(t, shiptest.Faulty(open(t, address+"&schema=torn"), 30), open(t, address+"&schema=torn")))
	})
	t.Run("steps", func(t *testing.T) { shiptest.Steps(t, open(t, address+"&schema=steps"), nil) })
	t.Run("views", func(t *testing.T) { views(t, address) })
	t.Run("listen", func(t *testing.T) { listen(t, address) })
	t.Run("permissions", func(t *testing.T) { permissions(t, address) })
	t.Run("made by many", func(t *testing.T) { madeByMany(t, address) })
	t.Run("encoding", func(t *testing.T) { encoding(t, address) })
}

func put(t *testing.T, s sink.Sink, steps ...sink.Step) {
	t.Helper()
	if err := sink.Apply(t.Context(), s, steps); err != nil {
		t.Fatal(err)
	}
}

// allOrNothing holds that a batch with a conflict does nothing, however many steps it has.
func allOrNothing(t *testing.T, s sink.Sink) {
	put(t, s, sink.Step{Key: "z", Body: []byte("before")})
	var steps []sink.Step
	for i := range 2500 {
		steps = append(steps, sink.Step{Key: fmt.Sprintf("many/%d", i), Body: []byte("x")})
	}
	err := sink.Apply(t.Context(), s, append(steps, sink.Step{Key: "z", Cond: sink.IfAbsent()}))
	if !errors.Is(err, sink.ErrConflict) || !strings.Contains(err.Error(), `object "z"`) {
		t.Errorf("a batch with a conflict: %v", err)
	}
	for o, err := range s.List(t.Context(), "many/") {
		t.Fatalf("after a conflict there is %+v, %v", o, err)
	}
	put(t, s, steps...)
}

// views holds that SQL reads what a channel serves, with held customers, files of several documents, and no other channel's.
func views(t *testing.T, address string) {
	s, db := open(t, address+"&schema=views"), connect(t, address)
	put(t, s,
		sink.Step{Key: ".tamer/bundles/b1.json", Body: []byte(`{"customer":"acme","configs":{"plan":{"path":"acme/plan.yaml","sha256":"00","value":{"seats":5,"odd":"\u0000\u0000\\u0000\\\u0000"}},"two":{"path":"acme/two.yaml","sha256":"11","documents":[1,2]}}}`)},
		sink.Step{Key: ".tamer/bundles/b2.json", Body: []byte(`{"customer":"hooli","configs":{"plan":{"path":"hooli/plan.yaml","sha256":"22","value":null}}}`)},
		sink.Step{Key: ".tamer/releases/r1.json", Body: []byte(`{"customers":{"acme":{"bundle":"b1"},"hooli":{"bundle":"b2","held":{"reason":"plan-limit"}},"new":{"bundle":null,"held":{"reason":"x"}}}}`)},
		sink.Step{Key: ".tamer/releases/r2.json", Body: []byte(`{"customers":{}}`)},
		sink.Step{Key: ".tamer/channels/production.json", Body: []byte(`{"channel":"production","repository":"acme/config","commit":"c1","release":"r1","generation":7,"updated_at":"2026-11-23T04:00:00Z","hold":null}`)},
		sink.Step{Key: ".tamer/channels/branch/x.json", Body: []byte(`{"channel":"branch/x","commit":"c2","release":"r2","generation":1,"updated_at":"2026-11-23T04:00:00Z","hold":null}`)})
	for query, want := range map[string]string{
		`SELECT value ->> 'odd' FROM views.configs WHERE type = 'plan' AND customer = 'acme'`:                                               "\ufffd\ufffd\\u0000\\\ufffd",
		`SELECT value ->> 'seats' FROM views.configs WHERE channel = 'production' AND customer = 'acme' AND type = 'plan'`:                  "5",
		`SELECT documents::text FROM views.configs WHERE customer = 'acme' AND type = 'two'`:                                                "[1,2]",
		`SELECT string_agg(customer || '/' || type || '@' || commit, ' ' ORDER BY customer, type) FROM views.configs`:                       "acme/plan@c1 acme/two@c1 hooli/plan@c1",
		`SELECT string_agg(customer || '=' || (held ->> 'reason'), ' ' ORDER BY customer) FROM views.customers WHERE held IS NOT NULL`:      "hooli=plan-limit new=x",
		`SELECT string_agg(channel || ' ' || generation, ', ' ORDER BY channel) FROM views.channels WHERE updated_at < '2026-11-23 05:00Z'`: "branch/x 1, production 7",
	} {
		var got string
		if err := db.QueryRow(t.Context(), query).Scan(&got); err != nil || got != want {
			t.Errorf("%s\ngot  %q, %v\nwant %q", query, got, err, want)
		}
	}
}

// listen holds that who listens is told of channels, after the move can be seen, and of nothing else.
func listen(t *testing.T, address string) {
	s, db := open(t, address+"&schema=moves"), connect(t, address)
	if _, err := db.Exec(t.Context(), "LISTEN moves"); err != nil {
		t.Fatal(err)
	}
	put(t, s, sink.Step{Key: "acme/plan.yaml", Body: []byte("x")})
	put(t, s, sink.Step{Key: ".tamer/channels/production.json", Body: []byte("{}")})
	if err := sink.Apply(t.Context(), s, []sink.Step{{Key: ".tamer/channels/production.json", Cond: sink.IfAbsent()}}); !errors.Is(err, sink.ErrConflict) {
		t.Fatal(err)
	}
	put(t, s, sink.Step{Key: ".tamer/channels/branch/a%2fb.json", Delete: true})
	var told []string
	for range 2 {
		n, err := db.WaitForNotification(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, n.Channel+" "+n.Payload)
	}
	if want := []string{"moves production", "moves branch/a%2fb"}; !slices.Equal(told, want) {
		t.Errorf("told of %q, want %q", told, want)
	}
}

// permissions holds what somebody with too few rights reads, and that a reader needs no right to make anything.
func permissions(t *testing.T, address string) {
	owner, db := open(t, address+"&schema=guarded"), connect(t, address)
	put(t, owner, sink.Step{Key: "k", Body: []byte("body")})
	for _, sql := range []string{"CREATE ROLE reader LOGIN", "GRANT USAGE ON SCHEMA guarded TO reader", "GRANT SELECT ON ALL TABLES IN SCHEMA guarded TO reader"} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	as := strings.Replace(address, "user=tamer", "user=reader", 1)
	reader := open(t, as+"&schema=guarded")
	if body, _, err := reader.Get(t.Context(), "k"); err != nil || string(body) != "body" {
		t.Errorf("a reader's Get = %q, %v", body, err)
	}
	for name, s := range map[string]sink.Sink{"no right to write": reader, "no right to make the schema": open(t, as+"&schema=nowhere")} {
		_, err := s.Put(t.Context(), "k", []byte("x"), sink.Always)
		if err == nil || !strings.Contains(err.Error(), "grant CREATE on the database") {
			t.Errorf("%s: %v", name, err)
		}
	}
	nowhere := open(t, as+"&schema=nowhere")
	if _, _, err := nowhere.Get(t.Context(), "k"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Get where there is no schema: %v", err)
	}
	for o, err := range nowhere.List(t.Context(), "") {
		t.Errorf("List where there is no schema gave %+v, %v", o, err)
	}
}

// madeByMany holds that processes that start together do not stumble over each other.
func madeByMany(t *testing.T, address string) {
	var all sync.WaitGroup
	for i := range 6 {
		s := open(t, address+"&schema=together")
		all.Go(func() {
			if _, err := s.Put(t.Context(), fmt.Sprint(i), nil, sink.IfAbsent()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func encoding(t *testing.T, address string) {
	if _, err := connect(t, address).Exec(t.Context(), "CREATE DATABASE old ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'"); err != nil {
		t.Fatal(err)
	}
	_, err := open(t, strings.Replace(address, "/postgres?", "/old?", 1)).Put(t.Context(), "k", nil, sink.Always)
	if err == nil || !strings.Contains(err.Error(), "make one with ENCODING 'UTF8'") {
		t.Error(err)
	}
}

func TestParse(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://bob@db.example.com/config":                       "postgres://db.example.com/config?schema=tamer",
		"postgresql://bob:hunter2@db.example.com/config?schema=shop": "postgres://db.example.com/config?schema=shop",
		"postgres://db/x?sslmode=require&schema=acme-shop.config":    "postgres://db/x?schema=acme-shop.config",
	} {
		if got, err := postgres.Parse(address, "hunter2"); err != nil || got.String() != want {
			t.Errorf("%s\ngot  %v, %v\nwant %s", address, got, err, want)
		}
	}
	for address, want := range map[string]string{
		"mysql://bob:hunter2@db/x":                          "write postgres://USER@HOST/DATABASE?schema=NAME",
		"postgres://bob:hunter2@db/x?schema=":               `the schema ""`,
		"postgres://bob:hunter2@db/x?schema=a&schema=b":     "write one name",
		"postgres://db/x?schema=" + strings.Repeat("x", 64): "at most 63",
		`postgres://db/x?schema=a"b`:                        "write one name",
		"postgres://bob:hunter2@db:port/x":                  "write postgres://",
		"postgres://bob:hunter2@db/x?sslmode=hunter2":       "the address cannot be read",
		"postgres://bob:hun%ter2@db/x":                      "write postgres://",
	} {
		_, err := postgres.Parse(address, "")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s\ngot  %v\nwant %s", address, err, want)
		}
	}
}
