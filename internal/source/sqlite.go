package source

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

func openSQLite(s Source) (asker, error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: s.SQLite}).EscapedPath()+"?mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(1000)")
	if err != nil {
		return nil, err
	}
	return newDatabase(db, noStatement, sqliteFault), nil
}

// sqliteFault keeps the message: SQLite's speak of names and words in the SQL, and not of rows.
func sqliteFault(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	code := e.Code() & 0xff
	return transient(fmt.Errorf("SQLite: %w", err), code, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT,
		sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
}
