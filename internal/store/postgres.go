package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// How many connections a replica opens at most, and how long it tries to open one. pool_max_conns and connect_timeout in the
// address win.
const (
	poolSize       = 16
	connectTimeout = 5 * time.Second
)

// openPostgres opens the database at url, which any number of processes may do.
func openPostgres(ctx context.Context, url string) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the database address cannot be read; write postgres://USER:PASSWORD@HOST:5432/DATABASE, with what is odd in a password as %XX")
	}
	if poolMax := cfg.MaxConns; poolMax <= 4 { // pgx's own default, and too few
		cfg.MaxConns = poolSize
	}
	if cfg.ConnConfig.ConnectTimeout == 0 || cfg.ConnConfig.ConnectTimeout > connectTimeout {
		cfg.ConnConfig.ConnectTimeout = connectTimeout
	}
	if cfg.ConnConfig.RuntimeParams["application_name"] == "" {
		cfg.ConnConfig.RuntimeParams["application_name"] = "tamer"
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	s := &Store{db: stdlib.OpenDBFromPool(pool), pool: pool, facts: bound{limit: maxFacts}}
	s.unlock = func() error { pool.Close(); return nil }
	if err := s.Alone(ctx, func() error { return migrate(ctx, s.db) }); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", explainPostgres(err)), s.Close())
	}
	return s, nil
}

// explainPostgres adds what to do to the errors that an operator can mend. pgx shows no password.
func explainPostgres(err error) error {
	var refused *pgconn.ConnectError
	var answer *pgconn.PgError
	switch {
	case errors.As(err, &answer) && (answer.Code == "28P01" || answer.Code == "28000"): // invalid_password, invalid_authorization_specification
		return fmt.Errorf("%w; check the user and the password in TAMER_DATABASE_URL", err)
	case errors.As(err, &answer) && answer.Code == "3D000": // invalid_catalog_name
		return fmt.Errorf("%w; make the database, or write the name of one that is there", err)
	case errors.As(err, &answer) && answer.Code == "42501": // insufficient_privilege
		return fmt.Errorf("%w; tamer's user must be able to make tables in the schema", err)
	case errors.As(err, &refused):
		return fmt.Errorf("%w; check the host in TAMER_DATABASE_URL, and that PostgreSQL answers there", err)
	}
	return err
}

// tables is the advisory lock of whoever makes tables: "tamer" in ASCII.
const tables = 0x74616d6572

// Alone runs f while no other process of this database runs anything in Alone. Tables are made there, so that several
// replicas may start at once.
func (s *Store) Alone(ctx context.Context, f func() error) error {
	if s.pool == nil { // the file is this process's alone
		return f()
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(tables)); err != nil {
		return err
	}
	err = f()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
	defer cancel()
	if _, unlockErr := conn.Exec(ctx, `SELECT pg_advisory_unlock($1)`, int64(tables)); unlockErr != nil {
		_ = conn.Conn().Close(ctx) // which gives up the lock
	}
	return err
}

// deadlocks is how often a transaction is run at most, where PostgreSQL ends it for the sake of another.
const deadlocks = 5

func (s *Store) writePostgres(ctx context.Context, f func(tx Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := s.writeOnce(ctx, f)
		var answer *pgconn.PgError
		again := errors.As(err, &answer) && (answer.Code == "40P01" || answer.Code == "40001") // deadlock_detected, serialization_failure
		if !again || attempt == deadlocks {
			return err
		}
	}
}

// writeOnce begins the transaction by pgx, for River, and runs the store's statements by database/sql on the same connection, and so
// in the same transaction.
func (s *Store) writeOnce(ctx context.Context, f func(tx Tx) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer conn.Close()
	var tx pgx.Tx
	err = conn.Raw(func(driver any) error {
		tx, err = driver.(*stdlib.Conn).Conn().Begin(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer rollback(ctx, conn, tx)
	if err := f(Tx{statements: conn, clock: s.clock(), postgres: tx}); err != nil {
		return err
	}
	if err := conn.Raw(func(any) error { return tx.Commit(ctx) }); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	return nil
}

// rollback has no effect after the commit. It goes through database/sql: that may have given up the connection already, when a
// statement failed, and then the connection is being closed, which undoes the transaction too.
func rollback(ctx context.Context, conn *sql.Conn, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
	defer cancel()
	_ = conn.Raw(func(any) error { return tx.Rollback(ctx) })
}

// statements run what they are given: a connection, or a transaction.
type statements interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
