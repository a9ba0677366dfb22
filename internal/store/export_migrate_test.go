package store

import (
	"context"
	"database/sql"
	"io/fs"
)

// Oldest is the lowest version whose program can work on the tables of this one.
const Oldest = oldest

// Scripts gives what makes each version, the first one first.
func Scripts() ([]string, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	var scripts []string
	for _, file := range files {
		text, wrong := migrations.ReadFile(file)
		if wrong != nil {
			return nil, wrong
		}
		scripts = append(scripts, string(text))
	}
	return scripts, err
}

// MigrateAs does what the program of a version does when it opens the database.
func MigrateAs(ctx context.Context, db *sql.DB, version int) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	return migrateBy(ctx, db, files[:version])
}
