package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/app"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit, and when that was made",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintln(cmd.OutOrStdout(), "tamer", app.About())
		},
	}
}
