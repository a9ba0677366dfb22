package validate

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

var (
	cases = flag.Int("cases", 150, "how many random changes TestScopedIsDifference judges; 100000 is a thorough run")
	seed  = flag.Uint64("seed", 0, "the one case to judge, as a failure names it; 0: all")
	first = flag.Uint64("first", 1, "the first case of those that are judged")
)

// A change is judged by what it may touch alone. For random repositories and random changes this gives exactly the difference of
// two judgements of everything: what is wrong after the change, but for what was wrong before in files that the change leaves alone.
// Findings are compared before those are left out that another one explains, for what explains them may be old itself.
func TestScopedIsDifference(t *testing.T) {
	if *seed != 0 {
		scopedIsDifference(t, *seed, true)
		return
	}
	var found, references, elsewhere int
	for i := range uint64(*cases) {
		wrong, refs, away := scopedIsDifference(t, *first+i, false)
		found, references, elsewhere = found+wrong, references+refs, elsewhere+away
		if t.Failed() {
			return
		}
	}
	t.Logf("%d findings, %d of them of references, %d in files that the change leaves alone", found, references, elsewhere)
	if n := *cases; found < n || references < n/2 || elsewhere < n/10 {
		t.Errorf("only %d findings, %d of references and %d elsewhere: the cases show too little", found, references, elsewhere)
	}
}

func scopedIsDifference(t *testing.T, seed uint64, talk bool) (found, references, elsewhere int) {
	t.Helper()
	g := generator{rand.New(rand.NewPCG(seed, 4))}
	base := g.repository()
	head, changes := g.change(base)
	p, _, err := policy.Read(mapFS(base))
	if err != nil || p == nil {
		t.Fatalf("case %d: the policy of the case cannot be used: %v", seed, err)
	}
	opts := Options{Workers: 1}
	was, is := catalog.New(mapFS(base), p), catalog.New(mapFS(head), p)
	before := everythingWrong(t, was, opts)
	opts.Base, opts.Changes = mapFS(base), changes
	scoped := newChangeJudge(mapFS(head), p, p, opts)
	scoped.base.Catalog, scoped.head.Catalog = was, is // whose schemas are compiled
	scope, err := scoped.head.Scope(scoped.base.Catalog, changes)
	if err != nil {
		t.Fatal(err)
	}
	o := isDifference(t, seed, scoped, only(scope), before, everythingWrong(t, is, Options{Workers: 1}))
	if own, _, _ := policy.Read(mapFS(head)); own != nil && base[policy.Path] != head[policy.Path] {
		edited := newChangeJudge(mapFS(head), own, p, opts)
		edited.whole = true
		isDifference(t, seed, edited, everything, before, everythingWrong(t, edited.head.Catalog, Options{Workers: 1}))
	}
	if talk || t.Failed() {
		show(t, base, head)
	}
	for _, f := range o.faults {
		found++
		if strings.HasPrefix(f.Rule, "reference") {
			references++
		}
		if !scoped.isTouched(f.File) {
			elsewhere++
		}
	}
	return found, references, elsewhere
}

// isDifference compares a judgement of a change with what was wrong before and is wrong after it.
func isDifference(t *testing.T, seed uint64, j *judge, choose chooser, before, after map[string]string) outcome {
	t.Helper()
	o, err := j.look(choose)
	if err != nil {
		t.Fatal(err)
	}
	got := keysOf(j, o)
	want := map[string]bool{}
	for key, path := range after {
		if _, was := before[key]; !was || j.isTouched(path) || !j.readBefore(j.head.Policy.Layout.Read(path)) {
			want[key] = true
		}
	}
	if missing, extra := lacking(want, got), lacking(got, want); len(missing)+len(extra) > 0 {
		t.Errorf("case %d (go test -run TestScopedIsDifference -seed %[1]d), policy edited %t: the judgement of the change lacks\n%s\nand has besides\n%s\ngot\n%s",
			seed, j.whole, strings.Join(missing, "\n"), strings.Join(extra, "\n"), strings.Join(slices.Sorted(maps.Keys(got)), "\n"))
	}
	return o
}

// everythingWrong judges a whole tree: the file of each finding, by what makes the finding the same.
func everythingWrong(t *testing.T, c *catalog.Catalog, opts Options) map[string]string {
	t.Helper()
	j := &judge{head: newSide(c, opts), opts: opts, whole: true}
	o, err := j.look(everything)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for key := range keysOf(j, o) {
		files[key], _, _ = strings.Cut(key, " ")
	}
	return files
}

func keysOf(j *judge, o outcome) map[string]bool {
	keys := map[string]bool{}
	add := func(f finding.Finding) {
		if j.level(f) != policy.Off {
			keys[fmt.Sprintf("%s %s %s %d:%d %s", f.File, f.Rule, f.Pointer, f.At.Start.Line, f.At.Start.Column, f.Cause)] = true
		}
	}
	for _, f := range slices.Concat(o.schemas, o.defined) {
		add(f)
	}
	for _, f := range o.faults {
		add(f.Finding)
	}
	return keys
}

func lacking(want, got map[string]bool) []string {
	var lack []string
	for key := range want {
		if !got[key] {
			lack = append(lack, key)
		}
	}
	slices.Sort(lack)
	return lack
}

func show(t *testing.T, base, head map[string]string) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(base)) {
		t.Logf("-- base/%s --\n%s", path, base[path])
	}
	for _, path := range slices.Sorted(maps.Keys(head)) {
		if head[path] != base[path] {
			t.Logf("-- head/%s --\n%s", path, head[path])
		}
	}
	for path := range base {
		if _, has := head[path]; !has {
			t.Logf("removed: %s", path)
		}
	}
}

func mapFS(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

// A generator makes small repositories in which much goes wrong: few names, so that they meet.
type generator struct{ *rand.Rand }

func (g generator) one(from ...string) string { return from[g.IntN(len(from))] }

func (g generator) odds(n int) bool { return g.IntN(n) == 0 }

var (
	someTypes     = []string{"t0", "t1", "t2", "t3"}
	someCustomers = []string{"a", "b", "c", "A"}
	somePaths     = []string{"/ids", "/ids/*", "/m", "/m/*#", "/items/*/id", "/one", "/items/*", "/nothing/here"}
)

func (g generator) repository() map[string]string {
	files := map[string]string{".tamer.yaml": g.policy()}
	for _, typ := range someTypes {
		if !g.odds(12) {
			files["schemas/"+typ+".schema.yaml"] = g.schema()
		}
		if g.odds(2) {
			files["shared/"+typ+".yaml"] = g.config()
		}
		for _, customer := range someCustomers {
			if !g.odds(3) {
				files["customers/"+customer+"/"+typ+".yaml"] = g.config()
			}
		}
	}
	return files
}

func (g generator) reference() string {
	s := fmt.Sprintf("type: %s, path: %q", g.one(someTypes...), g.one(somePaths...))
	if g.odds(25) {
		s = `type: t9, path: /ids`
	}
	return s
}

func (g generator) more() string {
	s := ", scope: " + g.one("customer", "customer", "shared", "any")
	if g.odds(4) {
		s += ", acyclic: true"
	}
	return s
}

func (g generator) policy() string {
	var b strings.Builder
	b.WriteString("layout:\n  configs: [\"customers/{customer}/{type}.yaml\"")
	if !g.odds(4) {
		b.WriteString(", \"customers/{customer}/{type}.yml\"")
	}
	b.WriteString("]\n")
	if g.odds(6) {
		b.WriteString("  shared: [\"shared/{type}.yaml\", \"customers/a/{type}.yaml\"]\n")
	}
	if g.odds(2) {
		b.WriteString("checks: {unreferenced: notice}\n")
	}
	b.WriteString("references:\n")
	for range g.IntN(4) {
		fmt.Fprintf(&b, "  - {from: {%s}, to: {%s}%s}\n", g.reference(), g.reference(), g.more())
	}
	return strings.TrimSuffix(b.String(), "references:\n")
}

func (g generator) schema() string {
	if g.odds(20) {
		return "properties: 5\n"
	}
	ref := func() string {
		if g.odds(2) {
			return ""
		}
		return fmt.Sprintf("x-tamer-ref: {%s%s}", g.reference(), g.more())
	}
	return fmt.Sprintf(`properties:
  ids: {items: {type: [string, integer, object]}}
  m: {type: object, propertyNames: {%s}}
  items: {items: {properties: {id: {}, up: {%s}}}}
  one: {%s}
  list: {items: {%s}}
  n: {type: integer, maximum: %d}
`, ref(), ref(), ref(), ref(), 1+g.IntN(5))
}

func (g generator) value() string { return g.one("x", "y", "z", "w", "v", `"1"`, "1") }

func (g generator) config() string {
	var b strings.Builder
	list := func() string {
		var items []string
		for range g.IntN(4) {
			items = append(items, g.value())
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	if g.odds(25) {
		b.WriteString("ids: [\n")
	}
	if g.odds(2) {
		fmt.Fprintf(&b, "ids: %s\n", list())
	}
	if g.odds(2) {
		fmt.Fprintf(&b, "list: %s\n", list())
	}
	if g.odds(2) {
		fmt.Fprintf(&b, "one: %s\n", g.value())
	}
	if g.odds(3) {
		fmt.Fprintf(&b, "m: {%s: {}}\n", g.value())
	}
	if g.odds(3) {
		fmt.Fprintf(&b, "n: %d\n", g.IntN(6))
	}
	if g.odds(2) {
		b.WriteString("items:\n")
		for range 1 + g.IntN(3) {
			fmt.Fprintf(&b, "  - {id: %s, up: %s}\n", g.value(), g.value())
		}
	}
	return b.String()
}

// change edits, adds, removes and renames some files, and now and then the policy.
func (g generator) change(base map[string]string) (map[string]string, []forge.Change) {
	head := maps.Clone(base)
	for range 1 + g.IntN(4) {
		paths := slices.DeleteFunc(slices.Sorted(maps.Keys(head)), func(p string) bool { return p == ".tamer.yaml" })
		path := paths[g.IntN(len(paths))]
		switch g.IntN(10) {
		case 0, 1:
			delete(head, path)
		case 2:
			head["customers/"+g.one(someCustomers...)+"/"+g.one(someTypes...)+g.one(".yaml", ".yaml", ".yml")] = g.config()
		case 3:
			head["shared/"+g.one(someTypes...)+".yaml"] = g.config()
		case 4:
			head["schemas/"+g.one(someTypes...)+".schema.yaml"] = g.schema()
		case 5:
			from, to := "customers/"+g.one(someCustomers...)+"/", "customers/"+g.one(someCustomers...)+"/"
			for p, text := range base {
				if name, ok := strings.CutPrefix(p, from); ok && from != to {
					delete(head, p)
					head[to+name] = text
				}
			}
		default:
			head[path] = g.edited(path, head[path])
		}
	}
	if g.odds(4) {
		head[policy.Path] = g.policy()
	}
	var changes []forge.Change
	for _, path := range slices.Sorted(maps.Keys(head)) {
		if old, had := base[path]; !had {
			changes = append(changes, forge.Change{Path: path, Kind: forge.Added})
		} else if old != head[path] {
			changes = append(changes, forge.Change{Path: path, Kind: forge.Modified})
		}
	}
	for _, path := range slices.Sorted(maps.Keys(base)) {
		if _, has := head[path]; !has {
			changes = append(changes, forge.Change{Path: path, Kind: forge.Removed})
		}
	}
	return head, changes
}

func (g generator) edited(path, text string) string {
	lines := strings.SplitAfter(text, "\n")
	switch {
	case strings.HasPrefix(path, "schemas/"):
		return g.schema()
	case g.odds(3):
		return g.config()
	case g.odds(2):
		return strings.NewReplacer(g.value(), g.value()).Replace(text)
	}
	i := g.IntN(len(lines))
	return strings.Join(slices.Delete(lines, i, i+1), "")
}
