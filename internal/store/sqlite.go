package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
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

// connect opens the one connection: SQLite has one writer, and a second connection would only meet "database is locked". A later one does
// not make the file: where that has gone while tamer runs, an empty one would only hide it.
func connect(ctx context.Context, path string) (*sql.DB, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w; tamer must be able to write to the file and to its directory", err)
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"mode":          {"rw"},
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

// writeSQLite begins a new connection where the disk has failed: the files below the old one may be gone for good, as after a remount, though
// others at the same place are in order.
func (s *Store) writeSQLite(ctx context.Context, f func(tx Tx) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer conn.Close()
	err = transact(ctx, conn, func(tx *sql.Tx) error { return f(Tx{statements: tx, clock: s.clock(), sqlite: tx}) })
	if diskFailed(err) {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	return err
}

func transact(ctx context.Context, conn *sql.Conn, f func(tx *sql.Tx) error) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer tx.Rollback() // no effect after the commit
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
}

// diskFailed tells whether the error is one of a file or a disk.
func diskFailed(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return true
	}
	return false
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
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w; the disk does not do what it should: see what the system's log says of it", err)
	}
	return err
}
