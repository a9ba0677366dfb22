package status

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/ship"
)

// How a config stands: the first of the reasons that it is not as the commit says.
func TestStates(t *testing.T) {
	digest := release.Digest("d")
	for name, c := range map[string]struct {
		channel release.Channel
		held    *release.Held
		drift   []string
		want    string
	}{
		"as the commit says":      {want: deployed},
		"its configuration fails": {held: &release.Held{Reason: "days: must be a whole number"}, want: failing},
		"held by somebody":        {channel: release.Channel{Holds: map[string]release.Hold{"acme": {By: "olga", Reason: "prices"}}}, held: &release.Held{}, want: held},
		"all is held":             {channel: release.Channel{Hold: &release.Hold{By: "olga"}}, want: held},
		"another one is held":     {channel: release.Channel{Holds: map[string]release.Hold{"globex": {By: "olga"}}}, want: deployed},
		"changed in the store":    {drift: []string{"acme/plan.yaml"}, want: drifted},
		"another file is changed": {drift: []string{"acme/notes.yaml", "globex/plan.yaml"}, want: deployed},
	} {
		v := served{State: ship.State{Channel: c.channel, Release: release.Release{Customers: map[string]release.Entry{"acme": {Bundle: &digest, Held: c.held}}}}}
		whole, why := v.stateOf("acme")
		b := release.Bundle{Configs: map[string]release.Config{"plan": {}}}
		if got := cellState(whole, b, "acme", "plan", c.drift); got != c.want || (whole != deployed && c.held != nil && c.held.Reason != "") != (why != "" && whole == failing) {
			t.Errorf("%s: %s (%s), want %s", name, got, why, c.want)
		}
		if got := cellState(whole, b, "acme", "notes", c.drift); got != "" {
			t.Errorf("%s: a config that is not there is %q", name, got)
		}
	}
}

// What the present schema calls secret is hidden in the comparison of releases that were made before, also where that schema pairs the items
// of lists in another way.
func TestCompareHides(t *testing.T) {
	of := func(schema string) *book {
		return &book{catalog.New(fstest.MapFS{"schemas/login.schema.yaml": {Data: []byte(schema)}}, policy.Default())}
	}
	const login = "{type: array, %sitems: {type: object, properties: {label: {}, key: {%s}}}}"
	early, present := of(fmt.Sprintf(login, "", "")), of(fmt.Sprintf(login, "x-tamer-key: label, ", "x-tamer-secret: true"))
	file := func(text string) *release.Config { return &release.Config{Text: text} }
	for name, c := range map[string][2]string{
		"keys go with their labels": {"[{label: a, key: hunter1, x: 1, y: 2, z: 3}, {label: b, key: hunter2, x: 4, y: 5, z: 6}]",
			"[{label: b, key: hunter2, x: 1, y: 2, z: 3}, {label: a, key: hunter1, x: 4, y: 5, z: 6}]"},
		"another key": {"[{label: a, key: hunter1}]", "[{label: a, key: hunter2}]"},
		"fewer items": {"[{label: a, key: hunter1}, {label: b, key: hunter2}]", "[{label: b, key: hunter3}]"},
	} {
		before, after := books{then: early, now: present}, books{then: early, now: present}
		f, err := (&Status{}).compare("login", file(c[0]), file(c[1]), before, after)
		if err != nil {
			t.Fatal(err)
		}
		shown := ""
		for _, ch := range f.Changes {
			shown += fmt.Sprint(lineOf(served{}, "acme", "login", ch))
		}
		if len(f.Changes) == 0 || strings.Contains(shown, "hunter") {
			t.Errorf("%s: %s", name, shown)
		}
	}
}

func TestTouches(t *testing.T) {
	for _, c := range []struct {
		change, at string
		want       bool
	}{{"/a", "/a", true}, {"/a", "/a/b", true}, {"/a/b", "/a", true}, {"", "/a", true}, {"/a", "/ab", false}, {"/ab", "/a", false}, {"2#/a", "/a", false}} {
		if touches(c.change, c.at) != c.want {
			t.Errorf("%q touches %q: %t", c.change, c.at, !c.want)
		}
	}
}

// Long values are cut off between characters, and what is nested is given in order.
func TestFlatten(t *testing.T) {
	var got string
	value := map[string]any{"b": []any{true, map[string]any{}}, "a": nil, "secret": []any{"x"}, "e": []any{}}
	flatten(nil, value, func(path []string) bool { return len(path) == 1 && path[0] == "secret" }, func(path []string, text string) { got += pointer(0, path) + "=" + text + " " })
	if want := `/a=null /b/0=true /b/1={} /e=[] /secret=(secret) `; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	long := ""
	for range 300 {
		long += "é"
	}
	if s := text(long); len(s) > maxText+3 || s[len(s)-3:] != "…" {
		t.Errorf("%d bytes: %s", len(s), s)
	}
}
