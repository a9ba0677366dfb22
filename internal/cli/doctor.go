package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/app"
)

type doctorFlags struct{ file, repo, branch, format string }

func newDoctor() *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Tell what is missing for tamer to work",
		Long: `doctor looks at all that tamer serve needs: its settings, git, the database, the app's key, permissions and events at GitHub, this
machine's clock, what became of the webhooks of late, the sinks (it writes a small object to each, and removes it again) and the sources
of live data. With --repo it also looks at how that repository is set up at GitHub: whether the app is installed there, and whether
the branch requires tamer/validate and tamer/approvals, of this app and of nobody else. It says what is wrong and what mends it,
and changes nothing. A tamer that runs meanwhile does not mind.

It takes the settings of tamer serve, from the environment or the file that --config names. The exit code is 1 where something is
wrong.`,
		Example: `  tamer doctor
  tamer doctor --repo acme/config --branch production --config tamer.yaml
  tamer doctor --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd, f) },
	}
	cmd.Flags().StringVar(&f.file, "config", "", "a YAML file with settings; the environment wins over it")
	cmd.Flags().StringVar(&f.repo, "repo", "", "a repository to look at, too, as OWNER/NAME")
	cmd.Flags().StringVar(&f.branch, "branch", "", "the branch that its pull requests are merged into (default: the repository's default branch)")
	cmd.Flags().StringVar(&f.format, "format", "text", "how to print what was found: text, json")
	return cmd
}

func runDoctor(cmd *cobra.Command, f doctorFlags) error {
	if f.format != "text" && f.format != "json" {
		return fmt.Errorf("unknown format %q; use text or json", f.format)
	}
	var owner, name string
	var err error
	if f.repo != "" {
		if owner, name, err = ownerAndName(f.repo); err != nil {
			return err
		}
	}
	found, err := examined(cmd, f, owner, name)
	if err != nil {
		return err
	}
	if err := printExamined(cmd.OutOrStdout(), f.format, found); err != nil {
		return fmt.Errorf("write what was found: %w", err)
	}
	for _, d := range found {
		if d.Do != "" {
			return errFailures
		}
	}
	return nil
}

// examined is what doctor finds; settings that cannot be used are found, too, and nothing else then.
func examined(cmd *cobra.Command, f doctorFlags, owner, name string) ([]app.Examined, error) {
	cfg, err := loadSettings(f.file)
	var mistakes app.Mistakes
	switch {
	case errors.As(err, &mistakes):
		var found []app.Examined
		for _, m := range mistakes {
			found = append(found, app.Examined{About: "settings", Diagnosis: app.Diagnosis{What: m.Name + ": " + m.Read, Do: m.Want}})
		}
		return found, nil
	case err != nil:
		return nil, err
	}
	return app.Examine(cmd.Context(), cfg, owner, name, f.branch), nil
}

func printExamined(w io.Writer, format string, found []app.Examined) error {
	if format == "json" {
		return printExaminedJSON(w, found)
	}
	var b strings.Builder
	for _, d := range found {
		if d.Do == "" {
			fmt.Fprintf(&b, "ok     %-10s  %s\n", d.About, d.What)
			continue
		}
		fmt.Fprintf(&b, "wrong  %-10s  %s\n                   %s\n", d.About, d.What, d.Do)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func printExaminedJSON(w io.Writer, found []app.Examined) error {
	type look struct {
		About string `json:"about"`
		OK    bool   `json:"ok"`
		What  string `json:"what"`
		Do    string `json:"do,omitempty"`
	}
	var out struct {
		Looks   []look `json:"looks"`
		Summary struct {
			Looks int `json:"looks"`
			Wrong int `json:"wrong"`
		} `json:"summary"`
	}
	out.Looks = []look{}
	for _, d := range found {
		out.Looks = append(out.Looks, look{d.About, d.Do == "", d.What, d.Do})
		if d.Do != "" {
			out.Summary.Wrong++
		}
	}
	out.Summary.Looks = len(found)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// ownerAndName reads the repository that --repo names.
func ownerAndName(repo string) (owner, name string, err error) {
	owner, name, ok := strings.Cut(repo, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return "", "", fmt.Errorf("--repo %q names no repository; write --repo OWNER/NAME, such as acme/config", repo)
	}
	return owner, name, nil
}
