// Package cli is tamer's command line: commands, flags and exit codes.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

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
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return Clean
	case errors.Is(err, errFailures):
		return Failures
	}
	fmt.Fprintf(stderr, "tamer: %v\n", err)
	return Misuse
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
