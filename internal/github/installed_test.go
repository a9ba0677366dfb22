package github

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

func TestInstalled(t *testing.T) {
	fake, client, repo := startFake(t, time.Now)
	in, err := client.Installed(t.Context(), "Acme", "Configs")
	must(t, err)
	if in.Repo != repo || in.DefaultBranch != "main" || in.App != "tamer" || in.Page == "" || in.Suspended || in.Permissions["merge_queues"] != "read" || len(in.Events) == 0 {
		t.Errorf("installed: %+v", in)
	}
	must(t, fake.CreateRepo("other/configs", nil))
	if _, err := client.Installed(t.Context(), "other", "configs"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("elsewhere: %v", err)
	}
	must(t, fake.Suspend("acme", true))
	if in, err := client.Installed(t.Context(), "acme", "configs"); err != nil || !in.Suspended {
		t.Errorf("suspended: %+v, %v", in, err)
	}
}

func TestRequiredChecks(t *testing.T) {
	fake, client, repo := startFake(t, time.Now)
	none, err := client.RequiredChecks(t.Context(), repo, "main")
	must(t, err)
	equal(t, none, []RequiredCheck(nil))
	must(t, fake.Require("acme/configs", "main",
		fakegithub.RequiredCheck{Name: "a", Ruleset: true}, fakegithub.RequiredCheck{Name: "b", Ruleset: true, App: appID},
		fakegithub.RequiredCheck{Name: "c"}, fakegithub.RequiredCheck{Name: "d", App: 7}))
	all, err := client.RequiredChecks(t.Context(), repo, "main")
	must(t, err)
	equal(t, all, []RequiredCheck{{"a", 0, "a ruleset"}, {"b", appID, "a ruleset"}, {"c", 0, "the branch's protection"}, {"d", 7, "the branch's protection"}})
	must(t, fake.Require("acme/configs", "feature/x"))
	_, err = fake.Push("acme/configs", "feature/x", fakegithub.Change{Files: map[string][]byte{"x.yaml": nil}})
	must(t, err)
	if all, err := client.RequiredChecks(t.Context(), repo, "feature/x"); err != nil || len(all) != 0 {
		t.Errorf("a branch with a slash: %v, %v", all, err)
	}
	if _, err := client.RequiredChecks(t.Context(), repo, "gone"); err == nil {
		t.Error("a branch that is not there has required checks")
	}
}

// Rules of kinds that nobody knows yet are passed over.
func TestUnknownRules(t *testing.T) {
	h, client := newHub(t)
	h.on("GET /repos/acme/configs/rules/branches/main", 200, `[{"type":"of_the_future","parameters":{"x":[1]}},{"type":"deletion"},
		{"type":"required_status_checks","parameters":{"required_status_checks":[{"context":"tamer/validate","integration_id":42}]}}]`)
	h.on("GET /repos/acme/configs/branches/main", 200, `{"protection":{"required_status_checks":{"checks":[{"context":"x","app_id":-1}]}}}`)
	all, err := client.RequiredChecks(t.Context(), repo, "main")
	must(t, err)
	equal(t, all, []RequiredCheck{{"tamer/validate", 42, "a ruleset"}, {"x", 0, "the branch's protection"}})
	h.on("GET /repos/acme/configs/rules/branches/main", 404, `{"message":"Not Found"}`) // a server that knows no rulesets
	h.advance(time.Minute)
	all, err = client.RequiredChecks(t.Context(), repo, "main")
	must(t, err)
	equal(t, all, []RequiredCheck{{"x", 0, "the branch's protection"}})
}

// What the app asks for when it works is what app.yml has it granted.
func TestNeeded(t *testing.T) {
	text, err := os.ReadFile("../../app.yml")
	must(t, err)
	granted := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z_]+): (read|write)\b`).FindAllStringSubmatch(string(text), -1) {
		granted[m[1]] = m[2]
	}
	if want := Needed(); !maps.Equal(granted, want) {
		t.Errorf("app.yml grants %v, the code asks for %v", granted, want)
	}
}
