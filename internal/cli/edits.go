package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/rewrite"
	"github.com/tamerhq/tamer/internal/worktree"
)

// editFlags are those of all commands that change many configs.
type editFlags struct {
	write  bool
	dryRun bool
	format string
}

func (f *editFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.write, "write", false, "write the changes without asking")
	cmd.Flags().BoolVar(&f.write, "yes", false, "the same as --write")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "show the changes, and write nothing")
	cmd.Flags().StringVar(&f.format, "format", "text", "how to print the changes: text, json")
}

func (f *editFlags) check() error {
	switch {
	case f.format != "text" && f.format != "json":
		return fmt.Errorf("unknown format %q; use text or json", f.format)
	case f.write && f.dryRun:
		return errors.New("--write writes and --dry-run does not; leave one out")
	}
	return nil
}

// editGCPercent trades memory for time, as gcPercent does: each file is held twice, and what reading it needs is soon of no use.
const editGCPercent = 400

// An editing is what a command is about to do to the files below root.
type editing struct {
	root  string
	files []rewrite.File
	// whole tells that nothing is written where something is left of a file.
	whole bool
	// nothing says why there is nothing to do.
	nothing string
}

func (e editing) changed() []worktree.NewFile {
	var all []worktree.NewFile
	for _, f := range e.files {
		if f.Changed() {
			all = append(all, worktree.NewFile{Path: f.Path, Was: f.Old, Now: f.New})
		}
	}
	return all
}

func (e editing) shown() render.Edits {
	var out render.Edits
	var report diff.Report
	for _, f := range e.files {
		if f.Changed() {
			out.Files++
			report.Files = append(report.Files, f.Diff)
		}
		if len(f.Problems) > 0 || len(f.Broken) > 0 {
			out.Left = append(out.Left, render.Unedited{Path: f.Path, Problems: f.Problems, Broken: f.Broken})
		}
	}
	out.Diff = report
	return out
}

// carryOut shows the changes, asks where there is somebody to ask, and writes them.
func (e editing) carryOut(cmd *cobra.Command, f editFlags) error {
	out, shown := cmd.OutOrStdout(), e.shown()
	options := render.Options{Colour: isTerminal(out) && os.Getenv("NO_COLOR") == ""}
	if f.format == "text" {
		if err := render.EditsText(out, shown, options); err != nil {
			return fmt.Errorf("write the changes: %w", err)
		}
	}
	why, err := e.decide(cmd, f, shown)
	if err != nil {
		return err
	}
	if why == "" {
		if err := e.write(cmd.Context(), cmd.ErrOrStderr()); err != nil {
			return err
		}
		shown.Written, why = true, render.Many(shown.Files, "file")+" written; tamer check judges them with all that refers to them"
	}
	if f.format == "json" {
		if err := render.EditsJSON(out, shown, options); err != nil {
			return fmt.Errorf("write the changes: %w", err)
		}
	}
	fmt.Fprintln(cmd.ErrOrStderr(), why)
	if len(shown.Left) > 0 {
		return errFailures
	}
	return nil
}

const unwritten = "nothing is written yet: add --write"

// decide gives why nothing is to be written; empty where it is.
func (e editing) decide(cmd *cobra.Command, f editFlags, shown render.Edits) (string, error) {
	n := len(shown.Left)
	switch {
	case shown.Files == 0 && n == 0:
		return e.nothing, nil
	case shown.Files == 0:
		return fmt.Sprintf("nothing is written: %s to be changed by hand, for the reasons above", render.Many(n, "file")), nil
	case e.whole && n > 0:
		return fmt.Sprintf("nothing is written: %s could not be changed or would be wrong, as told above; --force writes all the same", render.Many(n, "file")), nil
	case f.dryRun:
		return "nothing is written: this is a dry run", nil
	case f.write:
		return "", nil
	case f.format != "text" || !isTerminalInput(cmd.InOrStdin()):
		return unwritten, nil
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Write this to %s? [y/N] ", render.Many(shown.Files, "file"))
	answer, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	if errors.Is(err, io.EOF) && answer == "" { // nobody is there
		fmt.Fprintln(cmd.ErrOrStderr())
		return unwritten, nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return "", nil
	}
	return "nothing is written", nil
}

func isTerminalInput(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && isTerminal(f)
}

func (e editing) write(ctx context.Context, stderr io.Writer) error {
	var told func(done, total int)
	if isTerminal(stderr) {
		told = counter(stderr, "prepared")
	}
	return worktree.Replace(ctx, e.root, e.changed(), told)
}

// counter is progress in other words.
func counter(w io.Writer, what string) func(done, total int) {
	return func(done, total int) {
		switch {
		case total < 1000 || done%256 != 0 && done != total:
		case done == total:
			fmt.Fprint(w, "\r\033[K")
		default:
			fmt.Fprintf(w, "\r%d of %d files %s", done, total, what)
		}
	}
}

// resume finishes an edit that was cut off.
func resume(cmd *cobra.Command, root string) error {
	n, err := worktree.Recover(root)
	if n > 0 && err == nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "an edit that was cut off is finished: %s\n", render.Many(n, "file"))
	}
	return err
}
