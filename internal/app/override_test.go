package app_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/app"
)

// Teams that may override gates are named in the settings file, for the repositories that it says.
func TestOverrideTeams(t *testing.T) {
	w := newWorld(t)
	env := w.Settings()
	load := func(file string) (app.Config, error) {
		return app.LoadConfig(func(n string) (string, bool) { v, ok := env[n]; return v, ok }, os.ReadFile, []byte(file))
	}
	cfg, err := load("override_teams:\n  - {team: acme/platform, repositories: [acme/config, globex/*]}\n")
	if err != nil || len(cfg.OverrideTeams) != 1 || cfg.OverrideTeams[0].Team != "acme/platform" || strings.Join(cfg.OverrideTeams[0].Repositories, " ") != "acme/config globex/*" {
		t.Errorf("%+v, %v", cfg.OverrideTeams, err)
	}
	for file, want := range map[string]string{
		"override_teams: [{team: platform, repositories: [acme/config]}]": "line 1",
		"override_teams: [{team: acme/platform}]":                         "repositories",
		"override_team: []": "write override_teams",
	} {
		if _, err := load(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", file, err, want)
		}
	}
}

// Somebody of the operator's team lets a change pass; the check and the comment say who and why. It ends with the command.
func TestBreakGlass(t *testing.T) {
	w := gatedWith(t, "override_teams: [{team: acme/platform, repositories: [acme/config]}]\n")
	w.must(w.Hub.SetTeam("acme", "platform", "", "ola"))
	w.must(w.Hub.SetRole("acme/config", "ola", "write"))
	n := w.newType("anna", nil)
	w.wantGates(n, "action_required")
	_, err := w.Hub.Comment("acme/config", n, "ben", "/tamer override I am in a hurry")
	w.must(err)
	w.wantGates(n, "action_required")
	command, err := w.Hub.Comment("acme/config", n, "ola", "/tamer override production is down")
	w.must(err)
	w.wantGates(n, "success", "Overridden by ola", "acme/platform", "production is down")
	said := ""
	for _, c := range w.own("acme/config", n) {
		said += c.Body + "\n"
	}
	for _, want := range []string{"**Approvals**: overridden by ` ola `", "takes a member of a team", fmt.Sprintf(`<!-- tamer:override {"command":%d,`, command)} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in\n%s", want, said)
		}
	}
	w.must(w.Hub.DeleteComment("acme/config", command, "ola"))
	w.wantGates(n, "action_required")
}
