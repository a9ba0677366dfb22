package queue_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/work"
)

// A disk that is full: what cannot be stored is told so, what was acknowledged is there and worked on, and when there is room again
// everything goes on by itself.
func TestAFullDisk(t *testing.T) {
	if !on("sqlite") {
		return
	}
	t.Parallel()
	worked := make(chan work.Key, 10_000)
	st := begin(t, func(c *queue.Config) {
		c.Handle = func(_ context.Context, t work.Task) (work.State, error) { worked <- t.Key; return "", nil }
	})
	var pages int
	db := st.store.DB()
	if err := db.QueryRowContext(t.Context(), `PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	room := func(pages int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), fmt.Sprint(`PRAGMA max_page_count = `, pages)).Scan(new(int)); err != nil {
			t.Fatal(err)
		}
	}
	accept := func(n int) error {
		k := work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: n}
		_, err := st.Accept(t.Context(), work.Delivery{ID: fmt.Sprint("d-", n), Event: "push", Wanted: []work.Wanted{want(k)}})
		return err
	}
	room(pages + 6)
	refused, accepted := 0, map[int]bool{}
	for n := 1; refused < 5; n++ {
		if err := accept(n); err != nil {
			refused++
		} else {
			accepted[n] = true
		}
	}
	if len(accepted) == 0 {
		t.Fatal("nothing was accepted before the disk was full")
	}
	room(1 << 20)
	if err := accept(1_000_000); err != nil {
		t.Fatalf("there is room again: %v", err)
	}
	accepted[1_000_000] = true
	seen := map[int]bool{}
	for len(seen) < len(accepted) {
		select {
		case k := <-worked:
			seen[k.Number] = true
		case <-time.After(20 * time.Second):
			t.Fatalf("of %d accepted deliveries %d were worked on", len(accepted), len(seen))
		}
	}
	for n := range seen {
		if !accepted[n] {
			t.Errorf("%d was refused, and yet worked on", n)
		}
	}
}

// Somebody holds the file's lock with another tool: whoever asks is told so as soon as he will wait no longer, and later is heard.
func TestALockedFile(t *testing.T) {
	if !on("sqlite") {
		return
	}
	t.Parallel()
	url := newDatabase(t)
	st := beginAt(t, url)
	tool, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(url, "sqlite:")+"?_busy_timeout=20000")
	if err != nil {
		t.Fatal(err)
	}
	defer tool.Close()
	tool.SetMaxOpenConns(1)
	if _, err := tool.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	d := work.Delivery{ID: "d-1", Event: "push", Wanted: []work.Wanted{want(main)}}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if fresh, err := st.Accept(ctx, d); err == nil || fresh {
		t.Errorf("fresh %t, %v; want an error", fresh, err)
	}
	if _, err := tool.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if fresh, err := st.Accept(t.Context(), d); err != nil || !fresh {
		t.Errorf("later: fresh %t, %v", fresh, err)
	}
	st.is(st.next(), "branch/1/2/main attempt 1 anew false")
}

// PostgreSQL ends all connections, again and again, as at a restart: an acknowledged delivery is worked on, whatever became of others.
func TestConnectionsThatAreCut(t *testing.T) {
	if !on("postgres") {
		return
	}
	t.Parallel()
	worked := make(chan work.Key, 10_000)
	url := newDatabase(t)
	st := beginAt(t, url, func(c *queue.Config) {
		c.Handle = func(_ context.Context, t work.Task) (work.State, error) { worked <- t.Key; return "", nil }
	})
	knife := openStore(t, url)
	accepted, refused := map[int]bool{}, 0
	for n := 1; n <= 60; n++ {
		k := work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: n}
		if _, err := st.Accept(t.Context(), work.Delivery{ID: fmt.Sprint("d-", n), Event: "push", Wanted: []work.Wanted{want(k)}}); err != nil {
			refused++
		} else {
			accepted[n] = true
		}
		if n%10 == 0 {
			_, err := knife.DB().ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid()`)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	seen := map[int]bool{}
	for len(seen) < len(accepted) {
		select {
		case k := <-worked:
			if accepted[k.Number] {
				seen[k.Number] = true
			}
		case <-time.After(40 * time.Second):
			t.Fatalf("of %d accepted deliveries %d were worked on\n%s", len(accepted), len(seen), st.log)
		}
	}
	if len(accepted) < 20 {
		t.Errorf("only %d were accepted, %d refused", len(accepted), refused)
	}
}

// PostgreSQL answers that its disk gives errors, or is full: at first to deliveries, which are refused, then to the end of an attempt, which
// is made once more. When the disk is in order everything goes on by itself.
func TestAServerWhoseDiskFails(t *testing.T) {
	if !on("postgres") {
		return
	}
	for name, code := range map[string]string{"input and output": "58030", "full": "53100"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := begin(t)
			do := func(statement string) {
				t.Helper()
				if _, err := st.store.DB().ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			do(`CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk' USING ERRCODE = '` + code + `'; END $$`)
			do(`CREATE TRIGGER disk BEFORE INSERT ON deliveries EXECUTE FUNCTION fails()`)
			d := work.Delivery{ID: "d-1", Event: "push", Wanted: []work.Wanted{want(main)}}
			if fresh, err := st.Accept(t.Context(), d); err == nil || fresh || !strings.Contains(err.Error(), code) {
				t.Errorf("fresh %t, %v; want an error", fresh, err)
			}
			do(`DROP TRIGGER disk ON deliveries`)
			if fresh, err := st.Accept(t.Context(), d); err != nil || !fresh {
				t.Errorf("later: fresh %t, %v", fresh, err)
			}
			r := st.next()
			do(`CREATE TRIGGER disk BEFORE UPDATE ON river_job FOR EACH ROW WHEN (NEW.state = 'completed') EXECUTE FUNCTION fails()`)
			r.done("first")
			st.log.wait(t, "not stored", code)
			do(`DROP TRIGGER disk ON river_job`)
			again := st.next()
			st.is(again, "branch/1/2/main attempt 1 anew false")
			again.done("second")
			st.log.wait(t, "outcome=done")
		})
	}
}

func TestWhatIsOldIsForgottenOnceAnHour(t *testing.T) {
	t.Parallel()
	st := begin(t)
	for i, want := range []bool{false, true} { // the second time it is not due
		if _, err := st.store.DB().ExecContext(t.Context(), `INSERT INTO deliveries (id, event, received_at) VALUES ('old', 'push', 1)`); err != nil {
			t.Fatal(err)
		}
		if err := st.Prune(t.Context()); err != nil {
			t.Fatal(err)
		}
		if seen, err := st.store.Seen(t.Context(), "old"); seen != want || err != nil {
			t.Errorf("time %d: remembered %t, %v; want %t", i+1, seen, err, want)
		}
	}
}
