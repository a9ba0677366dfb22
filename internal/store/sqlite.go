package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// busyTimeout, in milliseconds, is how long a statement waits for somebody who looks into the file with another tool.
const busyTimeout = "10000"

// openSQLite opens the file at path, and makes it and its directory where they are missing.
func openSQLite(ctx context.Context, path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	unlock, err := Lock(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	db, err := connect(ctx, path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, explain(err)), unlock())
	}
	return &Store{db: db, unlock: unlock, facts: bound{limit: maxFacts}}, nil
}

// connect opens the one connection: SQLite has one writer, and a second connection would only meet "database is locked".
func connect(ctx context.Context, path string) (*sql.DB, error) {
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"_txlock":       {"immediate"},
		"_busy_timeout": {busyTimeout},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"}, // what is acknowledged survives a loss of power
		"_foreign_keys": {"on"},
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := migrate(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// explain adds what to do to the errors that an operator can mend.
func explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff { // the primary code; the rest is detail
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w; the file is damaged or no database: move it away and start again, everything in it is rebuilt", err)
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%w; tamer must be able to write to the file and to its directory", err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w; make room on the disk", err)
	}
	return err
}
