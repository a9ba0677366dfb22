package store_test

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/store"
	"github.com/tamerhq/tamer/internal/work"
)

// Forward: tables of every earlier version are brought up to date, and what they hold is still there.
// One back, and further as long as versions only add: the program before opens the tables that this one has left.
func testMigrations(t *testing.T, url func(t *testing.T) string, driver string) {
	scripts, err := store.Scripts()
	must(t, err)
	repo := forge.Repo{Installation: 1, ID: 2, Owner: "acme", Name: "config"}
	for from := store.Oldest + 1; from <= len(scripts); from++ {
		at := url(t)
		db, err := sql.Open(driver, strings.TrimPrefix(at, "sqlite:"))
		must(t, err)
		must(t, store.MigrateAs(t.Context(), db, from))
		_, err = db.Exec(`INSERT INTO repositories (installation, id, owner, name) VALUES (1, 2, 'acme', 'config')`)
		must(t, err)
		must(t, db.Close())
		s, err := store.Open(t.Context(), at)
		must(t, err)
		if got, err := s.Repo(t.Context(), 1, 2); err != nil || got != repo {
			t.Errorf("from version %d: %+v, %v", from, got, err)
		}
		must(t, raise(t, s, work.Wanted{Key: main}))
		if err := store.MigrateAs(t.Context(), s.DB(), from); err != nil {
			t.Errorf("the program of version %d cannot open the tables of version %d: %v", from, len(scripts), err)
		}
		must(t, s.Close())
	}
}

func TestMigrationsOnSQLite(t *testing.T) {
	t.Parallel()
	testMigrations(t, func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "tamer.db") }, "sqlite")
}

// added is what may stand in a migration that leaves the versions before it their tables.
var added = regexp.MustCompile(`(?is)^(CREATE (TABLE|INDEX)\s|INSERT INTO (\w+)|ALTER TABLE \w+ ADD COLUMN .* DEFAULT\s)`)

// What the program before cannot live with raises oldest; and the version before this one is never cut off.
func TestMigrationsOnlyAdd(t *testing.T) {
	scripts, err := store.Scripts()
	must(t, err)
	if store.Oldest >= len(scripts) {
		t.Errorf("oldest is %d of %d: an update could not be taken back", store.Oldest, len(scripts))
	}
	comment := regexp.MustCompile(`--[^\n]*`)
	for i, script := range scripts[store.Oldest:] {
		for statement := range strings.SplitSeq(comment.ReplaceAllString(script, ""), ";") {
			statement = strings.TrimSpace(statement)
			if statement == "" {
				continue
			}
			parts := added.FindStringSubmatch(statement)
			if parts == nil || parts[3] != "" && !strings.Contains(script, "CREATE TABLE "+parts[3]+" ") {
				t.Errorf("version %d does more than add, so oldest must be that version: %s", store.Oldest+i+1, statement)
			}
		}
	}
}
