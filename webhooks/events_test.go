package webhooks

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// where is the part that every payload of an installed app has.
const where = `"installation":{"id":1},"repository":{"id":2,"full_name":"acme/shop"}`

func TestEvents(t *testing.T) {
	const sha = "d6fde92930d4715a2b49857d24b940956b26d2d3"
	for _, c := range []struct{ event, body, want string }{
		{"push", `{"ref":"refs/heads/main",` + where + `}`, "branch/1/2/main"},
		{"push", `{"ref":"refs/heads/feature/a b","deleted":true,` + where + `}`, "branch/1/2/feature/a b"},
		{"push", `{"ref":"refs/heads/gh-readonly-queue/main/pr-1-abc",` + where + `}`, ""},
		{"push", `{"ref":"refs/tags/v1",` + where + `}`, ""},
		{"push", `{"ref":"refs/heads/",` + where + `}`, ""},
		{"push", `{"ref":"refs/heads/main","repository":{"id":2}}`, ""},
		{"push", `{"ref":"refs/heads/main","installation":{"id":1}}`, ""},
		{"push", `{"ref":"refs/heads/main","installation":null,"repository":null}`, ""},
		{"push", `{}`, ""},
		{"push", `null`, ""},

		{"pull_request", `{"action":"opened","pull_request":{"number":12},` + where + `}`, "pull_request/1/2/12 approvals/1/2/12/"},
		{"pull_request", `{"action":"closed","pull_request":{"number":12},` + where + `}`, "pull_request/1/2/12 approvals/1/2/12/"},
		{"pull_request", `{"action":"edited","changes":{"base":{}},"pull_request":{"number":12},` + where + `}`, "pull_request/1/2/12 approvals/1/2/12/"},
		{"pull_request", `{"action":"opened",` + where + `}`, ""},
		{"pull_request", `{"action":"opened","pull_request":{"number":-1},` + where + `}`, ""},
		{"pull_request_review", `{"action":"dismissed","pull_request":{"number":12},` + where + `}`, "approvals/1/2/12/"},

		{"check_run", `{"action":"rerequested","check_run":{"name":"tamer/validate","head_sha":"` + sha + `","pull_requests":[{"number":12},{"number":13}]},` + where + `}`,
			"pull_request/1/2/12! pull_request/1/2/13!"},
		{"check_run", `{"action":"requested_action","requested_action":{"identifier":"recheck"},"check_run":{"name":"tamer/validate","pull_requests":[{"number":12}]},` + where + `}`,
			"pull_request/1/2/12!"},
		{"check_run", `{"action":"requested_action","requested_action":{"identifier":"fix"},"check_run":{"name":"tamer/validate","head_sha":"` + sha + `","pull_requests":[{"number":12}]},"sender":{"id":7,"login":"anna"},` + where + `}`,
			"button/1/2/fix/" + sha + "/7/anna"},
		{"check_run", `{"action":"requested_action","requested_action":{"identifier":"migrate"},"check_run":{"name":"tamer/validate","head_sha":"` + sha + `","pull_requests":[{"number":12}]},"sender":{"id":7,"login":"anna"},` + where + `}`,
			"button/1/2/migrate/" + sha + "/7/anna"},
		{"check_run", `{"action":"requested_action","requested_action":{"identifier":"preview"},"check_run":{"name":"tamer/validate","head_sha":"` + sha + `","pull_requests":[]},"sender":{"id":7,"login":"anna"},` + where + `}`,
			"button/1/2/preview/" + sha + "/7/anna"},
		{"check_run", `{"action":"requested_action","requested_action":{"identifier":"fix"},"check_run":{"name":"tamer/validate","head_sha":"` + sha + `"},"sender":{"id":7,"login":"a/b"},` + where + `}`, ""},
		{"check_run", `{"action":"requested_action","requested_action":{"identifier":"fix"},"check_run":{"name":"tamer/validate","head_sha":"` + sha + `"},` + where + `}`, ""},
		{"check_run", `{"action":"rerequested","check_run":{"name":"tamer/validate","head_sha":"` + sha + `","pull_requests":[],"check_suite":{"head_branch":null}},` + where + `}`,
			"commit/1/2/" + sha + "!"},
		{"check_run", `{"action":"rerequested","check_run":{"name":"tamer/validate","head_sha":"` + sha + `","pull_requests":[{"number":4,"base":{"repo":{"id":99}}}]},` + where + `}`,
			"commit/1/2/" + sha + "!"},
		{"check_run", `{"action":"rerequested","check_run":{"name":"tamer/deploy","head_sha":"` + sha + `","check_suite":{"head_branch":"main"}},` + where + `}`,
			"branch/1/2/main!"},
		{"check_run", `{"action":"rerequested","check_run":{"name":"tamer/deploy","head_sha":"` + sha + `","check_suite":{"head_branch":null}},` + where + `}`, ""},
		{"check_run", `{"action":"rerequested","check_run":{"name":"tamer/validate"},` + where + `}`, ""},
		{"check_run", `{"action":"created","check_run":{"name":"tamer/validate","pull_requests":[{"number":12}]},` + where + `}`, ""},
		{"check_run", `{"action":"completed","check_run":{"name":"other","pull_requests":[{"number":12}]},` + where + `}`, ""},

		{"check_run", `{"action":"rerequested","check_run":{"name":"tamer/approvals","head_sha":"` + sha + `","pull_requests":[{"number":12}]},` + where + `}`, "approvals/1/2/12/!"},

		{"check_suite", `{"action":"rerequested","check_suite":{"head_sha":"` + sha + `","head_branch":"feature","pull_requests":[{"number":12}]},` + where + `}`,
			"pull_request/1/2/12! approvals/1/2/12/! branch/1/2/feature!"},
		{"check_suite", `{"action":"rerequested","check_suite":{"head_sha":"` + sha + `","head_branch":"main","pull_requests":[]},` + where + `}`,
			"commit/1/2/" + sha + "! branch/1/2/main!"},
		{"check_suite", `{"action":"rerequested","check_suite":{"head_sha":"` + sha + `","head_branch":null,"pull_requests":[]},` + where + `}`,
			"commit/1/2/" + sha + "!"},
		{"check_suite", `{"action":"requested","check_suite":{"head_sha":"` + sha + `","head_branch":"main"},` + where + `}`, ""},

		{"issue_comment", `{"action":"created","issue":{"pull_request":{}},"comment":{"id":5,"body":"\n /tamer check","user":{"type":"User"}},` + where + `}`, "comment/1/2/5"},
		{"issue_comment", `{"action":"created","issue":{},"comment":{"id":5,"body":"/tamer check"},` + where + `}`, ""},
		{"issue_comment", `{"action":"created","issue":{"pull_request":{}},"comment":{"id":5,"body":"ask /tamer"},` + where + `}`, ""},
		{"issue_comment", `{"action":"created","issue":{"pull_request":{}},"comment":{"id":5,"body":"/tamer check","user":{"type":"Bot"}},` + where + `}`, ""},
		{"issue_comment", `{"action":"edited","issue":{"number":12,"pull_request":{}},"comment":{"id":5,"body":"never mind"},"changes":{"body":{"from":"/tamer override x"}},` + where + `}`, "approvals/1/2/12/"},
		{"issue_comment", `{"action":"deleted","issue":{"number":12,"pull_request":{}},"comment":{"id":5,"body":"/tamer override x"},` + where + `}`, "approvals/1/2/12/"},
		{"issue_comment", `{"action":"deleted","issue":{"number":12,"pull_request":{}},"comment":{"id":6,"body":"<!-- tamer:answer 5 -->","user":{"type":"Bot"}},` + where + `}`, "approvals/1/2/12/"},
		{"issue_comment", `{"action":"edited","issue":{"number":12,"pull_request":{}},"comment":{"id":6,"body":"<!-- tamer:report -->","user":{"type":"Bot"}},` + where + `}`, ""},

		{"installation", `{"action":"created","installation":{"id":1},"repositories":[{"id":2,"full_name":"acme/shop"}]}`, "installation/1"},
		{"installation", `{"action":"unsuspend","installation":{"id":1}}`, "installation/1"},
		{"installation", `{"action":"new_permissions_accepted","installation":{"id":1}}`, "installation/1"},
		{"installation", `{"action":"deleted","installation":{"id":1}}`, ""},
		{"installation", `{"action":"suspend","installation":{"id":1}}`, ""},
		{"installation", `{"action":"created"}`, ""},
		{"installation_repositories", `{"action":"added","installation":{"id":1},"repositories_added":[{"id":2,"full_name":"acme/shop"},{"id":3,"full_name":"acme/toys"},{"full_name":"acme/ghost"}]}`,
			"repository/1/2 repository/1/3"},
		{"installation_repositories", `{"action":"removed","installation":{"id":1},"repositories_removed":[{"id":2}]}`, ""},

		{"repository", `{"action":"renamed",` + where + `}`, "repository/1/2"},
		{"repository", `{"action":"transferred",` + where + `}`, "repository/1/2"},
		{"repository", `{"action":"edited","changes":{"default_branch":{"from":"master"}},` + where + `}`, "repository/1/2"},
		{"repository", `{"action":"edited","changes":{"description":{"from":""}},` + where + `}`, ""},
		{"repository", `{"action":"archived",` + where + `}`, ""},

		{"merge_group", `{"action":"checks_requested","merge_group":{"head_sha":"` + sha + `","head_ref":"refs/heads/gh-readonly-queue/release/2026/pr-1-abc"},` + where + `}`,
			"merge_group/1/2/gh-readonly-queue/release/2026/pr-1-abc approvals/1/2/0/gh-readonly-queue/release/2026/pr-1-abc"},
		{"merge_group", `{"action":"destroyed","merge_group":{"head_ref":"refs/heads/gh-readonly-queue/main/pr-1-abc"},` + where + `}`, "merge_group/1/2/gh-readonly-queue/main/pr-1-abc approvals/1/2/0/gh-readonly-queue/main/pr-1-abc"},
		{"merge_group", `{"action":"checks_requested","merge_group":{"head_ref":"refs/heads/main"},` + where + `}`, ""},
		{"merge_group", `{"action":"checks_requested",` + where + `}`, ""},

		{"ping", `{"zen":"Anything added dilutes everything else.",` + where + `}`, ""},
	} {
		d, err := translate(c.event, []byte(c.body))
		if err != nil {
			t.Errorf("%s %s: %v", c.event, c.body, err)
			continue
		}
		var keys []string
		for _, w := range d.Wanted {
			keys = append(keys, text(w))
		}
		if got := strings.Join(keys, " "); got != c.want {
			t.Errorf("%s %s\nasks for %q, want %q", c.event, c.body, got, c.want)
		}
	}
}

func TestReposAreNamed(t *testing.T) {
	for _, c := range []struct{ event, body, want string }{
		{"repository", `{"action":"renamed",` + where + `}`, "[1/2 acme/shop]"},
		{"installation", `{"action":"created","installation":{"id":1},"repositories":[{"id":2,"full_name":"acme/shop"},{"id":3,"full_name":"acme/toys"}]}`,
			"[1/2 acme/shop 1/3 acme/toys]"},
		{"installation_repositories", `{"installation":{"id":1},"repositories_added":[{"id":3,"full_name":"acme/toys"}]}`, "[1/3 acme/toys]"},
		{"push", `{"installation":{"id":1},"repository":{"id":2,"full_name":"no owner"}}`, "[]"},
		{"push", `{"repository":{"id":2,"full_name":"acme/shop"}}`, "[]"},
	} {
		d, err := translate(c.event, []byte(c.body))
		got := []string{}
		for _, r := range d.Repos {
			got = append(got, fmt.Sprintf("%d/%d %s", r.Installation, r.ID, r))
		}
		if fmt.Sprint(got) != c.want || err != nil {
			t.Errorf("%s %s: %v, %v; want %s", c.event, c.body, got, err, c.want)
		}
	}
}

// What the manifest subscribes to is what the table acts on.
func TestManifest(t *testing.T) {
	text, err := os.ReadFile("../app.yml")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Events      []string          `yaml:"default_events"`
		Permissions map[string]string `yaml:"default_permissions"`
	}
	if err := yaml.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	want := Subscribed()
	if !slices.Equal(manifest.Events, want) {
		t.Errorf("app.yml subscribes to %q, the table has %q", manifest.Events, want)
	}
	if !slices.IsSorted(want) {
		t.Errorf("the table is not in order: %q", want)
	}
	// GitHub refuses an event whose permission is not asked for.
	for event, permission := range map[string]string{"check_run": "checks", "issue_comment": "issues", "merge_group": "merge_queues", "pull_request": "pull_requests", "push": "contents", "repository": "metadata"} {
		if manifest.Permissions[permission] == "" {
			t.Errorf("%s needs the permission %s", event, permission)
		}
	}
}

func FuzzTranslate(f *testing.F) {
	for _, e := range events {
		f.Add(e.name, []byte(`{"action":"rerequested","ref":"refs/heads/x","pull_request":{"number":1},"check_run":{"pull_requests":[{}]},`+where+`}`))
	}
	f.Add("push", []byte(`{"ref":"refs/heads/\ud800"}`))
	f.Fuzz(func(t *testing.T, event string, body []byte) {
		d, err := translate(event, body)
		if err != nil && (len(d.Wanted) > 0 || len(d.Repos) > 0) {
			t.Fatalf("an error and yet work: %+v", d)
		}
		for _, w := range d.Wanted {
			if w.Key.Installation == 0 || w.Key.Kind == "" {
				t.Fatalf("half a key: %+v", w.Key)
			}
		}
	})
}
