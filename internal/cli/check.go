package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/validate"
)

type checkFlags struct {
	all       bool
	base      string
	schema    string
	filesFrom string
	format    string
	workers   int
	noCache   bool
	limits    []int // by the order of document.All
}

func newCheck() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Judge configuration",
		Long: `In a configuration repository, check judges the customers that differ from --base, by default from where the
branch left the default branch, with what is not committed yet. With --all it judges everything; with PATHs, what lies there.

With --schema it judges plain files by one schema, wherever they are.

What is found out about a file is kept, and believed while nobody touches it: below the user's cache directory, or in the
directory that TAMER_CACHE_DIR names.

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
	cmd.Flags().BoolVar(&f.noCache, "no-cache", false, "judge every file anew, whatever earlier checks found out")
	f.limits = make([]int, len(document.All))
	for i, l := range document.All {
		cmd.Flags().IntVar(&f.limits[i], l.Name, l.Default, strings.ToLower(l.Meaning[:1])+strings.TrimSuffix(l.Meaning[1:], "."))
	}
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
	opts := validate.Options{Workers: f.workers, Now: time.Now()}
	for i, l := range document.All {
		if err := l.Set(&opts.Limits, f.limits[i]); err != nil {
			return fmt.Errorf("--%s is %d; %w", l.Name, f.limits[i], err)
		}
	}
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
	if n := len(r.Questions); n > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "%d values are looked up in live data (%s): not here, but on the pull request\n", n, strings.Join(sourcesOf(r.Questions), ", "))
	}
	if !r.OK() {
		return errFailures
	}
	return nil
}

// sourcesOf are the sources of live data that are asked, sorted.
func sourcesOf(questions []validate.Question) []string {
	var all []string
	for _, q := range questions {
		all = append(all, q.Source)
	}
	slices.Sort(all)
	return slices.Compact(all)
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

// sourceIn reads files for the lines that are shown: those below root, where no link is followed, or any that were named
// where root is empty.
func sourceIn(root string) func(string) ([]byte, error) {
	stat := os.Stat
	if root != "" {
		stat = os.Lstat
	}
	return func(path string) ([]byte, error) {
		if root != "" {
			path = filepath.Join(root, filepath.FromSlash(path))
		}
		info, err := stat(path)
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
