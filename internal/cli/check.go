package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/validate"
)

type checkFlags struct {
	all       bool
	base      string
	schema    string
	filesFrom string
	format    string
	workers   int
}

func newCheck() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Judge configuration",
		Long: `In a configuration repository, check judges the customers that differ from --base, by default from where the
branch left the default branch, with what is not committed yet. With --all it judges everything; with PATHs, what lies there.

With --schema it judges plain files by one schema, wherever they are.

It exits with 0 if nothing fails, 1 if something does, 2 if it could not run.`,
		Example: `  tamer check
  tamer check --all --format json
  tamer check --schema schema.json --files-from list.txt`,
		RunE: func(cmd *cobra.Command, args []string) error { return runCheck(cmd, f, args) },
	}
	cmd.Flags().BoolVar(&f.all, "all", false, "judge everything, whatever has changed")
	cmd.Flags().StringVar(&f.base, "base", "", "judge what differs from this commit or branch")
	cmd.Flags().StringVar(&f.schema, "schema", "", "judge plain files by this schema")
	cmd.Flags().StringVar(&f.filesFrom, "files-from", "", "with --schema: read the files' names from here, one a line or ended by NUL; - is standard input")
	cmd.Flags().StringVar(&f.format, "format", "text", "how to print findings: "+strings.Join(formats(), ", "))
	cmd.Flags().IntVar(&f.workers, "workers", 0, "how many files to judge at once (default: one for each processor)")
	return cmd
}

// gcPercent trades memory for time: what a file needs is small and soon of no use, so collecting half as often costs some
// tens of MiB and saves a tenth of the processor's time (tools/bench/check-corpus).
const gcPercent = 200

func formats() []string {
	names := make([]string, len(render.Formats))
	for i, f := range render.Formats {
		names[i] = f.Name
	}
	return names
}

func runCheck(cmd *cobra.Command, f checkFlags, args []string) error {
	at := slices.Index(formats(), f.format)
	switch {
	case at < 0:
		last := len(formats()) - 1
		return fmt.Errorf("unknown format %q; use %s or %s", f.format, strings.Join(formats()[:last], ", "), formats()[last])
	case f.schema == "" && f.filesFrom != "":
		return errors.New("--files-from goes with --schema; without it, name directories of the repository as arguments")
	case f.schema != "" && (f.all || f.base != ""):
		return errors.New("--schema judges plain files; leave out --all and --base")
	case f.all && f.base != "":
		return errors.New("--all judges everything, --base only what has changed; leave one out")
	case f.workers < 0:
		return fmt.Errorf("--workers is %d; use 1 or more, or leave it out", f.workers)
	}
	debug.SetGCPercent(gcPercent)
	opts := validate.Options{Workers: f.workers}
	if isTerminal(cmd.ErrOrStderr()) {
		opts.Progress = progress(cmd.ErrOrStderr())
	}
	var (
		r    validate.Result
		root string // of the paths in r
		err  error
	)
	if f.schema != "" {
		r, root, err = checkFiles(cmd, f, args, opts)
	} else {
		r, root, err = checkRepository(cmd.Context(), f, args, opts)
	}
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	shown := render.Options{Source: sourceIn(root), Colour: isTerminal(out) && os.Getenv("NO_COLOR") == "", Version: app.Version()}
	if err := render.Formats[at].Write(out, r, shown); err != nil {
		return fmt.Errorf("write findings: %w", err)
	}
	if !r.OK() {
		return errFailures
	}
	return nil
}

// sourceIn reads files for the lines that are shown: below root, or anywhere where that is empty.
func sourceIn(root string) func(string) ([]byte, error) {
	return func(path string) ([]byte, error) {
		if root != "" {
			path = filepath.Join(root, filepath.FromSlash(path))
		}
		info, err := os.Lstat(path)
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() || info.Size() > maxSource {
			return nil, fmt.Errorf("%s is not shown: it is no file, or too large", path)
		}
		return os.ReadFile(path)
	}
}

// maxSource is the size in bytes up to which lines of a file are shown: what document reads by default.
const maxSource = 10 << 20

// checkFiles judges plain files. The paths of the result are as they were given, so that their root is empty; those of
// findings about the schema start at the root of schemas.
func checkFiles(cmd *cobra.Command, f checkFlags, args []string, opts validate.Options) (r validate.Result, root string, err error) {
	paths := args
	if f.filesFrom != "" {
		listed, err := readList(f.filesFrom, cmd.InOrStdin())
		if err != nil {
			return r, "", err
		}
		paths = append(slices.Clone(args), listed...)
	}
	if len(paths) == 0 {
		return r, "", errors.New("no files to judge: name them after --schema, or give a list with --files-from")
	}
	dir, name, err := schemaRoot(f.schema)
	if err != nil {
		return r, "", err
	}
	r, err = validate.Files(schema.NewSet(os.DirFS(dir)), name, paths, os.ReadFile, opts)
	if len(r.Files) == 0 {
		root = dir
	}
	return r, root, err
}

// schemaRoot gives the directory whose files a schema may refer to, and the schema's name in it: the present directory
// where the schema lies below it, else the schema's own.
func schemaRoot(path string) (dir, name string, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", "", fmt.Errorf("find the schema: %w", err)
	}
	if info, err := os.Stat(abs); err != nil {
		return "", "", fmt.Errorf("read the schema: %w", err)
	} else if info.IsDir() {
		return "", "", fmt.Errorf("read the schema: %s is a directory; name the file", path)
	}
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, abs); err == nil && filepath.IsLocal(rel) {
			return wd, filepath.ToSlash(rel), nil
		}
	}
	return filepath.Dir(abs), filepath.Base(abs), nil
}

// readList reads names that are ended by NUL, or stand one a line where there is no NUL.
func readList(from string, stdin io.Reader) ([]string, error) {
	in := stdin
	if from != "-" {
		file, err := os.Open(from)
		if err != nil {
			return nil, fmt.Errorf("read the list of files: %w", err)
		}
		defer file.Close()
		in = file
	}
	b, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("read the list of files: %w", err)
	}
	sep := "\n"
	if strings.Contains(string(b), "\x00") {
		sep = "\x00"
	}
	var names []string
	for name := range strings.SplitSeq(string(b), sep) {
		if sep == "\n" {
			name = strings.TrimSuffix(name, "\r")
		}
		if name != "" {
			names = append(names, name)
		}
	}
	return names, nil
}

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
	if clone != nil && !f.all && (len(args) == 0 || f.base != "") {
		if err := compareWith(ctx, clone, root, f.base, &opts); err != nil {
			return r, "", err
		}
		r, err = validate.Tree(os.DirFS(root), opts)
		return r, root, err
	}
	r, err = validate.Tree(os.DirFS(root), opts)
	if err == nil && r.OK() && len(r.Files) == 0 {
		return r, root, fmt.Errorf("nothing to judge: no file under %s is where the layout looks; see layout in %s", root, policy.Path)
	}
	return r, root, err
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
	branch, err := clone.DefaultBranch(ctx)
	if err != nil {
		return "", fmt.Errorf("%w; use --base, or --all", err)
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

// progress shows how far a long work is, in one line that it rewrites.
func progress(w io.Writer) func(done, total int) {
	return func(done, total int) {
		if total < 1000 {
			return
		}
		if done == total {
			fmt.Fprint(w, "\r\033[K")
			return
		}
		fmt.Fprintf(w, "\r%d of %d files judged", done, total)
	}
}
