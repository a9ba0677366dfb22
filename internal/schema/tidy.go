package schema

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// tidy puts faults in an order of their own, and drops what only follows from another fault: a property that counts as
// unevaluated because its own schema failed, alternatives that cannot be told apart, a condition that holds because what it asks
// about is not there.
func tidy(faults []fault) []fault {
	slices.SortStableFunc(faults, func(a, b fault) int {
		return cmp.Or(slices.CompareFunc(a.at, b.at, compareTokens), cmp.Compare(a.keyword, b.keyword))
	})
	faults = withoutAssumed(onlyFirstSurplus(faults))
	if !slices.ContainsFunc(faults, fault.follows) {
		return faults
	}
	var kept []fault
	for i, f := range faults {
		below := func(g fault) bool {
			deep := len(g.at) - len(f.at)
			return !g.follows() && deep >= 0 && (deep < 2 || f.keyword != "oneOf") && slices.Equal(g.at[:len(f.at)], f.at)
		}
		twice := i > 0 && faults[i-1].follows() && slices.Equal(f.at, faults[i-1].at)
		if !f.follows() || !twice && !slices.ContainsFunc(faults, below) {
			kept = append(kept, f)
		}
	}
	return kept
}

// follows tells whether a fault may come from another one at its place or below it.
func (f fault) follows() bool {
	return f.keyword == "unevaluatedProperties" || f.keyword == "unevaluatedItems" || f.keyword == "oneOf" && strings.HasPrefix(f.reason, "valid against")
}

// withoutAssumed drops the faults of conditions that hold only because a property is not there, where that is a fault too.
func withoutAssumed(faults []fault) []fault {
	causes := slices.DeleteFunc(slices.Clone(faults), func(f fault) bool { return f.assumes != nil })
	if len(causes) == len(faults) {
		return faults
	}
	return slices.DeleteFunc(faults, func(f fault) bool {
		return slices.ContainsFunc(causes, func(cause fault) bool { return f.assumes != nil && cause.lacks(f.assumes) })
	})
}

// lacks tells whether a fault is that there is no property at a place: it is missing, or stands in what is no mapping.
func (f fault) lacks(at []string) bool {
	n := len(f.at)
	if f.isKey || n >= len(at) || !slices.Equal(f.at, at[:n]) {
		return false
	}
	if f.keyword == "required" {
		return slices.Contains(f.missingNames(), at[n])
	}
	_, isMapping := f.value.(map[string]any)
	return !isMapping
}

// compareTokens orders the indexes of items as numbers.
func compareTokens(a, b string) int {
	if index(a, 1<<30) >= 0 && index(b, 1<<30) >= 0 {
		return cmp.Or(len(a)-len(b), cmp.Compare(a, b))
	}
	return cmp.Compare(a, b)
}

// onlyFirstSurplus drops the items that are too many but for the first.
func onlyFirstSurplus(faults []fault) []fault {
	var list []string
	return slices.DeleteFunc(faults, func(f fault) bool {
		n := len(f.at) - 1
		if f.keyword != "false" || n < 0 || f.isKey || index(f.at[n], 1<<30) < 0 {
			return false
		}
		if list != nil && slices.Equal(list, f.at[:n]) {
			return true
		}
		list = append([]string{}, f.at[:n]...)
		return false
	})
}

// underCondition tells the faults of the then of an if what makes it apply.
func (s *Schema) underCondition(faults []fault, ve *jsonschema.ValidationError, root any) {
	_, where, doc := s.place(ve)
	if len(where) == 0 {
		return
	}
	asked := asObject(asObject(lookup(doc, where[:len(where)-1]))["if"])
	at := locationTokens(ve.InstanceLocation)
	assumes, because := assumed(asked, lookup(root, at), at), ""
	if assumes == nil {
		because = condition(asked)
	}
	for i := range faults {
		faults[i].because = cmp.Or(faults[i].because, because)
		if faults[i].assumes == nil {
			faults[i].assumes = assumes
		}
	}
}

// assumed is the place of a property that an if asks about and that is not there: of such a one, anything is true. It is nil where
// all are there.
func assumed(asked map[string]any, v any, at []string) []string {
	properties := asObject(asked["properties"])
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		below := append(at[:len(at):len(at)], name)
		value, has := asObject(v)[name]
		if !has {
			return below
		}
		if deeper := assumed(asObject(properties[name]), value, below); deeper != nil {
			return deeper
		}
	}
	return nil
}

// condition says in words what an if asks for, where that is the value of one property.
func condition(asked map[string]any) string {
	properties := asObject(asked["properties"])
	if len(properties) != 1 {
		return ""
	}
	for name, p := range properties {
		if c, ok := asObject(p)["const"]; ok {
			return ", because " + quote(name) + " is " + show(c)
		}
	}
	return ""
}
