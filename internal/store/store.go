// Package store is tamer's database: repositories by id, deliveries seen, and what is known of each key of work.
// All of it can be rebuilt from GitHub, git and the sinks. Package queue keeps its jobs in the same database, so that
// a delivery and the work that it asks for are stored in one transaction.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// A Store is an open database. It is safe for concurrent use. Close it when nothing uses it any more.
type Store struct {
	db     *sql.DB
	pool   *pgxpool.Pool // below db; nil on SQLite
	unlock func() error
	facts  bound
}

// Open opens the database that url names, and brings its tables up to date.
//
// It is sqlite:PATH or postgres://…. A file is created where there is none, and belongs to one process at a time: a second
// Open fails while the first lives, whichever process it is in. A PostgreSQL database may be open in many.
func Open(ctx context.Context, url string) (*Store, error) {
	scheme, rest, found := strings.Cut(url, ":")
	switch {
	case found && (scheme == "postgres" || scheme == "postgresql"):
		return openPostgres(ctx, url)
	case found && scheme == "sqlite" && strings.Contains(rest, ":memory:"):
		return nil, errors.New("a database in memory would forget acknowledged deliveries; write sqlite:PATH, with the path of a file")
	case found && scheme == "sqlite" && rest != "":
		return openSQLite(ctx, rest)
	case found:
		return nil, fmt.Errorf("database address starts with %q; write sqlite:PATH, with the path of a file, or postgres://…", scheme+":")
	default:
		return nil, errors.New("database address has no scheme; write sqlite:PATH, with the path of a file, or postgres://…")
	}
}

// DB is the database for the queue's own tables. On SQLite it has one connection: who holds a transaction open and asks
// for another connection waits for itself.
func (s *Store) DB() *sql.DB { return s.db }

// Pool holds the connections to PostgreSQL; nil on SQLite.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Shared tells whether other processes may have the database open, too.
func (s *Store) Shared() bool { return s.pool != nil }

// Close closes the database and lets another process open it.
func (s *Store) Close() error { return errors.Join(s.db.Close(), s.unlock()) }

// Write runs f in one transaction and commits it. An error of f, or of the commit, means that nothing was changed.
// f must use no connection but the one it is given, and may be called again where PostgreSQL has undone everything.
func (s *Store) Write(ctx context.Context, f func(tx Tx) error) error {
	if s.pool != nil {
		return s.writePostgres(ctx, f)
	}
	return s.writeSQLite(ctx, f)
}

// A Tx is a transaction on the store.
type Tx struct {
	statements
	clock    string // as SQL: see Store.clock
	sqlite   *sql.Tx
	postgres pgx.Tx
}

// SQLite is the transaction for the queue's own tables; nil on PostgreSQL.
func (tx Tx) SQLite() *sql.Tx { return tx.sqlite }

// Postgres is the transaction for the queue's own tables; nil on SQLite.
func (tx Tx) Postgres() pgx.Tx { return tx.postgres }

// Repo gives the repository with its present names. The error wraps fs.ErrNotExist where none was saved.
func (s *Store) Repo(ctx context.Context, installation, id int64) (forge.Repo, error) {
	r := forge.Repo{Installation: installation, ID: id}
	err := s.db.QueryRowContext(ctx, `SELECT owner, name FROM repositories WHERE installation = $1 AND id = $2`,
		installation, id).Scan(&r.Owner, &r.Name)
	if errors.Is(err, sql.ErrNoRows) {
		return forge.Repo{}, fmt.Errorf("repository %d of installation %d is not known: %w", id, installation, fs.ErrNotExist)
	}
	if err != nil {
		return forge.Repo{}, fmt.Errorf("read repository %d of installation %d: %w", id, installation, err)
	}
	return r, nil
}

// SaveRepos notes the names that the repositories have now, in one transaction.
func (s *Store) SaveRepos(ctx context.Context, repos ...forge.Repo) error {
	if len(repos) == 0 {
		return nil
	}
	return s.Write(ctx, func(tx Tx) error { return tx.SaveRepos(ctx, repos) })
}

// SaveRepos notes the names that the repositories have now. Names that are known lock nothing: all webhooks of a repository save the same.
func (tx Tx) SaveRepos(ctx context.Context, repos []forge.Repo) error {
	for _, r := range repos {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO repositories (installation, id, owner, name)
			SELECT $1, $2, $3, $4
			WHERE NOT EXISTS (SELECT 1 FROM repositories WHERE installation = $1 AND id = $2 AND owner = $3 AND name = $4)
			ON CONFLICT (installation, id) DO UPDATE SET owner = excluded.owner, name = excluded.name`,
			r.Installation, r.ID, r.Owner, r.Name)
		if err != nil {
			return fmt.Errorf("save repository %s: %w", r, err)
		}
	}
	return nil
}

// MoveState replaces the state of a key that a run has dealt with, if it is still the one that was seen.
func (s *Store) MoveState(ctx context.Context, k work.Key, seen, now work.State) error {
	_, err := s.db.ExecContext(ctx, `UPDATE keys SET state = $3 WHERE key = $1 AND state = $2`, k.String(), string(seen), string(now))
	if err != nil {
		return fmt.Errorf("move state of %s: %w", k, err)
	}
	return nil
}

// States gives the state of every key of the repository that a run has dealt with.
func (s *Store) States(ctx context.Context, repo forge.Repo) (map[work.Key]work.State, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT kind, number, name, state FROM keys
		WHERE installation = $1 AND repository = $2 AND state IS NOT NULL`, repo.Installation, repo.ID)
	if err != nil {
		return nil, fmt.Errorf("read states of %s: %w", repo, err)
	}
	defer rows.Close()
	states := make(map[work.Key]work.State)
	for rows.Next() {
		k, state := work.Key{Installation: repo.Installation, Repository: repo.ID}, work.State("")
		if err := rows.Scan(&k.Kind, &k.Number, &k.Name, &state); err != nil {
			return nil, fmt.Errorf("read states of %s: %w", repo, err)
		}
		states[k] = state
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read states of %s: %w", repo, err)
	}
	return states, nil
}
