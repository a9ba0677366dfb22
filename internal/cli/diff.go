package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/schema"
)

type diffFlags struct {
	base     string
	schema   string
	format   string
	exitCode bool
}

func newDiff() *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff [OLD NEW]",
		Short: "Show what changes in meaning",
		Long: `In a configuration repository, diff shows how the configs differ from --base, by default from where the branch left the
default branch, with what is not committed yet. With two files it compares these.

It compares values, not text: formatting, comments and the order of keys do not show. By the schema of a config, or that of
--schema, it tells the items of lists apart, names units and titles, hides secrets, and says what a change comes to once
defaults are filled in.

It exits with 0 whether or not anything differs, and with 2 if something could not be compared. With --exit-code it exits with
1 if anything differs.`,
		Example: `  tamer diff
  tamer diff --base HEAD~1 --format markdown
  tamer diff --schema schema.json old.yaml new.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error { return runDiff(cmd, f, args) },
	}
	cmd.Flags().StringVar(&f.base, "base", "", "show what differs from this commit or branch")
	cmd.Flags().StringVar(&f.schema, "schema", "", "the schema of OLD and NEW")
	cmd.Flags().StringVar(&f.format, "format", "text", "how to print differences: "+strings.Join(diffFormats(), ", "))
	cmd.Flags().BoolVar(&f.exitCode, "exit-code", false, "exit with 1 if anything differs")
	return cmd
}

func diffFormats() []string {
	names := make([]string, len(render.DiffFormats))
	for i, f := range render.DiffFormats {
		names[i] = f.Name
	}
	return names
}

func runDiff(cmd *cobra.Command, f diffFlags, args []string) error {
	at := slices.Index(diffFormats(), f.format)
	switch {
	case at < 0:
		last := len(diffFormats()) - 1
		return fmt.Errorf("unknown format %q; use %s or %s", f.format, strings.Join(diffFormats()[:last], ", "), diffFormats()[last])
	case len(args) != 0 && len(args) != 2:
		return fmt.Errorf("tamer diff takes two files, or none in a repository; it got %d", len(args))
	case len(args) == 2 && f.base != "":
		return errors.New("--base is for a repository; leave it out where two files are named")
	case len(args) == 0 && f.schema != "":
		return errors.New("--schema is for two files; in a repository the layout says which schema is whose")
	}
	out := cmd.OutOrStdout()
	shown := render.Options{Colour: isTerminal(out) && os.Getenv("NO_COLOR") == ""}
	var (
		files []diff.File
		err   error
	)
	if len(args) == 2 {
		var file diff.File
		if file, err = diffFiles(f.schema, args[0], args[1]); err != nil {
			return err
		}
		files, err = []diff.File{file}, render.DiffFormats[at].WriteFile(out, file, shown)
	} else {
		var report diff.Report
		if report, err = diffRepository(cmd.Context(), f.base); err != nil {
			return err
		}
		files, err = report.Files, render.DiffFormats[at].Write(out, report, shown)
	}
	if err != nil {
		return fmt.Errorf("write the difference: %w", err)
	}
	return diffVerdict(files, f.exitCode)
}

// diffVerdict is what the exit code says.
func diffVerdict(files []diff.File, exitCode bool) error {
	differs := false
	for _, f := range files {
		if f.Problem != "" {
			return fmt.Errorf("%s could not be compared: %s", f.Path, f.Problem)
		}
		differs = differs || !f.Equal() || len(f.Unwritten) > 0
	}
	if differs && exitCode {
		return errFailures
	}
	return nil
}

// diffFiles compares two plain files.
func diffFiles(schemaPath, oldPath, newPath string) (diff.File, error) {
	var compiled *schema.Schema
	if schemaPath != "" {
		dir, name, err := schemaRoot(schemaPath)
		if err != nil {
			return diff.File{}, err
		}
		s, found := schema.NewSet(os.DirFS(dir)).Compile(name)
		if s == nil {
			return diff.File{}, fmt.Errorf("the schema %s cannot be used: %s; tamer check --schema shows where", schemaPath, found[0].Message)
		}
		compiled = s
	}
	old, err := readDiffed(oldPath)
	if err != nil {
		return diff.File{}, err
	}
	new, err := readDiffed(newPath)
	if err != nil {
		return diff.File{}, err
	}
	file := diff.Files(old, new, compiled, compiled, document.Limits{})
	if file.Problem != "" {
		return file, fmt.Errorf("compare %s with %s: %s", oldPath, newPath, file.Problem)
	}
	file.Path = newPath
	return file, nil
}

func readDiffed(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no %s", path)
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a directory; name a file", path)
	}
	if large := document.TooLarge(info.Size(), document.Limits{}); large != nil {
		return nil, fmt.Errorf("%s: %s", path, large.Message)
	}
	src, err := os.ReadFile(path)
	return append([]byte{}, src...), err
}
