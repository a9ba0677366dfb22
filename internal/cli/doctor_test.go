package cli_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
	"github.com/tamerhq/tamer/internal/demo"
	"github.com/tamerhq/tamer/internal/fakegithub"
)

// newHub gives a GitHub where the app is installed on shop/config, and has the settings of that app in the environment.
func newHub(t *testing.T, adjust func(*fakegithub.Config)) *fakegithub.Server {
	t.Helper()
	w, err := demo.NewWorld(t.TempDir(), "127.0.0.1:0", adjust)
	must(t, err)
	t.Cleanup(func() { must(t, w.Close(t.Context())) })
	for name, value := range w.Settings() {
		t.Setenv(name, value)
	}
	must(t, w.Hub.CreateRepo(demo.Repository, map[string][]byte{"customers/acme/plan.yaml": []byte("days: 30\n")}))
	_, err = w.Hub.Install("shop")
	must(t, err)
	return w.Hub
}

// run runs tamer, and gives its exit code, standard output and standard error.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, said bytes.Buffer
	code = cli.Run(t.Context(), args, strings.NewReader(""), &out, &said)
	return code, out.String(), said.String()
}

func TestDoctor(t *testing.T) {
	hub := newHub(t, func(c *fakegithub.Config) {
		c.Events = []string{"check_run", "check_suite", "issue_comment", "merge_group", "pull_request", "push", "repository"}
	})
	must(t, hub.Require(demo.Repository, "main", fakegithub.RequiredCheck{Name: "tamer/validate", App: 4711, Ruleset: true}, fakegithub.RequiredCheck{Name: "tamer/approvals"}))
	code, out, said := run(t, "doctor", "--repo", demo.Repository)
	out = strings.ReplaceAll(out, hub.URL(), "https://github.example.com")
	const want = `ok       tamer is installed on shop/config
ok       the app has the permissions that it needs
missing  the app is not told of pull_request_review
         in the app's settings, under Permissions & events, Subscribe to events, choose them and save
ok       main requires tamer/validate of the app, by a ruleset
missing  main requires tamer/approvals of anybody, by the branch's protection: whoever may write can set it
         at https://github.example.com/shop/config/settings/rules (for a protection https://github.example.com/shop/config/settings/branches) choose the app tamer as the source of tamer/approvals
`
	if code != cli.Failures || out != want || said != "" {
		t.Errorf("exit %d, %s\n%s, want\n%s", code, said, out, want)
	}
	for _, r := range hub.Requests() {
		if r.Write() {
			t.Errorf("doctor writes: %s %s", r.Method, r.Path)
		}
	}
}

func TestDoctorOfNothing(t *testing.T) {
	newHub(t, nil)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--repo", "shop/gone"}, cli.Failures, "not installed on shop/gone"},
		{[]string{"--repo", "shop"}, cli.Misuse, `--repo "shop" names no repository`},
		{nil, cli.Misuse, "write --repo OWNER/NAME"},
	} {
		code, out, said := run(t, append([]string{"doctor"}, c.args...)...)
		if code != c.code || !strings.Contains(out+said, c.says) {
			t.Errorf("doctor %v: exit %d, %s%s", c.args, code, out, said)
		}
	}
	t.Setenv("TAMER_APP_ID", "")
	if code, _, said := run(t, "doctor", "--repo", demo.Repository); code != cli.Misuse || !strings.Contains(said, "TAMER_APP_ID") {
		t.Errorf("without settings: exit %d, %s", code, said)
	}
}
