package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/rewrite"
)

type fmtFlags struct {
	check  bool
	format string
}

func newFmt() *cobra.Command {
	var f fmtFlags
	cmd := &cobra.Command{
		Use:   "fmt [GLOB...]",
		Short: "Put configs into one style",
		Long: `fmt writes configs in one style: two blanks for each level, lists deeper than their key, one blank before a comment, no two blank lines
after each other, words without quotes as far as every reader of YAML takes them for a text, other texts in one kind of quotes. Where a schema says x-tamer-order, keys stand in that order.
Comments, anchors, brackets and the lines of long texts stay; JSON gets a line for each item.

Nothing changes in meaning: each file is read again and compared, and one that could not be written in this style is left as it is. A
second time nothing changes. GLOB is a pattern of paths or of CUSTOMER/TYPE, as for tamer set; without one it is all configs.

It prints the files that it changes. With --check it writes nothing, and exits with 1 if a file would change. A file that cannot be
read is told, and the exit code is then 1.`,
		Example: `  tamer fmt
  tamer fmt --check
  tamer fmt customers/acme`,
		RunE: func(cmd *cobra.Command, args []string) error { return runFmt(cmd, f, args) },
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "write nothing, and exit with 1 if a file would change")
	cmd.Flags().StringVar(&f.format, "format", "text", "how to print the files: text, json")
	return cmd
}

func runFmt(cmd *cobra.Command, f fmtFlags, globs []string) error {
	if f.format != "text" && f.format != "json" {
		return fmt.Errorf("unknown format %q; use text or json", f.format)
	}
	root, c, configs, err := openToEdit(cmd)
	if err != nil {
		return err
	}
	files, err := amongAny(globs, root, configs)
	if err != nil {
		return err
	}
	job := rewrite.Job{Catalog: c}
	if isTerminal(cmd.ErrOrStderr()) {
		job.Progress = counter(cmd.ErrOrStderr(), "looked at")
	}
	formatted, err := job.Format(files)
	if err != nil {
		return err
	}
	if !f.check {
		if err := (editing{root: root, files: formatted}).write(cmd.Context(), cmd.ErrOrStderr()); err != nil {
			return err
		}
	}
	return f.tell(cmd, formatted, len(files))
}

// amongAny gives the configs that one of the patterns matches; without a pattern all.
func amongAny(globs []string, root string, configs []policy.File) ([]policy.File, error) {
	if len(globs) == 0 {
		return configs, nil
	}
	wanted := map[string]bool{}
	for _, glob := range globs {
		pattern, err := rewrite.ParseGlob(glob)
		if err != nil {
			return nil, err
		}
		files := pattern.Among(configs)
		if len(files) == 0 {
			return nil, unmatched(glob, root, configs)
		}
		for _, f := range files {
			wanted[f.Path] = true
		}
	}
	var all []policy.File
	for _, f := range configs {
		if wanted[f.Path] {
			all = append(all, f)
		}
	}
	return all, nil
}

// A styled is what fmt says of a file.
type styled struct {
	Path     string   `json:"path"`
	Status   string   `json:"status"` // formatted, unformatted (with --check), left, unread
	Problems []string `json:"problems"`
}

func (f fmtFlags) tell(cmd *cobra.Command, files []rewrite.File, of int) error {
	all, changed, unread := []styled{}, 0, 0
	for _, file := range files {
		one := styled{Path: file.Path, Status: "formatted", Problems: append([]string{}, file.Problems...)}
		switch {
		case len(file.Problems) > 0:
			unread++
			one.Status = "unread"
		case file.Unstyled:
			one.Status = "left"
		default:
			changed++
			if f.check {
				one.Status = "unformatted"
			}
		}
		all = append(all, one)
	}
	if err := f.print(cmd, all, changed, unread); err != nil {
		return fmt.Errorf("write the files: %w", err)
	}
	said := "written in the common style"
	if f.check {
		said = "not in the common style: tamer fmt puts them into it"
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%d of %s %s\n", changed, render.Many(of, "file"), said)
	if unread > 0 || f.check && changed > 0 {
		return errFailures
	}
	return nil
}

func (f fmtFlags) print(cmd *cobra.Command, all []styled, changed, unread int) error {
	out := cmd.OutOrStdout()
	if f.format == "json" {
		type sum struct {
			Changed int  `json:"changed"`
			Unread  int  `json:"unread"`
			Written bool `json:"written"`
		}
		return json.NewEncoder(out).Encode(struct {
			Files   []styled `json:"files"`
			Summary sum      `json:"summary"`
		}{all, sum{changed, unread, !f.check && changed > 0}})
	}
	for _, one := range all {
		var err error
		switch one.Status {
		case "unread":
			_, err = fmt.Fprintf(out, "%s: not done: %s\n", one.Path, one.Problems[0])
		case "left":
			fmt.Fprintf(cmd.ErrOrStderr(), "%s is left as it is: in the common style it would say something else\n", one.Path)
		default:
			_, err = fmt.Fprintln(out, one.Path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
