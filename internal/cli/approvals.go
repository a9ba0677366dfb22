package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/app"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
	"github.com/tamerhq/tamer/internal/render"
)

// approvalsFlags are those of tamer approvals.
type approvalsFlags struct {
	number  int
	assumed []string
	repo    string
	config  string
	format  string
}

func newApprovals() *cobra.Command {
	var f approvalsFlags
	cmd := &cobra.Command{
		Use:   "approvals --pr N",
		Short: "Tell which approvals a pull request needs, has and misses",
		Long: `approvals shows what the check tamer/approvals says of a pull request: the gates that the change runs into, whose approvals
count, why others do not, and who could give what is missing. With --assume it tells what it would be if these people approved
the head. It writes nothing to GitHub.

In a clone it takes the repository from the remote origin. It asks GitHub as the app, with the settings of tamer serve, where
TAMER_APP_ID is set or --config is given; else with TAMER_GITHUB_TOKEN, GITHUB_TOKEN or GH_TOKEN, as whoever that belongs to: a
person with write access, for GitHub tells nobody else who may write. Of overrides by comment only the app knows. The repository
is fetched each time.

The exit code is 0 where every gate has what it asks for, and 1 where not.`,
		Example: `  tamer approvals --pr 12
  tamer approvals --pr 12 --assume anna,ben
  tamer approvals --pr 12 --repo acme/config --config tamer.yaml --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runApprovals(cmd, f) },
	}
	cmd.Flags().IntVar(&f.number, "pr", 0, "the number of the pull request")
	cmd.Flags().StringSliceVar(&f.assumed, "assume", nil, "logins of people to take for having approved, separated by commas")
	cmd.Flags().StringVar(&f.repo, "repo", "", "the repository, as OWNER/NAME (default: that of the remote origin)")
	cmd.Flags().StringVar(&f.config, "config", "", "a YAML file with the server's settings; the environment wins over it")
	cmd.Flags().StringVar(&f.format, "format", "text", "how to print it: "+strings.Join(approvalsFormats(), ", "))
	return cmd
}

func approvalsFormats() []string {
	names := make([]string, len(render.ApprovalsFormats))
	for i, f := range render.ApprovalsFormats {
		names[i] = f.Name
	}
	return names
}

func runApprovals(cmd *cobra.Command, f approvalsFlags) error {
	at := slices.Index(approvalsFormats(), f.format)
	switch {
	case at < 0:
		return fmt.Errorf("unknown format %q; use %s", f.format, strings.Join(approvalsFormats(), " or "))
	case f.number <= 0:
		return errors.New("name a pull request by its number, such as --pr 12")
	}
	seen, err := f.ask(cmd.Context())
	if err != nil {
		return err
	}
	if err := render.ApprovalsFormats[at].Write(cmd.OutOrStdout(), seen); err != nil {
		return fmt.Errorf("write the approvals: %w", err)
	}
	if seen.CheckRun().Conclusion != forge.Success {
		return errFailures
	}
	return nil
}

// ask asks GitHub as the app where there are settings of one, else with a person's token.
func (f approvalsFlags) ask(ctx context.Context) (render.Approvals, error) {
	q := app.PullQuestion{Number: f.number, Assumed: f.assumed}
	if f.config != "" || cmp.Or(os.Getenv("TAMER_APP_ID"), os.Getenv("APP_ID")) != "" {
		cfg, err := loadSettings(f.config)
		if err != nil {
			return nil, err
		}
		if q.Owner, q.Name, err = f.repository(ctx, cfg.GitHubURL); err != nil {
			return nil, err
		}
		return cfg.Approvals(ctx, q)
	}
	web, api, err := app.GitHubAddress(os.Getenv)
	if err != nil {
		return nil, err
	}
	person := app.Person{Web: web, API: api, Token: cmp.Or(os.Getenv("TAMER_GITHUB_TOKEN"), os.Getenv("GITHUB_TOKEN"), os.Getenv("GH_TOKEN"))}
	if person.Token == "" {
		return nil, fmt.Errorf("set GITHUB_TOKEN to a token that may read the repository at %s, or give the settings of the app with --config", web)
	}
	if q.Owner, q.Name, err = f.repository(ctx, web); err != nil {
		return nil, err
	}
	return person.Approvals(ctx, q)
}

// repository is the one that --repo names, or that of the clone that we stand in.
func (f approvalsFlags) repository(ctx context.Context, web string) (owner, name string, err error) {
	if f.repo != "" {
		return ownerAndName(f.repo)
	}
	wd, err := os.Getwd()
	if err != nil {
		return "", "", err
	}
	clone, err := mirror.Local(ctx, wd)
	if err != nil {
		return "", "", fmt.Errorf("look for a clone here: %w; name the repository with --repo OWNER/NAME", err)
	}
	defer clone.Close()
	repo, ok := repositoryAt(clone.Remote(ctx), web)
	if !ok {
		return "", "", fmt.Errorf("the remote origin is no repository at %s; name one with --repo OWNER/NAME", web)
	}
	return repo.Owner, repo.Name, nil
}
