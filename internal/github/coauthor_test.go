package github

import (
	"net/url"
	"slices"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

func TestCoauthors(t *testing.T) {
	for name, c := range map[string]struct {
		message string
		want    []signature
	}{
		"none":                       {"Raise\n\nA reason.", nil},
		"one":                        {"Raise\n\nCo-authored-by: Ben B <ben@example.com>", []signature{{"Ben B", "ben@example.com"}}},
		"whatever the case":          {"Raise\n\nCO-AUTHORED-BY : Ben <ben@example.com>\n", []signature{{"Ben", "ben@example.com"}}},
		"after a reason":             {"Raise\n\nA reason.\n\nCo-authored-by: Ben <b@example.com>\nSigned-off-by: Ann <a@example.com>", []signature{{"Ben", "b@example.com"}}},
		"below a text":               {"Raise\n\nThanks to all.\nCo-authored-by: Ben <b@example.com>", []signature{{"Ben", "b@example.com"}}},
		"blank lines between":        {"Raise\n\nCo-authored-by: Ben <b@example.com>\n\nCo-authored-by: Cleo <c@example.com>", []signature{{"Ben", "b@example.com"}, {"Cleo", "c@example.com"}}},
		"Windows' ends of lines":     {"Raise\r\n\r\nCo-authored-by: Ben <b@example.com>\r\n", []signature{{"Ben", "b@example.com"}}},
		"on two lines":               {"Raise\n\nCo-authored-by: Ben\n <b@example.com>", []signature{{"Ben", "b@example.com"}}},
		"the subject is no trailer":  {"Co-authored-by: Ben <b@example.com>", nil},
		"a text that speaks of them": {"Raise\n\nCo-authored-by: X <x@example.com> was a mistake\n\nThe end.", nil},
		"no angle brackets":          {"Raise\n\nCo-authored-by: b@example.com", []signature{{"b@example.com", "b@example.com"}}},
		"no address":                 {"Raise\n\nCo-authored-by: Ben", []signature{{"Ben", ""}}},
		"angle brackets in the name": {"Raise\n\nCo-authored-by: Ben <the> <b@example.com>", []signature{{"Ben <the>", "b@example.com"}}},
	} {
		if got := coauthors(c.message); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestNoreply(t *testing.T) {
	host := func(api string) string {
		u, err := url.Parse(api)
		must(t, err)
		return noreplyHost(u)
	}
	public, own := host("https://api.github.com/"), host("https://github.example.com/api/v3/")
	for _, c := range []struct {
		email, host string
		want        forge.User
		ok          bool
	}{
		{"583231+octocat@users.noreply.github.com", public, forge.User{ID: 583231, Login: "octocat"}, true},
		{"583231+octocat@Users.Noreply.GitHub.com", public, forge.User{ID: 583231, Login: "octocat"}, true},
		{"49699333+dependabot[bot]@users.noreply.github.com", public, forge.User{ID: 49699333, Login: "dependabot[bot]", Bot: true}, true},
		{"octocat@users.noreply.github.com", public, forge.User{Login: "octocat"}, true},
		{"7+ann@users.noreply.github.example.com", own, forge.User{ID: 7, Login: "ann"}, true},
		{"583231+octocat@users.noreply.github.com", own, forge.User{}, false}, // the ids of github.com are others' here
		{"ann@example.com", public, forge.User{}, false},
		{"../x@users.noreply.github.com", public, forge.User{Login: "../x"}, false},
		{"-7+ann@users.noreply.github.com", public, forge.User{}, false},
		{"x+ann@users.noreply.github.com", public, forge.User{}, false},
		{"octocat", public, forge.User{}, false},
	} {
		if got, ok := noreply(c.email, c.host); ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %+v %t, want %+v %t", c.email, got, ok, c.want, c.ok)
		}
	}
}
