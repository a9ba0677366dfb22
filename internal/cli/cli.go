// Package cli is tamer's command line: commands, flags and exit codes.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	Clean    = 0 // nothing to mend
	Failures = 1 // failures were found
	Misuse   = 2 // the command was wrong, or could not run
)

// errFailures says that failures were found and have been shown.
var errFailures = errors.New("failures found")

// Run runs one command and gives its exit code. Findings and results go to stdout, everything else to stderr.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := execute(ctx, root, args)
	switch {
	case err == nil:
		return Clean
	case errors.Is(err, errFailures):
		return Failures
	}
	fmt.Fprintf(stderr, "tamer: %v\n", err)
	return Misuse
}

// patience is how long a command may go on after ctx has ended, to put in order what it has begun. It may wait for something that never
// comes, such as a pipe that nobody writes to or a person who does not answer.
const patience = 2 * time.Second

// execute runs the command, and lets it be where it does not end when ctx has ended. Servers take the time that they need.
func execute(ctx context.Context, root *cobra.Command, args []string) error {
	if cmd, _, err := root.Find(args); err == nil && slices.Contains([]string{"serve", "demo"}, cmd.Name()) {
		return root.ExecuteContext(ctx)
	}
	done := make(chan error, 1)
	go func() { done <- root.ExecuteContext(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return fmt.Errorf("stopped before it was done: %w", context.Cause(ctx))
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "tamer",
		Short: "Judge and deploy per-customer configuration",
		Long: `tamer keeps the configuration of many customers, as YAML in one Git repository, in order.
It judges pull requests and deploys on merge.`,
		Example: `  tamer check --all
  tamer check --schema schemas/segments.schema.json customers/acme/segments.yaml
  tamer demo`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddCommand(newApprovals(), newCheck(), newDiff(), newDocs(), newDoctor(), newEditor(), newExplain(), newFmt(), newGet(), newHealthcheck(), newInit(), newLSP(), newMigrate(), newMove(), newNew(), newRelease(), newResume(), newRollback(), newRules(), newSchema(), newServe(), newSet(), newStatus(), newUnset(), newDemo(), newVersion())
	addOutput(root)
	complete(root)
	helpKnown(root)
	return root
}

// helpKnown refuses help for a command that is not there, as the command itself would be.
func helpKnown(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help, _, _ := root.Find([]string{"help"}) // there by now
	help.Args = func(_ *cobra.Command, words []string) error {
		cmd, rest, err := root.Find(words)
		if err == nil && len(rest) > 0 {
			err = fmt.Errorf("unknown command %q for %q: %q lists those that are there", rest[0], cmd.CommandPath(), cmd.CommandPath()+" --help")
		}
		return err
	}
}

// isTerminal tells whether w is a terminal, where progress may be shown.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 || os.Getenv("TERM") == "dumb" {
		return false
	}
	nothing, err := os.Stat(os.DevNull) // which is a device, too
	return err != nil || !os.SameFile(info, nothing)
}
