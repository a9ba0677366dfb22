package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// Probe looks whether the database that url names can be worked with, also while a tamer has it open, and says what it is. It changes
// nothing: a file that is not there yet is not made. The error says what to do.
func Probe(ctx context.Context, url string) (string, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return probeSQLite(ctx, path)
	}
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return "", errors.New("the database address cannot be read; write postgres://USER:PASSWORD@HOST:5432/DATABASE, with what is odd in a password as %XX")
	}
	cfg.MaxConns, cfg.ConnConfig.ConnectTimeout = 1, connectTimeout
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return "", fmt.Errorf("open database: %w", explainPostgres(err))
	}
	defer pool.Close()
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	var server string
	var may bool
	err = db.QueryRowContext(ctx, `SELECT current_setting('server_version'), has_schema_privilege(current_schema(), 'CREATE')`).Scan(&server, &may)
	if err != nil {
		return "", fmt.Errorf("open database: %w", explainPostgres(err))
	}
	if !may {
		return "", errors.New("tamer's user may not make tables: GRANT CREATE ON SCHEMA public TO it, or give it a schema of its own")
	}
	return "PostgreSQL " + server, versionOf(ctx, db)
}

func probeSQLite(ctx context.Context, path string) (string, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "a new file of SQLite", writable(filepath.Dir(path))
	}
	if err != nil {
		return "", fmt.Errorf("open database: %w", err)
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"mode": {"ro"}, "_busy_timeout": {busyTimeout}}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return "", fmt.Errorf("open database %s: %w", path, err)
	}
	defer db.Close()
	var verdict string
	err = db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict)
	if err == nil && verdict != "ok" {
		err = errors.New(verdict + "; move the file away and start again, everything in it is rebuilt")
	}
	if err != nil {
		return "", fmt.Errorf("open database %s: %w", path, explain(err))
	}
	return "SQLite in " + path, errors.Join(versionOf(ctx, db), writable(filepath.Dir(path)))
}

// writable tells whether files can be made in a directory, or it itself, where it is not there yet.
func writable(dir string) error {
	for {
		_, err := os.Stat(dir)
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
		dir = filepath.Dir(dir)
	}
	f, err := os.CreateTemp(dir, ".tamer-probe-*")
	if err != nil {
		return fmt.Errorf("tamer cannot write to the directory %s: %w", dir, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// versionOf tells whether the tables, where there are any, are ones that this tamer knows.
func versionOf(ctx context.Context, db *sql.DB) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	var version int
	if db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM tamer_schema`).Scan(&version) != nil {
		return nil // there are none yet
	}
	if version > len(files) {
		return newer(ctx, db, version, len(files))
	}
	return nil
}
