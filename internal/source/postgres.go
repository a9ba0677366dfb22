package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/stdlib"
)

func openPostgres(s Source) (asker, error) {
	cfg, err := pgx.ParseConfig(s.Postgres)
	if err != nil {
		return nil, errors.New("the address cannot be read: write postgres://USER:PASSWORD@HOST/DATABASE") // err may quote it
	}
	cfg.MaxProtocolMessageBodyLen = maxBytes // a row, however large its value is
	cfg.ConnectTimeout = 10 * time.Second
	cfg.RuntimeParams["application_name"] = "tamer"
	cfg.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec // keeps nothing on the server, so that a pooler may be between
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: time.Second}
	}
	begin := func(timeout time.Duration) string {
		return fmt.Sprintf("SET LOCAL statement_timeout = %d", timeout.Milliseconds())
	}
	return newDatabase(sql.OpenDB(stdlib.GetConnector(*cfg)), begin, postgresFault), nil
}

// Classes of SQLSTATE. Source: postgresql.org/docs, appendix A, "PostgreSQL Error Codes".
const (
	pgConnection   = "08"
	pgTransaction  = "25" // such as a write in one that only reads
	pgAuth         = "28"
	pgNoDatabase   = "3D"
	pgRollback     = "40"
	pgSyntaxAccess = "42"
	pgResources    = "53"
	pgIntervention = "57" // shut down, or cancelled by its time limit
	pgSystem       = "58"
	pgInternal     = "XX"
	pgCanceled     = "57014" // no class: one code
)

// postgresFault leaves a message out where it may hold values of rows or of configs: it is kept for the classes that speak of
// the connection, and of names and words in the operator's own SQL.
func postgresFault(err error) error {
	if large := (*pgproto3.ExceededMaxBodyLenErr)(nil); errors.As(err, &large) {
		return unusablef("a row of the answer has more than %d bytes", maxBytes)
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) || len(e.Code) < 2 {
		return err // of the network
	}
	told := fmt.Errorf("SQLSTATE %s", e.Code)
	class := e.Code[:2]
	switch class {
	case pgConnection, pgTransaction, pgAuth, pgNoDatabase, pgSyntaxAccess, pgResources, pgIntervention, pgSystem:
		told = fmt.Errorf("%s (SQLSTATE %s)", e.Message, e.Code)
	}
	if e.Code == pgCanceled {
		told = fmt.Errorf("%w: %w", context.DeadlineExceeded, told)
	}
	return transient(told, class, pgConnection, pgAuth, pgNoDatabase, pgRollback, pgResources, pgIntervention, pgSystem, pgInternal)
}
