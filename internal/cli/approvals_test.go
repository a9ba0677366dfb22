package cli_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
	"github.com/tamerhq/tamer/internal/demo"
	"github.com/tamerhq/tamer/internal/fakegithub"
)

// newType opens a pull request by anna that adds a type, in a repository where ben and carla may write, and root administers.
func newType(t *testing.T) *fakegithub.Server {
	t.Helper()
	hub := newHub(t, nil)
	for login, role := range map[string]string{"anna": "write", "ben": "write", "carla": "write", "root": "admin", "dora": "read"} {
		must(t, hub.SetRole(demo.Repository, login, role))
	}
	_, err := hub.Push(demo.Repository, "change", fakegithub.Change{Author: "anna", Files: map[string][]byte{"schemas/loyalty.schema.json": []byte("{}\n")}})
	must(t, err)
	_, err = hub.OpenPull(demo.Repository, fakegithub.Pull{Head: "change", Author: "anna"})
	must(t, err)
	return hub
}

// What tamer approvals says, as the app and as a person, and who would do: two of whom one is a regular editor, which in a repository
// without a history those are who administer it.
func TestApprovals(t *testing.T) {
	hub := newType(t)
	for who, env := range map[string]map[string]string{
		"the app":  {},
		"a person": {"TAMER_APP_ID": "", "GITHUB_TOKEN": hub.UserToken("carla")},
	} {
		for name, value := range env {
			t.Setenv(name, value)
		}
		for _, c := range []struct {
			args string
			code int
			says string
		}{
			{"", cli.Failures, "action_required: Waiting for 2 approvals, 1 of them by a regular editor"},
			{"--assume ben,carla", cli.Failures, "action_required: Waiting for 1 approval by a regular editor"},
			{"--assume ben,root", cli.Clean, "success: Approved by ben and root"},
			{"--assume anna,root", cli.Failures, "Waiting for 1 approval"}, // her own change
			{"--assume dora,root", cli.Failures, "Waiting for 1 approval"}, // may not write
			{"--assume nobody-there", cli.Misuse, `nobody at GitHub has the login "nobody-there"`},
		} {
			code, out, said := run(t, append([]string{"approvals", "--pr", "1", "--repo", demo.Repository}, strings.Fields(c.args)...)...)
			if code != c.code || !strings.Contains(out+said, c.says) {
				t.Errorf("%s, %s: exit %d\n%s%s", who, c.args, code, out, said)
			}
		}
	}
	for _, r := range hub.Requests() {
		if r.Write() {
			t.Errorf("it writes: %s %s", r.Method, r.Path)
		}
	}
}

func TestApprovalsAsJSON(t *testing.T) {
	hub := newType(t)
	_, err := hub.Review(demo.Repository, 1, "ben", "APPROVE", "")
	must(t, err)
	clone := t.TempDir()
	for _, args := range [][]string{{"init", "-q"}, {"remote", "add", "origin", hub.URL() + "/" + demo.Repository + ".git"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = clone
		must(t, cmd.Run())
	}
	t.Chdir(clone)
	code, out, said := run(t, "approvals", "--pr", "1", "--format", "json")
	var got struct {
		Conclusion string
		Pulls      []struct {
			Number int
			Gates  []struct {
				Name      string
				Misses    struct{ Approvals int }
				Approvals []struct{ Login, Fault string }
			}
		} `json:"pull_requests"`
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("exit %d, %s: %v\n%s", code, said, err, out)
	}
	if code != cli.Failures || got.Conclusion != "action_required" || len(got.Pulls) != 1 || got.Pulls[0].Gates[0].Name != "new-type" ||
		got.Pulls[0].Gates[0].Misses.Approvals != 1 || got.Pulls[0].Gates[0].Approvals[0].Login != "ben" {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestApprovalsMisused(t *testing.T) {
	for _, name := range []string{"TAMER_APP_ID", "APP_ID", "TAMER_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "TAMER_GITHUB_URL", "GHE_HOST"} {
		t.Setenv(name, "")
	}
	for args, says := range map[string]string{
		"":                              "such as --pr 12",
		"--pr 1 --format xml":           `unknown format "xml"; use text or json`,
		"--pr 1 --repo a/b":             "set GITHUB_TOKEN to a token that may read",
		"--pr 1 --config /no/such/file": "read the settings",
	} {
		if code, _, said := run(t, append([]string{"approvals"}, strings.Fields(args)...)...); code != cli.Misuse || !strings.Contains(said, says) {
			t.Errorf("%s: exit %d, %s", args, code, said)
		}
	}
	t.Setenv("GITHUB_TOKEN", "x")
	t.Chdir(t.TempDir())
	if code, _, said := run(t, "approvals", "--pr", "1"); code != cli.Misuse || !strings.Contains(said, "--repo OWNER/NAME") {
		t.Errorf("in no clone: exit %d, %s", code, said)
	}
}
