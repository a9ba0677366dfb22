package app

import (
	"maps"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/github"
	"github.com/tamerhq/tamer/webhooks"
)

func TestDiagnose(t *testing.T) {
	well := func() installed {
		return installed{web: "https://github.example.com", app: 42, repo: "acme/config", branch: "main", there: true, found: true,
			in: github.Installed{App: "tamer", Page: "https://github.example.com/settings/installations/7", DefaultBranch: "main",
				Permissions: github.Needed(), Events: webhooks.Subscribed()},
			required: []github.RequiredCheck{{Name: "tamer/validate", App: 42, By: "a ruleset"}, {Name: "tamer/approvals", App: 42, By: "the branch's protection"}}}
	}
	for name, c := range map[string]struct {
		change func(s *installed)
		wrong  int
		says   []string // in what is wrong, and what to do
	}{
		"all is well":    {func(*installed) {}, 0, nil},
		"not installed":  {func(s *installed) { *s = installed{web: s.web, app: s.app, repo: s.repo} }, 1, []string{"app 42 is not installed on acme/config", "Install App"}},
		"suspended":      {func(s *installed) { s.in.Suspended = true }, 1, []string{"suspended", "settings/installations/7"}},
		"a permission":   {func(s *installed) { delete(s.in.Permissions, "members") }, 1, []string{"members: read", "settings/installations/7"}},
		"read for write": {func(s *installed) { s.in.Permissions["checks"] = "read" }, 1, []string{"checks: write"}},
		"more is fine":   {func(s *installed) { s.in.Permissions["metadata"] = "write" }, 0, nil},
		"an event":       {func(s *installed) { s.in.Events = s.in.Events[1:] }, 1, []string{"is not told of check_run"}},
		"no branch":      {func(s *installed) { s.branch = "" }, 1, []string{"no branch yet"}},
		"a wrong branch": {func(s *installed) { s.branch, s.found = "mian", false }, 1, []string{`"mian" is not there`}},
		"nothing required": {func(s *installed) { s.required = nil }, 2, []string{"does not require tamer/validate", "does not require tamer/approvals",
			"https://github.example.com/acme/config/settings/rules"}},
		"one required of anybody": {func(s *installed) { s.required[1].App = 0 }, 1, []string{"tamer/approvals of anybody", "choose the app tamer"}},
		"one required of another": {func(s *installed) { s.required[0].App = 7 }, 1, []string{"tamer/validate of the app with the id 7"}},
		"of anybody here, of the app there": {func(s *installed) {
			s.required = append([]github.RequiredCheck{{Name: "tamer/validate", By: "a ruleset"}}, s.required...)
		}, 0, nil},
	} {
		s := well()
		s.in.Permissions = maps.Clone(s.in.Permissions)
		c.change(&s)
		var wrong []string
		for _, d := range s.diagnose() {
			if d.Do != "" {
				wrong = append(wrong, d.What+"; "+d.Do)
			}
		}
		text := strings.Join(wrong, "\n")
		if len(wrong) != c.wrong {
			t.Errorf("%s: %d things are wrong, want %d:\n%s", name, len(wrong), c.wrong, text)
		}
		for _, says := range c.says {
			if !strings.Contains(text, says) {
				t.Errorf("%s: %q is not in\n%s", name, says, text)
			}
		}
	}
}
