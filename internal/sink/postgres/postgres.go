// Package postgres is a sink in a schema of a PostgreSQL database: one table of objects, and views that read releases in SQL.
//
// A batch is one transaction, so it is seen whole or not at all. A channel that moves is told to who listens on the name of
// the schema. The version of an object is the SHA-256 of its bytes.
package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tamerhq/tamer/internal/sink"
)

// A Sink keeps objects in a schema. It implements sink.Batcher and is safe for concurrent use.
type Sink struct {
	cfg   Config
	pool  *pgxpool.Pool
	table string // quoted, with its schema

	mu   sync.Mutex
	made bool // the table and views are there
}

// Open gives the sink. It connects at the first use; the schema, its table and views are made before the first write. The
// caller closes the sink.
func Open(ctx context.Context, cfg Config) (*Sink, error) {
	pool, err := pgxpool.NewWithConfig(ctx, cfg.pool.Copy())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg, err)
	}
	return &Sink{cfg: cfg, pool: pool, table: pgx.Identifier{cfg.Schema, "objects"}.Sanitize()}, nil
}

// Close ends the connections. No method may be running or be called later.
func (s *Sink) Close() error {
	s.pool.Close()
	return nil
}

// Get implements sink.Sink.
func (s *Sink) Get(ctx context.Context, key string) ([]byte, sink.Version, error) {
	if err := sink.CheckKey(key); err != nil {
		return nil, "", fmt.Errorf("get object: %w", err)
	}
	var body []byte
	var v sink.Version
	err := s.pool.QueryRow(ctx, "SELECT body, version FROM "+s.table+" WHERE key = $1", key).Scan(&body, &v)
	if large := (*pgproto3.ExceededMaxBodyLenErr)(nil); errors.As(err, &large) {
		err = sink.ErrTooLarge
	} else if err == nil {
		err = sink.CheckSize(int64(len(body)))
	}
	if errors.Is(err, pgx.ErrNoRows) || missing(err) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, "", fmt.Errorf("get object %q: %w", key, s.explain(err))
	}
	return body, v, nil
}

// Put implements sink.Sink.
func (s *Sink) Put(ctx context.Context, key string, body []byte, cond sink.Condition) (sink.Version, error) {
	if err := sink.CheckPut(key, body); err != nil {
		return "", fmt.Errorf("put object: %w", err)
	}
	if err := s.Batch(ctx, []sink.Step{{Key: key, Body: body, Cond: cond}}); err != nil {
		return "", fmt.Errorf("put object: %w", err)
	}
	return version(body), nil
}

// Delete implements sink.Sink.
func (s *Sink) Delete(ctx context.Context, key string) error {
	if err := sink.CheckKey(key); err != nil {
		return fmt.Errorf("delete object: %w", err)
	}
	if err := s.Batch(ctx, []sink.Step{{Key: key, Delete: true}}); err != nil {
		return fmt.Errorf("delete object: %w", err)
	}
	return nil
}

// page is how many objects one query of List gives.
const page = 1000

// List implements sink.Sink. Each page is a query by itself, so a slow reader keeps no transaction open.
func (s *Sink) List(ctx context.Context, prefix string) iter.Seq2[sink.Object, error] {
	return func(yield func(sink.Object, error) bool) {
		if err := sink.CheckPrefix(prefix); err != nil {
			yield(sink.Object{}, fmt.Errorf("list objects: %w", err))
			return
		}
		for after := prefix; ; { // no object has the key of a prefix
			objects, err := s.after(ctx, prefix, after)
			if err != nil {
				yield(sink.Object{}, fmt.Errorf("list objects below %q: %w", prefix, s.explain(err)))
				return
			}
			for _, o := range objects {
				if !yield(o, nil) {
					return
				}
			}
			if len(objects) < page {
				return
			}
			after = objects[page-1].Key
		}
	}
}

func (s *Sink) after(ctx context.Context, prefix, after string) ([]sink.Object, error) {
	query, args := "SELECT key, version, octet_length(body), written_at FROM "+s.table+" WHERE key > $1", []any{after}
	if prefix != "" {
		query, args = query+" AND key < $2", append(args, prefix[:len(prefix)-1]+"0") // "0" comes after "/"
	}
	rows, _ := s.pool.Query(ctx, query+fmt.Sprintf(" ORDER BY key LIMIT %d", page), args...) // CollectRows tells its error
	objects, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o sink.Object, err error) {
		var at time.Time
		err = row.Scan(&o.Key, &o.Version, &o.Size, &at)
		o.ModTime = at.UTC()
		return o, err
	})
	if missing(err) {
		return nil, nil
	}
	return objects, err
}

// missing tells that the schema or its table has not been made: codes 3F000 and 42P01 of PostgreSQL.
func missing(err error) bool { return state(err) == "42P01" || state(err) == "3F000" }

func state(err error) string {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}

// explain says what to do about the errors that operators meet first.
func (s *Sink) explain(err error) error {
	words := ""
	switch state(err) {
	case "42501":
		words = fmt.Sprintf("the database user may not do this: make them the owner of the schema %q, or grant CREATE on the database before the first deploy; readers need USAGE on it and SELECT on its views", s.cfg.Schema)
	case "28P01", "28000":
		words = "the database does not know this user with this password: check the sink's secret"
	case "3D000":
		words = "there is no such database: make it first"
	case "53100":
		words = "the disk of the database is full"
	case "25006":
		words = "the database is read-only: name the primary, or add target_session_attrs=read-write"
	default:
		return err
	}
	return sink.Explain(words, err)
}

func version(body []byte) sink.Version {
	sum := sha256.Sum256(body)
	return sink.Version(hex.EncodeToString(sum[:]))
}
