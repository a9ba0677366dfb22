package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// addOutput gives every command --output: the one name by which a script asks for JSON, whatever else the command offers.
func addOutput(root *cobra.Command) {
	var output string
	root.PersistentFlags().StringVar(&output, "output", "", "text or json: the same as --format, or --json, of the command")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if output == "" {
			return nil
		}
		format, asJSON := cmd.Flags().Lookup("format"), cmd.Flags().Lookup("json")
		switch {
		case format != nil && !format.Changed:
			return cmd.Flags().Set("format", output)
		case format != nil:
			return fmt.Errorf("--output %s and --format %s: leave one out", output, format.Value)
		case output == "json" && asJSON != nil:
			return cmd.Flags().Set("json", "true")
		case output != "text":
			return fmt.Errorf("%s prints text only: leave --output %s out", cmd.CommandPath(), output)
		}
		return nil
	}
}
