package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/compat"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/schema"
)

type schemaLogFlags struct {
	format string
	most   int
}

func newSchemaLog() *cobra.Command {
	var f schemaLogFlags
	cmd := &cobra.Command{
		Use:   "log TYPE",
		Short: "Show the versions of a type's schema, and what each of them broke",
		Long: `log goes back through the history of a type's schema, with the files that it refers to and through renames, and compares each version
with the one before: see tamer schema diff. The pull request is read from the message of the commit that brought the version.`,
		Example: `  tamer schema log plan
  tamer schema log --most 5 --format json plan`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return runSchemaLog(cmd, f, args) },
	}
	cmd.Flags().StringVar(&f.format, "format", "text", "how to print versions: text, json")
	cmd.Flags().IntVar(&f.most, "most", 50, "how many versions to show")
	return cmd
}

func runSchemaLog(cmd *cobra.Command, f schemaLogFlags, args []string) error {
	write, known := map[string]func(io.Writer, string, []schemaVersion) error{"text": writeSchemaLogText, "json": writeSchemaLogJSON}[f.format]
	switch {
	case !known:
		return fmt.Errorf("unknown format %q; use text or json", f.format)
	case len(args) != 1:
		return fmt.Errorf("tamer schema log takes one type; it got %d", len(args))
	case f.most < 1:
		return fmt.Errorf("--most is %d; use 1 or more", f.most)
	}
	wd, err := os.Getwd()
	if err != nil {
		return err
	}
	clone, err := mirror.Local(cmd.Context(), wd)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is in no Git repository, so there is no history", wd)
	}
	if err != nil {
		return err
	}
	defer clone.Close()
	l := schemaLog{clone: clone, typ: args[0], most: f.most}
	if l.below, err = filepath.Rel(clone.Top(), rootOf(clone, wd)); err != nil {
		return err
	}
	l.below = filepath.ToSlash(l.below)
	versions, err := l.versions(cmd.Context())
	if err != nil {
		return err
	}
	if err := write(cmd.OutOrStdout(), l.typ, versions); err != nil {
		return fmt.Errorf("write the versions: %w", err)
	}
	return nil
}

// A schemaVersion is one state of a schema in history.
type schemaVersion struct {
	mirror.Written
	Pull *render.PullOf // nil: no message names one
	File string
	// Report compares it with the version before. It is empty where Note says why there is none.
	Report compat.Report
	Note   string
}

// A schemaLog walks back through the versions of a type's schema.
type schemaLog struct {
	clone *mirror.Clone
	below string // the configuration repository within the clone; "." for all of it
	typ   string
	most  int
}

func (l schemaLog) versions(ctx context.Context) ([]schemaVersion, error) {
	at, err := l.clone.Resolve(ctx, "HEAD")
	if err != nil {
		return nil, err
	}
	now, err := l.at(ctx, at, "")
	if err != nil {
		return nil, err
	}
	if now.path == "" {
		return nil, l.unknown(now.catalog)
	}
	var all []schemaVersion
	for len(all) < l.most {
		commit, parent, err := l.clone.LastChange(ctx, at, l.inClone(now.files()))
		if errors.Is(err, fs.ErrNotExist) {
			break // not committed yet, or a shallow clone
		}
		if err != nil {
			return nil, err
		}
		v, before, err := l.version(ctx, commit, parent, now)
		if err != nil {
			return nil, err
		}
		if all = append(all, v); before.path == "" {
			break
		}
		at, now = parent, before
	}
	return all, nil
}

// version describes what a commit made of a schema, and gives the schema before it; without a path where there was none.
func (l schemaLog) version(ctx context.Context, commit, parent forge.Commit, now schemaAt) (v schemaVersion, before schemaAt, err error) {
	v.File = now.path
	if v.Written, err = l.clone.Written(ctx, commit); err != nil {
		return v, before, err
	}
	v.Pull = pullIn(v.Written)
	if parent != "" {
		if before, err = l.before(ctx, commit, parent, now.path); err != nil {
			return v, before, err
		}
	}
	switch {
	case before.path == "":
		v.Note = "the first version"
	case now.schema == nil:
		v.Note = "it cannot be used: " + now.why
	case before.schema == nil:
		v.Note = "the version before cannot be used: " + before.why
	default:
		v.Report, err = compareSchemas(ctx, before.schema, now.schema)
	}
	return v, before, err
}

// before gives the schema in the parent of a commit: at the same path, at the one that the commit has renamed, or where the layout of
// that time looks for the type.
func (l schemaLog) before(ctx context.Context, commit, parent forge.Commit, name string) (schemaAt, error) {
	was, err := l.at(ctx, parent, name)
	if err != nil || was.path != "" {
		return was, err
	}
	renames, err := l.clone.Renames(ctx, commit)
	if err != nil {
		return was, err
	}
	for _, r := range renames {
		if from, ok := l.ofRoot(r.From); ok && r.Parent == parent && r.To == path.Join(l.below, name) {
			return l.at(ctx, parent, from)
		}
	}
	return l.at(ctx, parent, "")
}

// A schemaAt is a schema in one commit.
type schemaAt struct {
	catalog *catalog.Catalog
	path    string         // "" where there is none
	schema  *schema.Schema // nil where it cannot be used
	why     string
}

func (s schemaAt) files() []string {
	if s.schema == nil {
		return []string{s.path}
	}
	return s.schema.Files()
}

// at reads the schema at a path in a commit; at the path of the type where name is empty.
func (l schemaLog) at(ctx context.Context, commit forge.Commit, name string) (schemaAt, error) {
	tree, err := l.clone.Snapshot(ctx, commit)
	if err == nil && l.below != "." {
		tree, err = fs.Sub(tree, l.below)
	}
	if err != nil {
		return schemaAt{}, err
	}
	p, _, err := policy.Read(tree)
	if err != nil {
		return schemaAt{}, err
	}
	if p == nil {
		p = policy.Default()
	}
	s := schemaAt{catalog: catalog.New(tree, p)}
	if name == "" {
		name = s.catalog.SchemaPath(l.typ)
	} else if _, err := fs.Stat(tree, name); err != nil {
		name = ""
	}
	if s.path = name; name == "" {
		return s, nil
	}
	compiled, why := s.catalog.Schema(name)
	if s.schema = compiled; compiled == nil {
		s.why = why[0].Message
	}
	return s, nil
}

func (l schemaLog) inClone(files []string) []string {
	var all []string
	for _, f := range files {
		all = append(all, path.Join(l.below, f))
	}
	return all
}

// ofRoot gives a path of the clone as one of the configuration repository.
func (l schemaLog) ofRoot(name string) (string, bool) {
	if l.below == "." {
		return name, true
	}
	return strings.CutPrefix(name, l.below+"/")
}

func (l schemaLog) unknown(c *catalog.Catalog) error {
	types, err := c.SchemaTypes()
	if err != nil {
		return err
	}
	if meant, ok := near.Name(l.typ, types); ok {
		return fmt.Errorf("the last commit has no schema of the type %q; did you mean %q?", l.typ, meant)
	}
	slices.Sort(types)
	if len(types) == 0 {
		return fmt.Errorf("the last commit has no schema of the type %q, nor any other", l.typ)
	}
	return fmt.Errorf("the last commit has no schema of the type %q; there are %s", l.typ, strings.Join(types[:min(len(types), 10)], ", "))
}
