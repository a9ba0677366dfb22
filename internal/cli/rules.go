package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/near"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/rule"
)

func newRules() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "rules [ID]",
		Short: "List what is checked, or explain one rule",
		Long: `rules lists every rule with its level, unless the policy says otherwise, and its purpose.
With an ID, the word in brackets behind each finding, it says why the rule is there and shows a bad and a good example.`,
		Example: "  tamer rules\n  tamer rules unknown-property",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return runRules(cmd, format, args) },
	}
	cmd.Flags().StringVar(&format, "format", "text", "how to print them: text, json")
	return cmd
}

func runRules(cmd *cobra.Command, format string, args []string) error {
	rules := rule.All
	if len(args) == 1 {
		one, ok := rule.ByID(args[0])
		if !ok {
			return unknownRule(args[0])
		}
		rules = []rule.Rule{one}
	}
	switch {
	case format == "json":
		return render.RulesJSON(cmd.OutOrStdout(), rules)
	case format != "text":
		return fmt.Errorf("unknown format %q; use text or json", format)
	case len(args) == 1:
		return render.Rule(cmd.OutOrStdout(), rules[0])
	}
	return render.Rules(cmd.OutOrStdout(), rules)
}

func unknownRule(id string) error {
	if meant, ok := near.Name(id, rule.IDs()); ok {
		return fmt.Errorf("there is no rule %q; did you mean %q?", id, meant)
	}
	return fmt.Errorf("there is no rule %q; tamer rules lists them all", id)
}
