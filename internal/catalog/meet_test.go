package catalog

import (
	"maps"
	"slices"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

// Whether the verdict on one change may depend on another one.
func TestMeet(t *testing.T) {
	base := map[string]string{
		"schemas/plan.schema.json":    `{"$ref":"parts/money.json"}`,
		"schemas/invoice.schema.json": `{"properties":{"plan":{"x-tamer-ref":{"type":"plan","path":"/ids/*","scope":"shared"}}}}`,
		"schemas/friend.schema.json":  `{"properties":{"of":{"x-tamer-ref":{"type":"friend","path":"/id","scope":"any"}}}}`,
		"schemas/order.schema.json":   `{"properties":{"of":{"type":"string"}}}`,
		"schemas/kind.schema.json":    `{"$ref":"../customers/delta/part.yaml"}`,
		"schemas/parts/money.json":    `{"type":"object"}`,
		"shared/order.yaml":           "{}",
		"shared/plan.yaml":            "{}",
		"customers/acme/plan.yaml":    "{}",
		"customers/beta/plan.yaml":    "{}",
		"customers/delta/part.yaml":   "{}",
		"customers/beta/invoice.yaml": "{}",
	}
	type change = map[string]string // "" removes
	for name, c := range map[string]struct {
		moved, own change
		want       bool
	}{
		"two customers":                    {change{"customers/acme/plan.yaml": "x"}, change{"customers/beta/plan.yaml": "y"}, false},
		"one customer, two types":          {change{"customers/beta/plan.yaml": "x"}, change{"customers/beta/invoice.yaml": "y"}, true},
		"customers that differ by case":    {change{"customers/Nova/plan.yaml": "x"}, change{"customers/nova/invoice.yaml": "y"}, true},
		"a schema and its config":          {change{"schemas/plan.schema.json": "true"}, change{"customers/beta/plan.yaml": "y"}, true},
		"a config and its schema":          {change{"customers/beta/plan.yaml": "y"}, change{"schemas/plan.schema.json": "true"}, true},
		"a schema and another type":        {change{"schemas/plan.schema.json": "true"}, change{"customers/beta/invoice.yaml": "y"}, false},
		"a part of a schema and a config":  {change{"schemas/parts/money.json": "true"}, change{"customers/beta/plan.yaml": "y"}, true},
		"two schemas":                      {change{"schemas/a.schema.json": "true"}, change{"schemas/b.schema.json": "true"}, true},
		"what a shared config refers to":   {change{"shared/plan.yaml": "ids: []"}, change{"customers/beta/invoice.yaml": "y"}, true},
		"what refers to a shared config":   {change{"customers/beta/invoice.yaml": "y"}, change{"shared/plan.yaml": "ids: []"}, true},
		"a shared config, and no referrer": {change{"shared/plan.yaml": "ids: []"}, change{"customers/beta/plan.yaml": "y"}, false},
		"references to anybody":            {change{"customers/acme/friend.yaml": "id: a"}, change{"customers/beta/friend.yaml": "of: a"}, true},
		"a new reference within customers": {change{"customers/acme/plan.yaml": "ids: []"},
			change{"schemas/order.schema.json": `{"properties":{"of":{"x-tamer-ref":{"type":"plan","path":"/ids/*"}}}}`}, true},
		"the same, the other way around": {change{"schemas/order.schema.json": `{"properties":{"of":{"x-tamer-ref":{"type":"plan","path":"/ids/*"}}}}`},
			change{"customers/acme/plan.yaml": "ids: []"}, true},
		"a reference that is taken out": {change{"schemas/invoice.schema.json": "true"}, change{"shared/plan.yaml": "ids: []"}, true},
		"a new condition": {change{"customers/acme/plan.yaml": "ids: []"},
			change{"schemas/order.schema.json": `{"x-tamer-rules":[{"expr":"configs.plan.ids.size() > 0","message":"none"}]}`}, true},
		"a new condition and no config": {change{"README.md": "x"},
			change{"schemas/order.schema.json": `{"x-tamer-rules":[{"expr":"configs.plan.ids.size() > 0","message":"none"}]}`}, false},
		"two shared configs":                {change{"shared/plan.yaml": "x"}, change{"shared/order.yaml": "y"}, true},
		"a config that a schema is made of": {change{"customers/delta/part.yaml": "true"}, change{"customers/beta/kind.yaml": "y"}, true},
		"the policy":                        {change{".tamer.yaml": "{}"}, change{"customers/beta/plan.yaml": "y"}, true},
		"the policy in the own change":      {change{"customers/beta/plan.yaml": "y"}, change{".tamer.yaml": "{}"}, true},
		"a service and a schema":            {change{"consumers/web.yaml": "{}"}, change{"schemas/order.schema.json": "true"}, true},
		"a schema and a service's own":      {change{"schemas/order.schema.json": "true"}, change{"consumers/web/order.json": "{}"}, true},
		"a service and a config":            {change{"consumers/web.yaml": "{}"}, change{"customers/beta/plan.yaml": "y"}, false},
		"something else, twice":             {change{"README.md": "x"}, change{"README.md": "y"}, true},
		"something else":                    {change{"README.md": "x"}, change{"customers/beta/plan.yaml": "y"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			now, moved := changed(base, c.moved)
			merged, own := changed(now, c.own)
			m, err := NewMove(tree(base), tree(now), moved, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := m.Meets(tree(merged), own); err != nil || got != c.want {
				t.Errorf("got %v, %v; want %v", got, err, c.want)
			}
		})
	}
}

// changed gives the files after a change, and what it is.
func changed(files, change map[string]string) (map[string]string, []forge.Change) {
	files = maps.Clone(files)
	var changes []forge.Change
	for _, path := range slices.Sorted(maps.Keys(change)) {
		if files[path] = change[path]; change[path] == "" {
			delete(files, path)
		}
		changes = append(changes, forge.Change{Path: path, Kind: forge.Modified})
	}
	return files, changes
}
