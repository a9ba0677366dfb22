package queue_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tamerhq/tamer/internal/pgtest"
	"github.com/tamerhq/tamer/internal/queue"
	"github.com/tamerhq/tamer/internal/store"
)

// serverEnv has all tests make their databases on that PostgreSQL, instead of files of SQLite.
const serverEnv = "TAMER_TEST_QUEUE_SERVER"

// Every test of this package also runs on PostgreSQL: in a process of its own, against one server.
func TestOnPostgres(t *testing.T) {
	if os.Getenv(serverEnv) != "" {
		t.Skip("this is it")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.skip", "^Fuzz|^Benchmark")
	cmd.Env = append(os.Environ(), serverEnv+"="+pgtest.Start(t))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// on tells whether the tests of this process run on that kind of database, "sqlite" or "postgres". A test of one kind alone ends at
// once in the process of the other; it is not skipped, for TestOnPostgres sees to it that both kinds run.
func on(kind string) bool { return (os.Getenv(serverEnv) != "") == (kind == "postgres") }

// newDatabase gives the address of an empty database with all its tables: a copy, because making the tables takes a third of a
// second with -race.
func newDatabase(t *testing.T) string {
	t.Helper()
	if server := os.Getenv(serverEnv); server != "" {
		return pgtest.Create(t, server, postgresTemplate())
	}
	path := filepath.Join(t.TempDir(), "tamer.db")
	if err := os.WriteFile(path, sqliteTemplate(), 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

var sqliteTemplate = sync.OnceValue(func() []byte {
	dir, err := os.MkdirTemp("", "tamer-queue")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "tamer.db")
	makeTables("sqlite:" + path)
	db, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return db
})

var postgresTemplate = sync.OnceValue(func() string {
	url := pgtest.Create(&testing.B{}, os.Getenv(serverEnv))
	makeTables(url)
	return url
})

func makeTables(url string) {
	s, err := store.Open(context.Background(), url)
	if err != nil {
		panic(err)
	}
	defer s.Close()
	if _, err := queue.New(queue.Config{Store: s, Log: slog.New(slog.DiscardHandler), Handle: (&stage{}).play}); err != nil {
		panic(err)
	}
}
