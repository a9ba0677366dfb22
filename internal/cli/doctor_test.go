package cli_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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

// linesOf are those that doctor writes of one part, with what mends it.
func linesOf(about, text string) string {
	var b strings.Builder
	mine := false
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, " ") {
			mine = strings.Fields(line)[1] == about
		}
		if mine {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestDoctorOfARepository(t *testing.T) {
	hub := newHub(t, func(c *fakegithub.Config) {
		c.Events = []string{"check_run", "check_suite", "issue_comment", "merge_group", "pull_request", "push", "repository"}
	})
	must(t, hub.Require(demo.Repository, "main", fakegithub.RequiredCheck{Name: "tamer/validate", App: 4711, Ruleset: true}, fakegithub.RequiredCheck{Name: "tamer/approvals"}))
	code, out, said := run(t, "doctor", "--repo", demo.Repository)
	out = linesOf("repository", strings.ReplaceAll(out, hub.URL(), "https://github.example.com"))
	const want = `ok     repository  tamer is installed on shop/config
ok     repository  the app has the permissions that it needs
wrong  repository  the app is not told of pull_request_review
                   in the app's settings, under Permissions & events, Subscribe to events, choose them and save
ok     repository  main requires tamer/validate of the app, by a ruleset
wrong  repository  main requires tamer/approvals of anybody, by the branch's protection: whoever may write can set it
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

// answering has webhooks answered with that status from now on.
func answering(t *testing.T, hub *fakegithub.Server, status int) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(server.Close)
	hub.SetWebhook(server.URL+"/webhook", "secret")
	must(t, hub.Wait(t.Context()))
}

func TestDoctorWhereAllIsWell(t *testing.T) {
	hub := newHub(t, nil)
	answering(t, hub, http.StatusAccepted)
	code, out, said := run(t, "doctor")
	for _, says := range []string{"ok     settings    the settings can be read: app 4711", "ok     git         git version 2.", "ok     database    the database can be used: a new file of SQLite",
		"ok     github      GitHub takes the key: the app is tamer", "ok     github      this machine's clock goes as GitHub's", "ok     github      the app has 1 installation(s)",
		"ok     webhooks    all of the last ", "ok     sinks       the sink default can be read and written, on conditions, too; "} {
		if !strings.Contains(out, says) {
			t.Errorf("%q is not in", says)
		}
	}
	if code != cli.Clean || said != "" || t.Failed() {
		t.Fatalf("exit %d: %s%s", code, out, said)
	}
	if files, _ := filepath.Glob(filepath.Join(strings.TrimPrefix(os.Getenv("TAMER_SINK"), "file:"), ".tamer", "doctor", "*")); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
	code, out, _ = run(t, "doctor", "--format", "json")
	var got struct {
		Looks []struct {
			About string
			OK    bool
		}
		Summary struct{ Looks, Wrong int }
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != cli.Clean || got.Summary.Wrong != 0 || got.Summary.Looks != len(got.Looks) || !got.Looks[0].OK || got.Looks[0].About != "settings" {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
}

func TestDoctorFindsWhatIsWrong(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	key := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(other)}))
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, []byte("this is no database, and no directory; "+strings.Repeat("x", 200)), 0o600))
	for name, c := range map[string]struct {
		set    map[string]string
		status int
		about  string
		says   []string
	}{
		"another key":         {map[string]string{"TAMER_PRIVATE_KEY": key}, 202, "github", []string{"does not take the key", "generate a private key"}},
		"another app":         {map[string]string{"TAMER_APP_ID": "1"}, 202, "github", []string{"app 1", "compare App ID"}},
		"nobody at GitHub's":  {map[string]string{"TAMER_GITHUB_API_URL": "http://127.0.0.1:1/api/v3"}, 202, "github", []string{"GitHub does not answer at http://127.0.0.1:1"}},
		"another secret":      {nil, 401, "webhooks", []string{"were answered 401|was answered 401", "TAMER_WEBHOOK_SECRET", "/settings/apps/tamer/advanced"}},
		"another path":        {nil, 404, "webhooks", []string{"path /webhook of TAMER_LISTEN"}},
		"a broken tamer":      {nil, 503, "webhooks", []string{"tamer's own log"}},
		"no address":          {nil, 0, "webhooks", []string{"has no address for webhooks", "set Webhook to Active"}},
		"no database":         {map[string]string{"TAMER_DATABASE_URL": "sqlite:" + file}, 202, "database", []string{"damaged or no database"}},
		"a sink in a file":    {map[string]string{"TAMER_SINK": "file:" + file}, 202, "sinks", []string{"the sink default cannot be used", "docs/sinks.md"}},
		"settings of no kind": {map[string]string{"TAMER_LOG_LEVEL": "loud"}, 202, "settings", []string{"TAMER_LOG_LEVEL", "write debug"}},
	} {
		t.Run(name, func(t *testing.T) {
			hub := newHub(t, nil)
			if c.status != 0 {
				answering(t, hub, c.status)
			}
			for name, value := range c.set {
				t.Setenv(name, value)
			}
			code, out, said := run(t, "doctor")
			wrong := linesOf(c.about, out)
			for _, says := range c.says {
				first, second, either := strings.Cut(says, "|")
				if !strings.Contains(wrong, first) && !(either && strings.Contains(wrong, second)) {
					t.Errorf("%q is not in", says)
				}
			}
			if code != cli.Failures || said != "" || !strings.Contains(wrong, "wrong  ") || strings.Contains(out, "PRIVATE KEY") || t.Failed() {
				t.Errorf("exit %d: %s%s", code, out, said)
			}
		})
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
		{[]string{"--format", "xml"}, cli.Misuse, `unknown format "xml"; use text or json`},
	} {
		code, out, said := run(t, append([]string{"doctor"}, c.args...)...)
		if code != c.code || !strings.Contains(out+said, c.says) {
			t.Errorf("doctor %v: exit %d, %s%s", c.args, code, out, said)
		}
	}
	t.Setenv("TAMER_APP_ID", "")
	if code, out, _ := run(t, "doctor", "--repo", demo.Repository); code != cli.Failures || !strings.Contains(out, "TAMER_APP_ID: not set") {
		t.Errorf("without settings: exit %d, %s", code, out)
	}
}
