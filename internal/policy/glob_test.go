package policy

import (
	"slices"
	"testing"
)

func TestGlobs(t *testing.T) {
	p, found := Parse([]byte(`layout: {configs: ["c/{customer}/{type}.yaml", "p/{customer...}/x-{type...}.json"], shared: ["all (old)/{type}.yaml"]}`))
	if p == nil {
		t.Fatal(found)
	}
	for _, c := range []struct {
		kind Kind
		typ  string
		want []string
	}{
		{Config, "plan", []string{"c/*/plan.yaml", "p/**/x-plan.json"}},
		{Config, "a/b", []string{"c/*/a/b.yaml", "p/**/x-a/b.json"}},
		{Shared, "who?", []string{"all ?old?/who?.yaml"}},
	} {
		if got := p.Layout.Globs(c.kind, c.typ); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.typ, got, c.want)
		}
	}
}
