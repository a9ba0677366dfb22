package catalog

import (
	"slices"
	"testing"

	"github.com/tamerhq/tamer/internal/policy"
)

// Where references lead from one file, and from where others lead to it, before and after files change.
func TestIndex(t *testing.T) {
	to := Selection{"segments", "/*/id"}
	target := func(names ...string) (f Facts) {
		for _, n := range names {
			f.Targets = append(f.Targets, Target{Path: to.Path, Value: TextValue(n)})
		}
		return f
	}
	ref := func(scope policy.Scope, name string) Facts {
		return Facts{Refs: []Ref{{To: to, Scope: scope, Value: TextValue(name)}}}
	}
	layout := policy.Default().Layout
	x := NewIndex()
	put := func(path string, f Facts) { x.Put(layout.Read(path), f) }
	put("customers/acme/segments.yaml", target("vip", "lapsed"))
	put("customers/beta/segments.yaml", target("vip"))
	put("shared/segments.yaml", target("everybody", "vip"))
	put("customers/acme/campaigns.yaml", ref(policy.ScopeCustomer, "vip"))
	put("customers/acme/global.yaml", ref(policy.ScopeShared, "vip"))
	put("customers/beta/any.yaml", ref(policy.ScopeAny, "vip"))
	put("shared/plans.yaml", ref(policy.ScopeCustomer, "vip"))

	leadTo := func(from string) (paths []string) {
		f, _ := x.File(from)
		for _, hit := range x.Targets(f.File, f.Facts.Refs[0]) {
			paths = append(paths, hit.File.Path)
		}
		return paths
	}
	comeFrom := func(path, name string) (paths []string) {
		f, _ := x.File(path)
		for _, r := range x.Referrers(f.File, Target{Path: to.Path, Value: TextValue(name)}) {
			paths = append(paths, r.File.Path)
		}
		return paths
	}
	same := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	same("of the customer", leadTo("customers/acme/campaigns.yaml"), "customers/acme/segments.yaml")
	same("shared", leadTo("customers/acme/global.yaml"), "shared/segments.yaml")
	same("any, the own one first", leadTo("customers/beta/any.yaml"), "customers/beta/segments.yaml", "shared/segments.yaml", "customers/acme/segments.yaml")
	same("from a shared one", leadTo("shared/plans.yaml"), "shared/segments.yaml")
	same("to acme", comeFrom("customers/acme/segments.yaml", "vip"), "customers/acme/campaigns.yaml", "customers/beta/any.yaml")
	same("to shared", comeFrom("shared/segments.yaml", "vip"), "customers/acme/global.yaml", "customers/beta/any.yaml", "shared/plans.yaml")
	same("to nothing", comeFrom("customers/acme/segments.yaml", "lapsed"))

	put("customers/acme/segments.yaml", target("lapsed"))
	put("customers/beta/any.yaml", Facts{})
	x.Remove("shared/plans.yaml")
	same("of the customer, after the change", leadTo("customers/acme/campaigns.yaml"))
	same("to shared, after the change", comeFrom("shared/segments.yaml", "vip"), "customers/acme/global.yaml")

	acme, _ := x.File("customers/acme/campaigns.yaml")
	var offered []string
	for hit := range x.Offers(acme.File, to, policy.ScopeCustomer) {
		offered = append(offered, hit.Target.Value.Bare())
	}
	same("offered", offered, "lapsed")
}
