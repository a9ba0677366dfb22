package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// definition is the SQL of the schema; "tamer" in quotes stands for its name.
//
//go:embed schema.sql
var definition string

// revision counts the changes of schema.sql, and stands in the comment of the schema.
const revision = "tamer sink 1"

// prepare makes the schema, once, unless it is there already. Several processes may do so at once.
func (s *Sink) prepare(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made {
		return nil
	}
	if err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return s.define(ctx, tx) }); err != nil {
		return fmt.Errorf("make the schema %q: %w", s.cfg.Schema, s.explain(err))
	}
	s.made = true
	return nil
}

func (s *Sink) define(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext($1))", "tamer sink "+s.cfg.Schema); err != nil {
		return err
	}
	var encoding, comment string
	if err := tx.QueryRow(ctx, "SELECT current_setting('server_encoding'), coalesce(obj_description(to_regnamespace($1), 'pg_namespace'), '')", pgx.Identifier{s.cfg.Schema}.Sanitize()).Scan(&encoding, &comment); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return errors.New("the database has the encoding " + encoding + ": make one with ENCODING 'UTF8'")
	}
	if comment == revision {
		return nil
	}
	sql := strings.ReplaceAll(definition, `"tamer"`, pgx.Identifier{s.cfg.Schema}.Sanitize())
	_, err := tx.Exec(ctx, sql+"COMMENT ON SCHEMA "+pgx.Identifier{s.cfg.Schema}.Sanitize()+" IS '"+revision+"';", pgx.QueryExecModeSimpleProtocol)
	return err
}
