package cli

import (
	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/demo"
)

func newDemo() *cobra.Command {
	opts := demo.Options{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See tamer at work on this machine, without an account",
		Long: `demo runs the real server against a stand-in for GitHub on loopback, with a small configuration repository.
It opens three pull requests, says what happens and where to look, and stays up for you to approve and merge.
With --once it plays the whole story by itself and ends; it needs git, and no network.`,
		Example: "  tamer demo\n  tamer demo --once",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts.Out = cmd.OutOrStdout()
			return demo.Run(cmd.Context(), opts)
		},
	}
	cmd.Flags().BoolVar(&opts.Once, "once", false, "play the whole story without a person, and exit with 0 only if every step did what it should")
	cmd.Flags().StringVar(&opts.Listen, "listen", "127.0.0.1:0", "loopback address of the pages")
	cmd.Flags().StringVar(&opts.Dir, "dir", "", "keep everything in this directory (default: one that is removed at the end)")
	return cmd
}
