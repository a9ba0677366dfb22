package release_test

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/release"
	"github.com/tamerhq/tamer/internal/validate"
)

// Segments of a customer refer to markets, which are shared, and to the segments of any customer.
const segmentSchema = `{"type":"object","additionalProperties":false,"properties":{"ids":{"items":{"type":"integer"}},
	"market":{"x-tamer-ref":{"type":"markets","path":"/*","scope":"shared"}},
	"like":{"x-tamer-ref":{"type":"segments","path":"/ids/*","scope":"any"}}}}`

func files(texts map[string]string) fstest.MapFS {
	tree := fstest.MapFS{"schemas/segments.schema.json": {Data: []byte(segmentSchema)}, "schemas/markets.schema.json": {Data: []byte(`{"type":"array"}`)}}
	for path, text := range texts {
		tree[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}

func segments(customer string) string { return "customers/" + customer + "/segments.yaml" }

// A served is what a store serves: the texts of files.
type served map[string]string

// coming is the commit with other texts. Every file that differs makes its unit one that differs.
func (s served) coming(t *testing.T, texts map[string]string) release.Coming {
	layout := policy.Default().Layout
	c := release.Coming{Tree: files(texts), Layout: layout, Before: layout, Served: map[string]release.Bundle{}}
	for _, path := range slices.Sorted(maps.Keys(both(s, texts))) {
		kind := forge.Modified
		switch before, was := s[path]; {
		case !was:
			kind = forge.Added
		case texts[path] == "":
			kind = forge.Removed
		case before == texts[path]:
			continue
		}
		c.Changes = append(c.Changes, forge.Change{Path: path, Kind: kind})
		unit, _ := release.Unit(layout.Read(path))
		c.Units = append(c.Units, unit)
		if before := s[path]; before != "" {
			c.Served[unit], _ = pack(t, unit, map[string]string{path: before})
		}
	}
	slices.Sort(c.Units)
	return c
}

func both(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func (s served) judge(tree fs.FS, changes []forge.Change) ([]finding.Finding, error) {
	r, err := validate.Tree(tree, validate.Options{Base: files(s), Changes: changes})
	return r.Findings, err
}

// Who is held when somebody fails.
func TestDecide(t *testing.T) {
	was := served{"shared/markets.yaml": "[fr]\n", segments("a"): "ids: [1]\nmarket: fr\n", segments("b"): "ids: [2]\nlike: 1\n", segments("c"): "ids: [3]\n"}
	for name, c := range map[string]struct {
		edit map[string]string
		held string
	}{
		"nobody":                            {map[string]string{segments("a"): "ids: [1, 4]\n"}, ""},
		"who fails":                         {map[string]string{segments("a"): "ids: [x, 1]\n", segments("c"): "ids: [4]\n"}, "a"},
		"who refers to what is not taken":   {map[string]string{segments("a"): "ids: [1, 4, x]\n", segments("b"): "like: 4\n", segments("c"): "ids: [5]\n"}, "a b"},
		"who takes away what is still used": {map[string]string{segments("a"): "ids: [4]\n", segments("b"): "like: 4\nids: [x]\n", segments("c"): "ids: [5]\n"}, "a b"},
		"shared configs, and who needs them": {map[string]string{"shared/markets.yaml": "{de: x}\n", segments("a"): "ids: [1]\nmarket: de\n", segments("c"): "ids: [5]\n"},
			" a"},
		"shared configs that would leave a held customer behind": {map[string]string{"shared/markets.yaml": "[de]\n", segments("a"): "ids: [1, x]\nmarket: de\n", segments("c"): "ids: [5]\nmarket: de\n"},
			" a c"},
		"a new customer":                {map[string]string{segments("d"): "ids: [x]\n", segments("b"): "ids: [2]\n"}, "d"},
		"a customer that is still used": {map[string]string{segments("a"): "", segments("c"): "ids: [6]\n"}, "a"},
		"a chain":                       {map[string]string{segments("a"): "ids: [1, 7]\nmarket: de\n", segments("b"): "ids: [8]\nlike: 7\n", segments("c"): "like: 8\n"}, "a b c"},
	} {
		t.Run(name, func(t *testing.T) {
			texts := both(was, c.edit)
			maps.DeleteFunc(texts, func(_, text string) bool { return text == "" })
			d, err := was.coming(t, texts).Decide(was.judge)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(slices.Sorted(maps.Keys(d.Held)), " "); got != c.held || d.Stop {
				t.Errorf("held %q, want %q: %v", got, c.held, d.Held)
			}
		})
	}
}

// A policy that nobody can read stops everything; a schema holds who has configs of the type; an operator holds whom they name.
func TestDecideOtherwise(t *testing.T) {
	was := served{segments("a"): "ids: [1]\n", "customers/b/plan.yaml": "{}\n", "schemas/plan.schema.json": "{}"}
	c := was.coming(t, both(was, map[string]string{policy.Path: "layuot: {}\n", segments("a"): "ids: [2]\n"}))
	if d, err := c.Decide(was.judge); err != nil || !d.Stop {
		t.Errorf("%+v, %v", d, err)
	}
	c = was.coming(t, both(was, map[string]string{"schemas/plan.schema.json": "{", segments("a"): "ids: [2]\n", "customers/b/plan.yaml": "{x: 1}\n"}))
	c.Units = slices.DeleteFunc(c.Units, func(unit string) bool { return unit == "" })
	if d, err := c.Decide(was.judge); err != nil || d.Stop || len(d.Held) != 1 || !strings.HasPrefix(d.Held["b"], "schemas/plan.schema.json:1: ") {
		t.Errorf("%+v, %v", d, err)
	}
	c = was.coming(t, both(was, map[string]string{segments("a"): "ids: [2]\n", segments("z"): "like: 2\n"}))
	c.Asked = map[string]string{"a": "held by ana", "b": "held by ana"}
	if d, err := c.Decide(was.judge); err != nil || len(d.Held) != 2 || d.Held["a"] != "held by ana" || d.Held["z"] == "" {
		t.Errorf("%+v, %v", d, err)
	}
}

// Whatever commits say, one after the other: what is served holds together by itself, and nobody is held without need.
func TestDecideAlwaysConsistent(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 30 {
		now := served{}
		for range 8 {
			texts := randomTexts(rnd)
			c := now.coming(t, texts)
			d, err := c.Decide(now.judge)
			if err != nil {
				t.Fatal(err)
			}
			next := served(maps.Clone(texts))
			for unit := range d.Held {
				maps.DeleteFunc(next, func(path, _ string) bool { u, _ := release.Unit(c.Layout.Read(path)); return u == unit })
				for _, config := range c.Served[unit].Configs {
					next[config.Path] = string(config.Source())
				}
			}
			r, err := validate.Tree(files(next), validate.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !r.OK() {
				t.Fatalf("round %d: of %v\nwith %v held\nis served %v\nwhich fails: %+v", round, texts, d.Held, next, r.Findings)
			}
			if clean, _ := validate.Tree(files(texts), validate.Options{}); clean.OK() && len(d.Held) > 0 {
				t.Fatalf("round %d: %v is all right, and %v are held", round, texts, d.Held)
			}
			now = next
		}
	}
}

func randomTexts(rnd *rand.Rand) map[string]string {
	texts := map[string]string{}
	if rnd.IntN(8) > 0 {
		texts["shared/markets.yaml"] = fmt.Sprintf("[m%d, m%d]\n", rnd.IntN(3), rnd.IntN(3))
	}
	for _, customer := range []string{"a", "b", "c", "d"} {
		if rnd.IntN(6) == 0 {
			continue
		}
		text := fmt.Sprintf("ids: [%d, %d]\n", rnd.IntN(6), rnd.IntN(6))
		if rnd.IntN(2) == 0 {
			text += fmt.Sprintf("like: %d\n", rnd.IntN(6))
		}
		if rnd.IntN(2) == 0 {
			text += fmt.Sprintf("market: m%d\n", rnd.IntN(3))
		}
		if rnd.IntN(6) == 0 {
			text += "wrong: 1\n"
		}
		texts[segments(customer)] = text
	}
	return texts
}

// repeating is a file of a mebibyte whose value has so many of them.
func repeating(times int) []byte {
	return []byte("[&a " + strings.Repeat("x", 1<<20-1) + strings.Repeat(", *a", times) + "]")
}

// What cannot be packed says why.
func TestPackRefuses(t *testing.T) {
	for want, list := range map[string][]policy.File{
		"hold the same type":                        {{Path: "a.yaml", Type: "t"}, {Path: "b.yaml", Type: "t"}},
		"is no regular file":                        {{Path: "a.yaml", Type: "t", Mode: fs.ModeSymlink}},
		"cannot be read":                            {{Path: "bad.yaml", Type: "t"}},
		"file does not exist":                       {{Path: "gone.yaml", Type: "t"}},
		"its configs are more than 134217728 bytes": {{Path: "large.yaml", Type: "t"}},
		"more than 134217728 bytes: cannot be":      {{Path: "small.yaml", Type: "t"}, {Path: "other.yaml", Type: "u"}},
	} {
		tree := fstest.MapFS{"large.yaml": {Data: repeating(128)}, "small.yaml": {Data: repeating(1)}, "other.yaml": {Data: repeating(125)},
			"a.yaml": {Data: []byte("a")}, "b.yaml": {Data: []byte("b")}, "bad.yaml": {Data: []byte("{")}}
		_, err := release.Pack("acme", list, func(p string) ([]byte, error) { return fs.ReadFile(tree, p) }, document.Limits{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
