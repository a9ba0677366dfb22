package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/migrate"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/rewrite"
	"github.com/tamerhq/tamer/internal/validate"
)

func newMigrate() *cobra.Command {
	var f editFlags
	var base string
	cmd := &cobra.Command{
		Use:   "migrate [TYPE...]",
		Short: "Change configs as a changed schema asks",
		Long: `migrate changes the configs of the types whose schemas differ from --base, by default from where the branch left the default branch, as
the schemas say: x-tamer-renamed-from, x-tamer-renamed-values, x-tamer-migrate, and the default of what is required and missing. With
TYPEs it is these only. Comments, order, quotes and blank lines stay as they are.

The changes are shown by what they mean, alike ones once. On a terminal tamer then asks; elsewhere it writes with --write only. All
files are written, or none. What cannot be migrated is listed, and left to a person. A second time nothing changes.

It exits with 0 if all fits the schemas then, 1 if something does not, 2 if it could not run.`,
		Example: `  tamer migrate --dry-run
  tamer migrate --write plan
  tamer migrate --base HEAD~1 --format json`,
		RunE: func(cmd *cobra.Command, args []string) error { return runMigrate(cmd, f, base, args) },
	}
	cmd.Flags().StringVar(&base, "base", "", "migrate from the schemas of this commit or branch")
	f.add(cmd)
	return cmd
}

func runMigrate(cmd *cobra.Command, f editFlags, base string, types []string) error {
	if err := f.check(); err != nil {
		return err
	}
	ctx := cmd.Context()
	wd, err := os.Getwd()
	if err != nil {
		return err
	}
	clone, err := mirror.Local(ctx, wd)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is in no Git repository, so there is no earlier schema to migrate from", wd)
	}
	if err != nil {
		return err
	}
	defer clone.Close()
	root := rootOf(clone, wd)
	if err := resume(cmd, root); err != nil {
		return err
	}
	debug.SetGCPercent(editGCPercent)
	job, err := migration(ctx, clone, root, base)
	if err != nil {
		return err
	}
	if isTerminal(cmd.ErrOrStderr()) {
		job.Progress = counter(cmd.ErrOrStderr(), "looked at")
	}
	if err := knownTypes(job.Catalog, types); err != nil {
		return err
	}
	result, err := migrate.Tree(job, types)
	if err != nil {
		return err
	}
	nothing := "nothing to migrate: no schema differs from the base"
	if len(types) > 0 {
		nothing = "nothing to migrate: no schema of " + strings.Join(types, ", ") + " differs from the base"
	}
	if len(result.Types) > 0 {
		nothing = "nothing to migrate: all configs fit " + strings.Join(result.Types, ", ")
	}
	return editing{root: root, files: result.Files, nothing: nothing}.carryOut(cmd, f)
}

// knownTypes refuses names that no schema has.
func knownTypes(c *catalog.Catalog, types []string) error {
	schemas, err := c.Find(policy.Query{Kind: policy.Schema})
	if err != nil {
		return err
	}
	var known []string
	for _, f := range schemas {
		known = append(known, f.Type)
	}
	for _, typ := range types {
		if !slices.Contains(known, typ) {
			meant, _ := near.Name(typ, known)
			return fmt.Errorf("there is no schema of a type %q%s; there are %s", typ, guessed(meant), strings.Join(known, ", "))
		}
	}
	return nil
}

// migration gives both sides: the base, and the working tree.
func migration(ctx context.Context, clone *mirror.Clone, root, base string) (rewrite.Job, error) {
	var opts validate.Options
	if err := compareWith(ctx, clone, root, base, &opts); err != nil {
		return rewrite.Job{}, err
	}
	tree := os.DirFS(root)
	now, err := layoutOf(tree)
	if err != nil {
		return rewrite.Job{}, err
	}
	before, _, err := policy.Read(opts.Base)
	if err != nil {
		return rewrite.Job{}, err
	}
	if before == nil {
		before = now
	}
	return rewrite.Job{Catalog: catalog.New(tree, now), Was: catalog.New(opts.Base, before), All: true}, nil
}
