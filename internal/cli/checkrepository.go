package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/validate"
)

func checkRepository(ctx context.Context, f checkFlags, args []string, opts validate.Options) (r validate.Result, root string, err error) {
	wd, err := os.Getwd()
	if err != nil {
		return r, "", err
	}
	clone, err := mirror.Local(ctx, wd)
	switch {
	case err == nil:
		defer clone.Close()
	case !errors.Is(err, fs.ErrNotExist):
		return r, "", err
	case !f.all && len(args) == 0:
		return r, "", fmt.Errorf("%s is in no Git repository, so there is nothing to compare with: use --all to judge everything here", wd)
	}
	root = rootOf(clone, wd)
	if opts.Only, err = within(root, wd, args); err != nil {
		return r, "", err
	}
	files, save := filesOf(root, f, &opts)
	defer save()
	if clone != nil {
		opts.Released = releasedBefore(ctx, clone, root)
	}
	if clone != nil && !f.all && (len(args) == 0 || f.base != "") {
		if err := compareWith(ctx, clone, root, f.base, &opts); err != nil {
			return r, "", err
		}
		r, err = validate.Tree(files, opts)
		return r, root, err
	}
	r, err = validate.Tree(files, opts)
	if err == nil && len(r.Findings) == 0 && len(r.Files) == 0 {
		places := strings.Join(args, ", ")
		if len(args) == 0 {
			places = root
		}
		return r, root, fmt.Errorf("nothing to judge: no file under %s is where the layout looks; see layout in %s", places, policy.Path)
	}
	return r, root, err
}

// releasedBefore gives what the configuration repository at root held in commits that HEAD has among its ancestors, or is.
func releasedBefore(ctx context.Context, clone *mirror.Clone, root string) func(forge.Commit) (fs.FS, error) {
	return func(at forge.Commit) (fs.FS, error) {
		head, err := clone.Resolve(ctx, "HEAD")
		if err != nil {
			return nil, err
		}
		if _, err := clone.Resolve(ctx, string(at)); err != nil {
			return nil, err // it is not there at all
		}
		held, err := clone.Holds(ctx, head, at)
		if err != nil {
			return nil, err
		}
		if !held {
			return nil, fmt.Errorf("commit %s is no part of HEAD: %w", at.Short(), fs.ErrNotExist)
		}
		tree, err := clone.Snapshot(ctx, at)
		if err != nil {
			return nil, err
		}
		below, err := filepath.Rel(clone.Top(), root)
		if err != nil || below == "." {
			return tree, err
		}
		return fs.Sub(tree, filepath.ToSlash(below))
	}
}

// rootOf gives the root of the configuration repository: the nearest directory upwards that holds a policy, else the top of
// the clone, else the present directory.
func rootOf(clone *mirror.Clone, wd string) string {
	top := wd
	if clone != nil {
		top = clone.Top()
	}
	for dir := wd; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, policy.Path)); err == nil {
			return dir
		}
		if dir == top || dir == filepath.Dir(dir) {
			return top
		}
	}
}

// compareWith sets what the working tree is compared with.
func compareWith(ctx context.Context, clone *mirror.Clone, root, rev string, opts *validate.Options) error {
	base, err := baseCommit(ctx, clone, rev)
	if err != nil {
		return err
	}
	if opts.Base, err = clone.Snapshot(ctx, base); err != nil {
		return err
	}
	if opts.Changes, err = clone.Changes(ctx, base); err != nil {
		return err
	}
	rel, err := filepath.Rel(clone.Top(), root)
	if err != nil || rel == "." {
		return err
	}
	rel = filepath.ToSlash(rel)
	if opts.Base, err = fs.Sub(opts.Base, rel); err != nil {
		return err
	}
	below := opts.Changes[:0]
	for _, ch := range opts.Changes {
		if path, ok := strings.CutPrefix(ch.Path, rel+"/"); ok {
			below = append(below, forge.Change{Path: path, Kind: ch.Kind})
		}
	}
	opts.Changes = below
	return nil
}

func baseCommit(ctx context.Context, clone *mirror.Clone, rev string) (forge.Commit, error) {
	if rev != "" {
		return clone.Resolve(ctx, rev)
	}
	if _, err := clone.Resolve(ctx, "HEAD"); errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("this repository has no commit yet, so there is nothing to compare with: commit what is here first; tamer check --all needs no commit")
	}
	branch, err := clone.DefaultBranch(ctx)
	if err != nil {
		return "", fmt.Errorf("%w; name the commit to compare with in --base; tamer check --all needs none", err)
	}
	return clone.MergeBase(ctx, branch)
}

// within gives the arguments as paths from the top of the repository.
func within(top, wd string, args []string) ([]string, error) {
	var only []string
	for _, arg := range args {
		path := arg
		if !filepath.IsAbs(path) {
			path = filepath.Join(wd, path)
		}
		if _, err := os.Lstat(path); err != nil {
			return nil, fmt.Errorf("there is no %s", arg)
		}
		rel, err := filepath.Rel(top, path)
		if err != nil || !filepath.IsLocal(rel) {
			return nil, fmt.Errorf("%s lies outside of the repository %s", arg, top)
		}
		only = append(only, filepath.ToSlash(rel))
	}
	return only, nil
}
