package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tamerhq/tamer/internal/outside"
)

// A database asks in SQL, each query in a transaction of its own that cannot write.
type database struct {
	*sql.DB
	begin func(timeout time.Duration) string // the first statement of each transaction; empty for none
	fault func(error) error                  // makes an error of the driver one of ours
}

// newDatabase takes the pool into use; no connection is opened yet.
func newDatabase(db *sql.DB, begin func(time.Duration) string, fault func(error) error) *database {
	db.SetMaxOpenConns(maxTogether)
	db.SetMaxIdleConns(1)
	db.SetConnMaxIdleTime(time.Minute)
	return &database{db, begin, fault}
}

func (d *database) close() error { return d.Close() }

func (d *database) args(q Query) []string { return q.Args }

func (d *database) ask(ctx context.Context, q Query, args map[string]string) (outside.Values, error) {
	values, err := d.read(ctx, q, args)
	if u := (unusable{}); err == nil || errors.As(err, &u) {
		return values, err
	}
	if err = d.fault(err); ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w: %v", ctx.Err(), err)
	}
	return nil, err
}

func (d *database) read(ctx context.Context, q Query, args map[string]string) (outside.Values, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tx, err := d.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	if first := d.begin(q.Timeout); first != "" {
		if _, err := tx.ExecContext(ctx, first); err != nil {
			return nil, err
		}
	}
	params := make([]any, len(q.Args))
	for i, name := range q.Args {
		params[i] = args[name] // as a text: the database knows which kind it wants
	}
	rows, err := tx.QueryContext(ctx, q.SQL, params...)
	if err != nil {
		return nil, err
	}
	values, err := collect(rows, q.Rows)
	if err != nil {
		cancel() // else the rest of the rows would be read by the driver
	}
	return values, errors.Join(err, rows.Close())
}

// collect reads the one column of the rows.
func collect(rows *sql.Rows, most int) (outside.Values, error) {
	columns, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	if len(columns) != 1 {
		return nil, unusablef("the query selects %d columns; it must select one", len(columns))
	}
	isDate := columns[0].DatabaseTypeName() == "DATE"
	values, size, n := outside.Values{}, 0, 0
	for rows.Next() {
		var v any
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		text, ok := textOf(v, isDate)
		if n++; n > most {
			return nil, unusablef("the answer has more than %d rows", most)
		}
		if size += len(text); size > maxBytes {
			return nil, unusablef("the answer has more than %d bytes", maxBytes)
		}
		if ok {
			values.Add(text)
		}
	}
	return values, rows.Err()
}

// textOf gives a value of a column as text; not NULL.
func textOf(v any, isDate bool) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case []byte:
		return string(v), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case time.Time:
		if isDate {
			return v.Format(time.DateOnly), true
		}
		return v.Format(time.RFC3339Nano), true
	}
	return fmt.Sprint(v), true
}

// noStatement begins transactions where no statement bounds the time: the driver interrupts the query, or drops its connection.
func noStatement(time.Duration) string { return "" }

// transient makes an error an unusable one unless its code is one of those after which another try may do.
func transient[T comparable](err error, code T, codes ...T) error {
	if slices.Contains(codes, code) {
		return err
	}
	return unusable{err}
}
