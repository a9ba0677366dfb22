package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/app"
)

func newDoctor() *cobra.Command {
	var file, repo, branch string
	cmd := &cobra.Command{
		Use:   "doctor --repo OWNER/NAME",
		Short: "Tell what is missing in a repository's settings at GitHub",
		Long: `doctor looks at how a repository is set up at GitHub: whether the app is installed there, with the permissions and events that it
needs, and whether the branch requires tamer/validate and tamer/approvals, of this app and of nobody else. It says what is
missing and where to click, and changes nothing.

It takes the settings of tamer serve, from the environment or the file that --config names. The exit code is 1 where something is
missing.`,
		Example: `  tamer doctor --repo acme/config
  tamer doctor --repo acme/config --branch production --config tamer.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd, file, repo, branch) },
	}
	cmd.Flags().StringVar(&file, "config", "", "a YAML file with settings; the environment wins over it")
	cmd.Flags().StringVar(&repo, "repo", "", "the repository, as OWNER/NAME")
	cmd.Flags().StringVar(&branch, "branch", "", "the branch that pull requests are merged into (default: the repository's default branch)")
	return cmd
}

func runDoctor(cmd *cobra.Command, file, repo, branch string) error {
	owner, name, err := ownerAndName(repo)
	if err != nil {
		return err
	}
	cfg, err := loadSettings(file)
	if err != nil {
		return err
	}
	found, err := app.Doctor(cmd.Context(), cfg, owner, name, branch)
	if err != nil {
		return err
	}
	missing := false
	for _, d := range found {
		line := "ok       " + d.What + "\n"
		if d.Do != "" {
			missing = true
			line = "missing  " + d.What + "\n         " + d.Do + "\n"
		}
		if _, err := fmt.Fprint(cmd.OutOrStdout(), line); err != nil {
			return fmt.Errorf("write what was found: %w", err)
		}
	}
	if missing {
		return errFailures
	}
	return nil
}

// ownerAndName reads the repository that --repo names.
func ownerAndName(repo string) (owner, name string, err error) {
	owner, name, ok := strings.Cut(repo, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return "", "", fmt.Errorf("--repo %q names no repository; write --repo OWNER/NAME, such as acme/config", repo)
	}
	return owner, name, nil
}
