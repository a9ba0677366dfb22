package store_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/pgtest"
	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

var (
	shop   = forge.Repo{Installation: 1, ID: 2, Owner: "acme", Name: "shop"}
	pull12 = work.Key{Kind: work.PullRequest, Installation: 1, Repository: 2, Number: 12}
	main   = work.Key{Kind: work.Branch, Installation: 1, Repository: 2, Name: "main"}
)

// testStore says what a store is. open gives a new, empty one.
func testStore(t *testing.T, open func(t *testing.T) *store.Store) {
	t.Run("repositories are found by id under their newest name", func(t *testing.T) {
		s := open(t)
		if _, err := s.Repo(t.Context(), 1, 2); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("before: %v, want fs.ErrNotExist", err)
		}
		renamed := shop
		renamed.Name = "store"
		other := shop
		other.Installation = 9
		must(t, s.SaveRepos(t.Context(), shop, other))
		must(t, s.SaveRepos(t.Context(), renamed))
		must(t, s.SaveRepos(t.Context()))
		for _, want := range []forge.Repo{renamed, other} {
			if got, err := s.Repo(t.Context(), want.Installation, want.ID); err != nil || got != want {
				t.Errorf("repository %v, %v; want %v", got, err, want)
			}
		}
	})

	t.Run("a delivery is fresh once, until it is too old to come again", func(t *testing.T) {
		s := open(t)
		now := time.Unix(1_800_000_000, 0)
		for _, step := range []struct {
			id    string
			later time.Duration
			fresh bool
		}{
			{"a", 0, true},
			{"a", 7 * 24 * time.Hour, false},
			{"b", 7 * 24 * time.Hour, true},
			{"c", 9 * 24 * time.Hour, true}, // a is forgotten
			{"a", 9 * 24 * time.Hour, true},
			{"b", 9 * 24 * time.Hour, false},
		} {
			err := s.Write(t.Context(), func(tx store.Tx) error {
				fresh, err := tx.SaveDelivery(t.Context(), work.Delivery{ID: step.id, Event: "push"}, now.Add(step.later))
				if fresh != step.fresh {
					t.Errorf("%s after %s: fresh %t, want %t", step.id, step.later, fresh, step.fresh)
				}
				return errors.Join(err, tx.Prune(t.Context(), now.Add(step.later)))
			})
			must(t, err)
		}
	})

	t.Run("askings are counted and a person's is remembered", func(t *testing.T) {
		s := open(t)
		for i, anew := range []bool{false, true, false} {
			err := s.Write(t.Context(), func(tx store.Tx) error {
				p, err := tx.Raise(t.Context(), work.Wanted{Key: main, Anew: anew})
				if p.Wanted != int64(i+1) {
					t.Errorf("asking %d counts %d", i+1, p.Wanted)
				}
				return err
			})
			must(t, err)
		}
		p, err := s.Progress(t.Context(), main)
		must(t, err)
		if want := (store.Progress{Wanted: 3, Anew: 2}); p != want {
			t.Errorf("progress %+v, want %+v", p, want)
		}
		if _, err := s.Progress(t.Context(), pull12); err == nil {
			t.Error("a key nobody asked for has progress")
		}
	})

	t.Run("a person's first asking is remembered", func(t *testing.T) {
		s := open(t)
		must(t, raise(t, s, work.Wanted{Key: main, Anew: true}))
		if p, err := s.Progress(t.Context(), main); err != nil || p.Anew != 1 {
			t.Errorf("progress %+v, %v; want anew 1", p, err)
		}
	})

	t.Run("progress and states are kept", func(t *testing.T) {
		s := open(t)
		state, later := work.State("abc"), time.UnixMilli(1_800_000_000_123)
		must(t, raise(t, s, work.Wanted{Key: main}, work.Wanted{Key: pull12}))
		save := func(p store.Progress, state *work.State) {
			must(t, s.Write(t.Context(), func(tx store.Tx) error {
				n, err := tx.Wanted(t.Context(), main)
				if n != 1 {
					t.Errorf("wanted %d, want 1", n)
				}
				return errors.Join(err, tx.SaveProgress(t.Context(), main, p, state))
			}))
		}
		save(store.Progress{Done: 1}, &state)
		save(store.Progress{Done: 1, Failures: 3, NotBefore: later}, nil) // keeps the state
		p, err := s.Progress(t.Context(), main)
		must(t, err)
		if !p.NotBefore.Equal(later) || p.Done != 1 || p.Failures != 3 || p.Wanted != 1 {
			t.Errorf("progress %+v", p)
		}
		states, err := s.States(t.Context(), shop)
		if err != nil || len(states) != 1 || states[main] != state {
			t.Errorf("states %v, %v; want only %s for %s", states, err, state, main)
		}
		if states, err := s.States(t.Context(), forge.Repo{Installation: 9, ID: 2}); err != nil || len(states) != 0 {
			t.Errorf("states of another installation: %v, %v", states, err)
		}
	})

	t.Run("notes are kept by repository and name, the last one of each", func(t *testing.T) {
		s := open(t)
		other := forge.Repo{Installation: 1, ID: 3}
		for _, text := range []string{"first", "", "last"} {
			must(t, s.Remember(t.Context(), shop, "merges", []byte(text)))
			if got, err := s.Recall(t.Context(), shop, "merges"); err != nil || string(got) != text {
				t.Errorf("recalled %q, %v; want %q", got, err, text)
			}
		}
		must(t, s.Remember(t.Context(), shop, "else", []byte("x")))
		must(t, s.Remember(t.Context(), other, "merges", []byte("y")))
		if got, err := s.Recall(t.Context(), shop, "merges"); err != nil || string(got) != "last" {
			t.Errorf("recalled %q, %v", got, err)
		}
		if got, err := s.Recall(t.Context(), other, "else"); err != nil || got != nil {
			t.Errorf("recalled %q, %v of what was never noted", got, err)
		}
	})

	t.Run("an error undoes the transaction", func(t *testing.T) {
		s := open(t)
		wrong := errors.New("wrong")
		err := s.Write(t.Context(), func(tx store.Tx) error {
			return errors.Join(tx.SaveRepos(t.Context(), []forge.Repo{shop}), wrong)
		})
		if !errors.Is(err, wrong) {
			t.Errorf("error %v", err)
		}
		if _, err := s.Repo(t.Context(), 1, 2); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the repository is there: %v", err)
		}
	})

	t.Run("a key that no database can hold is refused", func(t *testing.T) {
		s := open(t)
		err := raise(t, s, work.Wanted{Key: work.Key{Kind: work.Branch, Name: "caf\xe9"}})
		if err == nil || !strings.Contains(err.Error(), `caf\xe9`) {
			t.Errorf("error %v, want the name quoted", err)
		}
	})
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	testStore(t, func(t *testing.T) *store.Store {
		s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "new dir", "odd? name#%41.db"))
		must(t, err)
		t.Cleanup(func() { must(t, s.Close()) })
		return s
	})
}

func TestReplicasOnSQLite(t *testing.T) {
	t.Parallel()
	testReplicas(t, openNew)
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	open := func(t *testing.T) *store.Store {
		s, err := store.Open(t.Context(), pgtest.Create(t, server))
		must(t, err)
		t.Cleanup(func() { must(t, s.Close()) })
		return s
	}
	testStore(t, open)
	testFacts(t, open)
	testReplicas(t, open)
	testMigrations(t, func(t *testing.T) string { return pgtest.Create(t, server) }, "pgx")
	t.Run("many may start at once", func(t *testing.T) {
		url := pgtest.Create(t, server)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				s, err := store.Open(t.Context(), url)
				if err != nil {
					t.Error(err)
					return
				}
				must(t, s.SaveRepos(t.Context(), shop))
				must(t, s.Close())
			})
		}
		all.Wait()
	})
	t.Run("two that ask for the same keys in another order both come through", func(t *testing.T) {
		s := open(t)
		var all sync.WaitGroup
		var both sync.WaitGroup
		both.Add(2)
		for _, order := range [][]work.Key{{main, pull12}, {pull12, main}} {
			meet := sync.OnceFunc(func() { both.Done(); both.Wait() })
			all.Go(func() {
				err := s.Write(t.Context(), func(tx store.Tx) error {
					_, err := tx.Raise(t.Context(), work.Wanted{Key: order[0]})
					meet() // each holds the key that the other wants
					_, again := tx.Raise(t.Context(), work.Wanted{Key: order[1]})
					return errors.Join(err, again)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, k := range []work.Key{main, pull12} {
			if p, err := s.Progress(t.Context(), k); err != nil || p.Wanted != 2 {
				t.Errorf("%s: %+v, %v; want 2 askings", k, p, err)
			}
		}
	})
	t.Run("an error tells what to do and no password", func(t *testing.T) {
		for url, want := range map[string]string{
			strings.Replace(server, "/postgres?", "/nowhere?", 1):     "write the name of one that is there",
			"postgres://tamer:secret@127.0.0.1:1/tamer":               "check the host in TAMER_DATABASE_URL",
			"postgres://tamer:secret@127.0.0.1:port/tamer":            "cannot be read; write postgres://",
			strings.Replace(server, "user=tamer", "user=somebody", 1): "check the user",
		} {
			s, err := store.Open(t.Context(), url)
			if err == nil {
				s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v; want %q", url, err, want)
			}
		}
	})
}

func TestOpenAgainFindsEverything(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "tamer.db")
	for i := range 3 {
		s, err := store.Open(t.Context(), url)
		must(t, err)
		if i == 0 {
			must(t, s.SaveRepos(t.Context(), shop))
		}
		if got, err := s.Repo(t.Context(), 1, 2); err != nil || got != shop {
			t.Errorf("opening %d: %v, %v", i, got, err)
		}
		if second, err := store.Open(t.Context(), url); err == nil || !strings.Contains(err.Error(), "another tamer uses it") {
			t.Errorf("opened twice: %v, %v", second, err)
		}
		must(t, s.Close())
	}
}

func TestSQLiteIsSafeAgainstLossOfPower(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "tamer.db"))
	must(t, err)
	defer s.Close()
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"} {
		var got string
		if err := s.DB().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", pragma, got, err, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	must(t, os.WriteFile(garbage, []byte(strings.Repeat("no database ", 500)), 0o600))
	newer := filepath.Join(dir, "newer.db")
	db, err := sql.Open("sqlite", newer)
	must(t, err)
	_, err = db.Exec(`CREATE TABLE tamer_schema (version bigint); INSERT INTO tamer_schema VALUES (99);
		CREATE TABLE tamer_compatible (oldest bigint); INSERT INTO tamer_compatible VALUES (98)`)
	must(t, errors.Join(err, db.Close()))

	for _, c := range []struct{ url, want string }{
		{"", "no scheme; write sqlite:PATH"},
		{"tamer.db", "no scheme; write sqlite:PATH"},
		{"sqlite:", `write sqlite:PATH`},
		{"sqlite::memory:", "would forget"},
		{"mysql://user:secret@db.example.com/tamer", `starts with "mysql:"; write sqlite:PATH`},
		{"sqlite:" + dir, "is a directory; tamer must be able to write"},
		{"sqlite:" + garbage, "move it away and start again"},
		{"sqlite:" + newer, "a newer tamer has made its tables (version 99"},
		{"sqlite:" + filepath.Join(garbage, "below.db"), "not a directory"},
	} {
		s, err := store.Open(t.Context(), c.url)
		if err == nil {
			s.Close()
			t.Errorf("%q was opened, want %q", c.url, c.want)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v; want %q", c.url, err, c.want)
		}
	}
	must(t, os.Remove(garbage)) // and a failed Open holds no lock
	s, err := store.Open(t.Context(), "sqlite:"+garbage)
	must(t, err)
	must(t, s.Close())
}

// An update can be taken back: the tamer before it works on the tables that it has added to.
func TestTablesThatWereOnlyAddedToAreNoObstacle(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "tamer.db")
	s, err := store.Open(t.Context(), url)
	must(t, err)
	_, err = s.DB().Exec(`INSERT INTO tamer_schema VALUES (99); CREATE TABLE more (id bigint)`)
	must(t, errors.Join(err, s.Close()))
	s, err = store.Open(t.Context(), url)
	must(t, err)
	must(t, raise(t, s, work.Wanted{Key: main}))
	must(t, s.Close())
}

func raise(t *testing.T, s *store.Store, wanted ...work.Wanted) error {
	return s.Write(t.Context(), func(tx store.Tx) error {
		for _, w := range wanted {
			if _, err := tx.Raise(t.Context(), w); err != nil {
				return err
			}
		}
		return nil
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
