package governance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

type files = map[string]string // in a change "" removes

var shop = files{
	"schemas/plan.schema.json":  `{"title":"Plan","properties":{"title":{"maxLength":9}},"$ref":"parts/money.json"}`,
	"schemas/parts/money.json":  `{"type":"object"}`,
	"customers/acme/plan.yaml":  "limit: 10\nname: Acme\n",
	"customers/acme/loose.yaml": "a: 1\n",
	"shared/rates.yaml":         "eur: 1\n",
	"README.md":                 "Configuration",
	".tamer.yaml":               "governance:\n  rules:\n    - {name: big steps, when: 'type == \"plan\" && changes.exists(c, c.path == \"/limit\" && c.op == \"change\" && c.new > c.old * 1.2)', approvals: 1}\n    - {name: readme, when: 'path == \"README.md\"', approvals: 1}\n",
}

// edited gives the change of a repository as git would.
func edited(base, edits files) Change {
	head := maps.Clone(base)
	c := Change{Base: mapFS(base)}
	for _, path := range slices.Sorted(maps.Keys(edits)) {
		kind := forge.Modified
		_, was := base[path]
		switch head[path] = edits[path]; {
		case edits[path] == "":
			delete(head, path)
			kind = forge.Removed
		case !was:
			kind = forge.Added
		}
		c.Paths = append(c.Paths, forge.Change{Path: path, Kind: kind})
	}
	c.Head = mapFS(head)
	return c
}

func mapFS(f files) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range f {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func touched(t *testing.T, base, edits files) []Touch {
	t.Helper()
	p, found, err := policy.Read(mapFS(base))
	if p == nil || err != nil {
		t.Fatal(found, err)
	}
	all, err := Touched(p, edited(base, edits))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Which gates a change runs into.
func TestTouched(t *testing.T) {
	for name, c := range map[string]struct {
		edits files
		want  string
	}{
		"a config of a known type":           {files{"customers/beta/plan.yaml": "limit: 1\n"}, ""},
		"a small step":                       {files{"customers/acme/plan.yaml": "limit: 11\nname: Acme\n"}, ""},
		"a big step":                         {files{"customers/acme/plan.yaml": "limit: 13\nname: Acme\n"}, "big steps"},
		"a step that cannot be decided":      {files{"customers/acme/plan.yaml": "limit: many\nname: Acme\n"}, "big steps"},
		"a type's schema":                    {files{"schemas/news.schema.json": "{}"}, "new-type"},
		"a first config":                     {files{"customers/acme/news.yaml": "x: 1\n"}, "new-type"},
		"a first shared config":              {files{"shared/news.yaml": "x: 1\n"}, "new-type"},
		"a config renamed to a new type":     {files{"customers/acme/plan.yaml": "", "customers/acme/plans.yaml": "limit: 10\n"}, "new-type"},
		"a schema for a type without one":    {files{"schemas/loose.schema.json": "{}"}, ""},
		"a bound":                            {files{"schemas/plan.schema.json": strings.Replace(shop["schemas/plan.schema.json"], "9", "8", 1)}, "breaking-schema"},
		"a part of a schema":                 {files{"schemas/parts/money.json": `{"type":"string"}`}, "breaking-schema"},
		"a schema that is removed":           {files{"schemas/plan.schema.json": ""}, "breaking-schema"},
		"a schema that cannot be read":       {files{"schemas/plan.schema.json": "{"}, "breaking-schema big steps"},
		"a title":                            {files{"schemas/plan.schema.json": strings.Replace(shop["schemas/plan.schema.json"], "Plan", "Price plan", 1)}, ""},
		"a property whose name is title":     {files{"schemas/plan.schema.json": strings.Replace(shop["schemas/plan.schema.json"], `"title":{"maxLength":9}`, "", 1)}, "breaking-schema"},
		"another pattern for the same texts": {files{"schemas/plan.schema.json": `{"allOf":[{"$ref":"parts/money.json"},{"properties":{"title":{"anyOf":[{"type":["null","boolean","number","array","object"]},{"type":"string","maxLength":9}]}}}]}`}, ""},
		"a bound that only readers know":     {files{"schemas/plan.schema.json": strings.Replace(shop["schemas/plan.schema.json"], "9", "10", 1)}, "breaking-schema"},
		"a reference":                        {files{"schemas/plan.schema.json": strings.Replace(shop["schemas/plan.schema.json"], `{"maxLength":9}`, `{"maxLength":9,"x-tamer-ref":{"type":"loose","path":"/a"}}`, 1)}, "breaking-schema"},
		"a deprecation":                      {files{"schemas/plan.schema.json": strings.Replace(shop["schemas/plan.schema.json"], `{"maxLength":9}`, `{"maxLength":9,"x-tamer-deprecated":{"since":"2026-01-31"}}`, 1)}, ""},
		"a schema in another layout":         {files{"schemas/plan.schema.json": "{\n  \"$ref\": \"parts/money.json\",\n  \"properties\": {\"title\": {\"maxLength\": 9}}\n}"}, ""},
		"the policy":                         {files{".tamer.yaml": "{}\n"}, "policy-change"},
		"a comment in the policy":            {files{".tamer.yaml": "# Who must approve what\n" + shop[".tamer.yaml"]}, ""},
		"the policy, to weaken a gate":       {files{".tamer.yaml": "governance: {new-type: {approvals: 0, regular-editors: 0}, policy-change: {approvals: 0, regular-editors: 0}}\n", "customers/acme/news.yaml": "x: 1\n"}, "new-type policy-change"},
		"a layout under which types appear":  {files{".tamer.yaml": "layout: {configs: ['customers/{customer}/{type}.yaml', '{customer}/{type}.md']}\n", "docs/guide.md": "x"}, "new-type policy-change"},
		"a file that cannot be read":         {files{"customers/acme/plan.yaml": "limit: [\n"}, "big steps"},
		"one of another type":                {files{"customers/acme/loose.yaml": "a: [\n"}, ""},
		"one under which a schema appears":   {files{".tamer.yaml": "layout: {schemas: ['schemas/{type}.schema.json', 'more/{type}.json']}\n", "more/news.json": "{}"}, "new-type policy-change"},
		"something else":                     {files{"docs/guide.md": "x"}, ""},
		"a rule by path":                     {files{"README.md": "x"}, "readme"},
	} {
		var names []string
		for _, touch := range touched(t, shop, c.edits) {
			names = append(names, touch.Name)
			if touch.Why == "" || touch.Content == "" || len(touch.Files) == 0 {
				t.Errorf("%s: incomplete %+v", name, touch)
			}
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: touches %q, want %q", name, got, c.want)
		}
	}
}

// The gate says whom a change hurts, and shows it.
func TestWhyOfSchemas(t *testing.T) {
	for edit, want := range map[string]string{
		`{"title":"Plan","properties":{"title":{"maxLength":8}},"$ref":"parts/money.json"}`: `changes the schema of the type "plan"; it can break files: /properties/title/maxLength: ` +
			`"maxLength" changes from 9 to 8; the new schema refuses {"title":"aaaaaaaaa"}, which the old one accepts`,
		"{": `changes the schema of the type "plan"; it can break files and services: the new schema cannot be used: `,
	} {
		got := touched(t, shop, files{"schemas/plan.schema.json": edit})[0].Why
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s\n got %s\nwant %s", edit, got, want)
		}
	}
}

// What an approval covers: the same change of meaning, whatever else moves around it.
func TestContent(t *testing.T) {
	edits := files{"customers/acme/plan.yaml": "limit: 20\nname: Acme\n"}
	content := func(base, edits files) string { return fmt.Sprint(touched(t, base, edits)[0].Content) }
	first := content(shop, edits)
	moved := maps.Clone(shop)
	moved["customers/acme/plan.yaml"] = "limit: 10\nname: Acme Inc\n"
	smaller := maps.Clone(shop)
	smaller["customers/acme/plan.yaml"] = "limit: 1\nname: Acme\n"
	for name, c := range map[string]struct {
		base, edits files
		same        bool
	}{
		"a comment":                       {shop, files{"customers/acme/plan.yaml": "limit: 20 # more\nname: 'Acme'\n"}, true},
		"another file":                    {shop, files{"customers/acme/plan.yaml": "limit: 20\nname: Acme\n", "docs/guide.md": "x"}, true},
		"the base moves in the same file": {moved, files{"customers/acme/plan.yaml": "limit: 20\nname: Acme Inc\n"}, true},
		"another value":                   {shop, files{"customers/acme/plan.yaml": "limit: 30\nname: Acme\n"}, false},
		"one more value":                  {shop, files{"customers/acme/plan.yaml": "limit: 20\nname: Other\n"}, false},
		"one more file of the gate":       {shop, files{"customers/acme/plan.yaml": "limit: 20\nname: Acme\n", "customers/beta/plan.yaml": "limit: 9\n"}, true},
		"the base moves the same value":   {smaller, edits, false},
		"the file is removed and another": {shop, files{"customers/acme/plan.yaml": "limit: 20\nname: Acme\nlist: [1]\n"}, false},
	} {
		if got := content(c.base, c.edits) == first; got != c.same {
			t.Errorf("%s: the content is the same: %t, want %t", name, got, c.same)
		}
	}
}

// Types that a new layout brings are approved with the files that the change adds of them.
func TestContentOfNewLayout(t *testing.T) {
	const layout = "layout: {configs: ['customers/{customer}/{type}.yaml', '{customer}/{type}.md']}\n"
	content := func(edits files) string { return touched(t, shop, edits)[0].Content }
	one := files{".tamer.yaml": layout, "docs/guide.md": "x"}
	if content(one) == content(files{".tamer.yaml": layout, "docs/guide.md": "x", "docs/payments.md": "y"}) {
		t.Error("one more type: the content is the same")
	}
	if content(one) != content(files{".tamer.yaml": layout + "# more\n", "docs/guide.md": "x", "docs/images/one.png": "y"}) {
		t.Error("a comment, and something else: the content is another one")
	}
}

// In a file that is neither YAML nor JSON every byte may count: line breaks and # mean something there.
func TestContentOfOtherFiles(t *testing.T) {
	seen := map[string]string{}
	for _, text := range []string{"a\nb", "a b", "a\nb # c", "# d\na\nb"} {
		content := touched(t, shop, files{"README.md": text})[0].Content
		if was, twice := seen[content]; twice {
			t.Errorf("%q and %q have the same content", was, text)
		}
		seen[content] = text
	}
}

// A type that the branch has dropped since the change began is a new one again.
func TestTypeThatIsGone(t *testing.T) {
	p, _, err := policy.Read(mapFS(shop))
	if err != nil {
		t.Fatal(err)
	}
	c := edited(shop, files{"customers/beta/loose.yaml": "a: 2\n"})
	tip := maps.Clone(shop)
	delete(tip, "customers/acme/loose.yaml")
	c.Tip = mapFS(tip)
	if all, err := Touched(p, c); err != nil || len(all) != 1 || all[0].Name != "new-type" {
		t.Errorf("%+v, %v", all, err)
	}
}
