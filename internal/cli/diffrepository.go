package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/validate"
)

// diffRepository compares the working tree with the base. The layout is that of the working tree: what is shown is what will be.
func diffRepository(ctx context.Context, base string) (diff.Report, error) {
	wd, err := os.Getwd()
	if err != nil {
		return diff.Report{}, err
	}
	clone, err := mirror.Local(ctx, wd)
	if errors.Is(err, fs.ErrNotExist) {
		return diff.Report{}, fmt.Errorf("%s is in no Git repository, so there is nothing to compare with: name two files", wd)
	}
	if err != nil {
		return diff.Report{}, err
	}
	defer clone.Close()
	root := rootOf(clone, wd)
	var opts validate.Options
	if err := compareWith(ctx, clone, root, base, &opts); err != nil {
		return diff.Report{}, err
	}
	tree := os.DirFS(root)
	p, found, err := policy.Read(tree)
	if err != nil {
		return diff.Report{}, err
	}
	if p == nil {
		return diff.Report{}, fmt.Errorf("%s cannot be read, so the layout is not known: %s; tamer check shows where", policy.Path, found[0].Message)
	}
	before, _, err := policy.Read(opts.Base)
	if err != nil {
		return diff.Report{}, err
	}
	if before == nil {
		before = p
	}
	return diff.Trees(catalog.New(opts.Base, before), catalog.New(tree, p), opts.Changes, document.Limits{})
}
