package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/migrate"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/rewrite"
)

// migration gives what becomes of the configs of one tree whose schemas are others than those of another one, as the policy reads
// them that decides.
func (f *Flow) migration(ctx context.Context, repo forge.Repo, from, to forge.Tree) (migrate.Result, error) {
	old, err := f.Trees.Snapshot(ctx, repo, from)
	if err != nil {
		return migrate.Result{}, err
	}
	now, err := f.Trees.Snapshot(ctx, repo, to)
	if err != nil {
		return migrate.Result{}, err
	}
	p, _, err := policy.Read(old)
	if p == nil || err != nil {
		return migrate.Result{}, err // a policy that nobody can read is a finding
	}
	job := rewrite.Job{Catalog: catalog.NewKept(now, p, f.Schemas), Was: catalog.NewKept(old, p, f.Schemas), Limits: f.Limits}
	r, err := migrate.Tree(job, nil)
	if err != nil {
		return r, fmt.Errorf("migrate %s: %w", repo, err)
	}
	return r, nil
}

// offerMigration counts the configs that a button would migrate: where something fails, and the change is one of schemas.
func (f *Flow) offerMigration(ctx context.Context, h head, from, to forge.Tree, r *render.Report) error {
	if !h.fixable || r.Verdict.OK() || len(r.Verdict.Schemas) == 0 {
		return nil
	}
	files, _, err := f.migrated(ctx, h.repo, h.commit, from, to)
	r.Migratable = len(files)
	return err
}

// migrated gives the files of the head as they are after the migration, and how many. As for fixes, files that the merge changes are
// left alone.
func (f *Flow) migrated(ctx context.Context, repo forge.Repo, head forge.Commit, from, to forge.Tree) ([]forge.NewFile, int, error) {
	result, err := f.migration(ctx, repo, from, to)
	changed := result.Changed()
	if err != nil || len(changed) == 0 {
		return nil, 0, err
	}
	own, err := f.Trees.Snapshot(ctx, repo, head.Tree())
	if err != nil {
		return nil, 0, err
	}
	var files []forge.NewFile
	for _, file := range changed {
		info, err := fs.Lstat(own, file.Path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		text, err := fs.ReadFile(own, file.Path)
		if err != nil {
			return nil, 0, err
		}
		if bytes.Equal(text, file.Old) {
			files = append(files, forge.NewFile{Path: file.Path, Executable: info.Mode()&0o100 != 0, Content: file.New})
		}
	}
	return files, len(files), nil
}

// bounded gives as many of the first files as one commit may hold.
func bounded(files []forge.NewFile) []forge.NewFile {
	size := 0
	tooLarge := func(file forge.NewFile) bool {
		size += len(file.Content)
		return size > maxFixed
	}
	if i := slices.IndexFunc(files, tooLarge); i >= 0 {
		return files[:max(i, 1)]
	}
	return files
}
