package evolution_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/evolution"
	"github.com/tamerhq/tamer/internal/policy"
)

func tree(schemas ...string) *catalog.Catalog {
	files := fstest.MapFS{}
	for i := 0; i < len(schemas); i += 2 {
		files["schemas/"+schemas[i]] = &fstest.MapFile{Data: []byte(schemas[i+1])}
	}
	return catalog.New(files, policy.Default())
}

// Whom a change of a schema can hurt, as the gate asks.
func TestCompare(t *testing.T) {
	plan := func(src string) *catalog.Catalog { return tree("plan.schema.json", src) }
	for name, c := range map[string]struct {
		old, new *catalog.Catalog
		want     string // type: whom
	}{
		"nothing":                     {plan(`{"type":"object"}`), plan(`{"type":"object"}`), ""},
		"formatting":                  {plan(`{"type":"object"}`), plan(`{ "type": "object" }`), ""},
		"a title":                     {plan(`{"type":"object"}`), plan(`{"title":"Plan","type":"object"}`), "plan: "},
		"written in another way":      {plan(`{"minLength":1}`), plan(`{"allOf":[{"minLength":1}]}`), "plan: "},
		"less is allowed":             {plan(`{"maximum":3}`), plan(`{"maximum":2}`), "plan: files"},
		"more is allowed":             {plan(`{"maximum":3}`), plan(`{"maximum":4}`), "plan: services"},
		"less and more":               {plan(`{"enum":[1,2]}`), plan(`{"enum":[2,3]}`), "plan: files and services"},
		"a reference to other values": {plan(`{}`), plan(`{"x-tamer-ref":{"type":"a","path":"/b"}}`), "plan: files and services"},
		"a condition's message":       {plan(`{"x-tamer-rules":[{"expr":"true","message":"a"}]}`), plan(`{"x-tamer-rules":[{"expr":"true","message":"b"}]}`), "plan: "},
		"a condition":                 {plan(`{"x-tamer-rules":[{"expr":"true","message":"a"}]}`), plan(`{"x-tamer-rules":[{"expr":"1 > 0","message":"a"}]}`), "plan: files and services"},
		"a secret is shown":           {plan(`{"x-tamer-secret":true}`), plan(`{}`), "plan: files and services"},
		"deprecated":                  {plan(`{}`), plan(`{"x-tamer-deprecated":{"since":"2026-01-31"}}`), "plan: "},
		"a first schema":              {tree(), plan(`{}`), ""},
		"no schema any more":          {plan(`{}`), tree(), "plan: files and services"},
		"one that cannot be used":     {plan(`{}`), plan(`{`), "plan: files and services"},
		"one that could not":          {plan(`{`), plan(`{}`), "plan: files and services"},
		"moved, as it was":            {plan(`{"maximum":1}`), tree("plan.schema.yaml", "maximum: 1"), ""},
		"a part of it":                {tree("plan.schema.json", `{"$ref":"p.json"}`, "p.json", `{"maximum":1}`), tree("plan.schema.json", `{"$ref":"p.json"}`, "p.json", `{"maximum":0}`), "plan: files"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, change := range evolution.Compare(c.old, c.new, []string{"plan"}) {
				got = append(got, change.Type+": "+change.Whom())
				if change.Safe() != (change.Whom() == "") || change.Words() == "" || change.Safe() != (len(change.Why(3)) == 0) {
					t.Errorf("it does not agree with itself: %+v", change)
				}
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// How long something was deprecated counts from the day that the schema names, at the place or around it.
func TestAnnounced(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		old  string
		now  time.Time
		want bool
	}{
		"not at all":            {`{"properties":{"a":{"type":"string"}}}`, now, false},
		"since 30 days":         {`{"properties":{"a":{"type":"string","x-tamer-deprecated":{"since":"2026-03-01"}}}}`, now, true},
		"since 29 days":         {`{"properties":{"a":{"type":"string","x-tamer-deprecated":{"since":"2026-03-02"}}}}`, now, false},
		"the type as a whole":   {`{"x-tamer-deprecated":{"since":"2026-01-01"},"properties":{"a":{"type":"string"}}}`, now, true},
		"nobody says since":     {`{"properties":{"a":{"type":"string","deprecated":true}}}`, now, false},
		"nobody knows what now": {`{"properties":{"a":{"type":"string","x-tamer-deprecated":{"since":"2026-03-01"}}}}`, time.Time{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			old, new := tree("plan.schema.json", c.old), tree("plan.schema.json", `{}`)
			changes := evolution.Compare(old, new, []string{"plan"})
			if len(changes) != 1 || len(changes[0].Removals(old, new)) != 1 {
				t.Fatalf("%+v", changes)
			}
			if r := changes[0].Removals(old, new)[0]; r.Property != "a" || r.Announced(c.now, 30*24*time.Hour) != c.want {
				t.Errorf("%+v, want announced %t", r, c.want)
			}
		})
	}
}
