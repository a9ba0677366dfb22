package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the tables up to date: file number n of migrations, in the order of their names, makes version n.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS tamer_schema (version bigint NOT NULL)`); err != nil {
		return fmt.Errorf("create version table: %w", err)
	}
	var version int
	err = db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM tamer_schema`).Scan(&version)
	if err != nil {
		return fmt.Errorf("read version: %w", err)
	}
	if version > len(files) {
		return fmt.Errorf("a newer tamer has made its tables (version %d, this one knows %d); run that one, or start with a new file",
			version, len(files))
	}
	for i, file := range files[version:] {
		if err := step(ctx, db, file, version+i+1); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
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
