package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed migrations/*.sql
var migrations embed.FS

// oldest is the lowest version whose program can work on the tables as they are now. A migration that only adds tables, or columns
// with a default, leaves it alone: so replicas of two versions live beside each other, and an update can be taken back.
const oldest = 3

// migrate brings the tables up to date: file number n of migrations, in the order of their names, makes version n.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return err
	}
	return migrateBy(ctx, db, files)
}

// migrateBy does what the program that knows these files does.
func migrateBy(ctx context.Context, db *sql.DB, files []string) error {
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS tamer_schema (version bigint NOT NULL)`); err != nil {
		return fmt.Errorf("create version table: %w", err)
	}
	var version int
	err := db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM tamer_schema`).Scan(&version)
	if err != nil {
		return fmt.Errorf("read version: %w", err)
	}
	if version > len(files) {
		return newer(ctx, db, version, len(files))
	}
	for i, file := range files[version:] {
		if err := step(ctx, db, file, version+i+1); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	_, err = db.ExecContext(ctx, `UPDATE tamer_compatible SET oldest = $1 WHERE oldest < $1`, oldest)
	if err != nil {
		return fmt.Errorf("note which versions may use the tables: %w", err)
	}
	return nil
}

// newer says whether tables of a newer version can be worked on: nil where it has only added to those that are known.
func newer(ctx context.Context, db *sql.DB, version, known int) error {
	var oldest int
	err := db.QueryRowContext(ctx, `SELECT oldest FROM tamer_compatible`).Scan(&oldest)
	if err == nil && oldest <= known {
		return nil
	}
	return errors.Join(fmt.Errorf("a newer tamer has made its tables (version %d, this one knows %d); run that one, or start with a new database",
		version, known), err)
}

func step(ctx context.Context, db *sql.DB, file string, version int) error {
	script, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after the commit
	if _, err := tx.ExecContext(ctx, string(script)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO tamer_schema (version) VALUES ($1)`, version); err != nil {
		return err
	}
	return tx.Commit()
}
