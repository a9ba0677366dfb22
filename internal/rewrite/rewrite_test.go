package rewrite_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
	"github.com/tamerhq/tamer/internal/expr"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/rewrite"
)

func TestGlob(t *testing.T) {
	files := []policy.File{
		{Path: "customers/acme/plan.yaml", Kind: policy.Config, Customer: "acme", Type: "plan"},
		{Path: "customers/acme/tags.yaml", Kind: policy.Config, Customer: "acme", Type: "tags"},
		{Path: "customers/béta/plan.yaml", Kind: policy.Config, Customer: "béta", Type: "plan"},
		{Path: "pkgs/a/b/plan.yaml", Kind: policy.Config, Customer: "a/b", Type: "plan"},
		{Path: "shared/plan.yaml", Kind: policy.Shared, Type: "plan"},
	}
	for pattern, want := range map[string]string{
		"customers/*/plan.yaml":        "0 2",
		"customers/acme":               "0 1",
		"customers":                    "0 1 2",
		"**":                           "0 1 2 3 4",
		"**/plan.yaml":                 "0 2 3 4",
		"*/plan":                       "0 2",
		"**/plan":                      "0 2 3",
		"a/b":                          "3",
		"customers/{acme,x}/?ags.yaml": "1",
		"customers/b?ta":               "2",
		"customers/acme/plan":          "",
		"Customers/*":                  "",
		"customers/*.yaml":             "",
		"customers/[a]cme":             "",
	} {
		g, err := rewrite.ParseGlob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range g.Among(files) {
			for i := range files {
				if files[i].Path == f.Path {
					got = append(got, fmt.Sprint(i))
				}
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s matches %q, want %q", pattern, s, want)
		}
	}
	for _, wrong := range []string{"", "a{b"} {
		if _, err := rewrite.ParseGlob(wrong); err == nil {
			t.Errorf("%q is taken for a pattern", wrong)
		}
	}
}

func TestExpandAndFollow(t *testing.T) {
	docs, _ := document.Parse([]byte("a: [{b: 1}, {c: {d: 1, e: 2}}]\n'*': {x: 1}\n"), document.Limits{})
	for pointer, want := range map[string]string{
		"/a/*/b": "/a/0/b /a/1/b", "/a/*/c/*": "/a/1/c/d /a/1/c/e", "/z": "/z", "/z/*": "", "/*/x": "/*/x", "": "",
	} {
		var got []string
		for _, path := range rewrite.Expand(docs[0].Value, document.Tokens(pointer)) {
			got = append(got, document.Pointer(path))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s leads to %q, want %q", pointer, s, want)
		}
	}
	to := rewrite.Follow(document.Tokens("/a/*/b/*"), document.Tokens("/a/3/b/x"), document.Tokens("/c/*/*/d"))
	if got := document.Pointer(to); got != "/c/3/x/d" {
		t.Errorf("moved to %s, want /c/3/x/d", got)
	}
}

// repository makes a tree of configs by path, with a schema of the type plan.
func repository(configs map[string]string) *catalog.Catalog {
	tree := fstest.MapFS{"schemas/plan.schema.yaml": {Data: []byte("properties: {tier: {enum: [pro, free]}, key: {type: string, const: hunter2, x-tamer-secret: true}}\n")}}
	for path, text := range configs {
		tree[path] = &fstest.MapFile{Data: []byte(text)}
	}
	p, _, err := policy.Read(tree)
	if err != nil || p == nil {
		panic("the default policy cannot be read")
	}
	return catalog.New(tree, p)
}

func program(t testing.TB, source string) *expr.Program {
	t.Helper()
	env, err := expr.New(rewrite.Variables...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := env.Compile(source)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What changes, what does not fit its schema then, and what cannot be done.
func TestFiles(t *testing.T) {
	c := repository(map[string]string{
		"customers/a/plan.yaml": "tier: pro\n---\ntier: free\n",
		"customers/b/plan.yaml": "tier: wrong\nx: [1, 2, 3]\n",
		"customers/c/plan.yaml": "tier: [\n",
		"customers/d/plan.yaml": "base: &b {tier: x}\n<<: *b\n",
	})
	for _, one := range []struct {
		name string
		a    rewrite.Assignment
		want string
	}{
		{"set", rewrite.Assignment{Path: []string{"tier"}, Value: "free"}, `a "tier: free\n---\ntier: free\n"; b "tier: free\nx: [1, 2, 3]\n"; c not read; d not done`},
		{"what does not fit", rewrite.Assignment{Path: []string{"tier"}, Value: "gold"}, `a "tier: gold\n---\ntier: gold\n" enum enum; b "tier: gold\nx: [1, 2, 3]\n" enum; c not read; d not done`},
		{"what was wrong already", rewrite.Assignment{Path: []string{"w"}, Value: json.Number("1"), Where: program(t, "customer == 'b'")}, `b "tier: wrong\nx: [1, 2, 3]\nw: 1\n"; c not read`},
		{"an expression", rewrite.Assignment{Path: []string{"x", "*"}, Expr: program(t, "old * old")}, `b "tier: wrong\nx: [1, 4, 9]\n"; c not read`},
		{"an expression without a value", rewrite.Assignment{Path: []string{"x"}, Expr: program(t, "root.none"), Where: program(t, "customer == 'b'")}, `b not done; c not read`},
		{"items", rewrite.Assignment{Op: edit.Unset, Path: []string{"x", "*"}, Where: program(t, "old != 2")}, `b "tier: wrong\nx: [2]\n"; c not read`},
		{"a move", rewrite.Assignment{Op: edit.Move, From: []string{"x"}, Path: []string{"v", "z"}}, `b "tier: wrong\nv:\n  z: [1, 2, 3]\n"; c not read`},
	} {
		files, err := c.Configs()
		if err != nil {
			t.Fatal(err)
		}
		changed, err := rewrite.Job{Catalog: c}.Files(files, rewrite.InOrder(one.a))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range changed {
			got = append(got, f.Customer+" "+outcome(f))
		}
		if s := strings.Join(got, "; "); s != one.want {
			t.Errorf("%s: %s\nwant %s", one.name, s, one.want)
		}
	}
}

// What is secret is shown in no finding and no difference.
func TestSecret(t *testing.T) {
	c := repository(map[string]string{"customers/a/plan.yaml": "tier: pro\nkey: hunter2\n"})
	files, err := c.Configs()
	if err != nil {
		t.Fatal(err)
	}
	changed, err := rewrite.Job{Catalog: c}.Files(files, rewrite.InOrder(rewrite.Assignment{Path: []string{"key"}, Value: "hunter3"}))
	if err != nil || len(changed) != 1 || len(changed[0].Broken) != 1 {
		t.Fatalf("%+v, %v", changed, err)
	}
	f := changed[0]
	f.Old, f.New = nil, nil
	if said := fmt.Sprintf("%+v", f); strings.Contains(said, "hunter") {
		t.Errorf("a secret is told: %s", said)
	}
}

func outcome(f rewrite.File) string {
	switch {
	case len(f.Problems) > 0 && strings.HasPrefix(f.Problems[0], "it cannot be read"):
		return "not read"
	case len(f.Problems) > 0:
		return "not done"
	}
	out := fmt.Sprintf("%q", f.New)
	for _, x := range f.Broken {
		out += " " + x.Rule
	}
	return out
}

// One value of 10,000 configs of 3 KB each.
func BenchmarkFiles(b *testing.B) {
	text := "tier: pro # as agreed\nlimits:\n  users: 10\nsegments:\n"
	for i := range 30 {
		text += fmt.Sprintf("  - id: s%d\n    name: \"Segment %d\" # c\n    rules: [{field: age, op: gt, value: %d}]\n", i, i, i)
	}
	configs := map[string]string{}
	for i := range 10_000 {
		configs[fmt.Sprintf("customers/c%d/plan.yaml", i)] = text
	}
	c := repository(configs)
	files, err := c.Configs()
	if err != nil {
		b.Fatal(err)
	}
	a := rewrite.Assignment{Path: []string{"limits", "users"}, Value: json.Number("20")}
	for b.Loop() {
		changed, err := rewrite.Job{Catalog: c}.Files(files, rewrite.InOrder(a))
		if err != nil || len(changed) != len(configs) {
			b.Fatal(len(changed), err)
		}
	}
}

// One value of 10,000 files of 20 types, as the generator of repositories writes them: as their schemas want it, and as none does. On
// two processors that eight people shared, 10,000 files of 3.4 KB took 4 s of processor time, half of it to read each file once, and
// 9 s where each is refused and so read once more for the places of what is wrong.
func BenchmarkCorpus(b *testing.B) {
	dir, _ := golden.Corpus(b, 500, 1, 0)
	if dir == "" {
		b.Skip("without the generator")
	}
	tree := os.DirFS(dir)
	p, _, err := policy.Read(tree)
	if err != nil {
		b.Fatal(err)
	}
	c := catalog.New(tree, p)
	files, err := c.Configs()
	if err != nil {
		b.Fatal(err)
	}
	for name, value := range map[string]any{"fits": "insights", "refused": "nobody"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				changed, err := rewrite.Job{Catalog: c}.Files(files, rewrite.InOrder(rewrite.Assignment{Path: []string{"owner", "team"}, Value: value}))
				if err != nil || len(changed) < len(files)/2 || (len(changed[0].Broken) > 0) != (value == "nobody") {
					b.Fatal(len(changed), err)
				}
			}
			b.ReportMetric(float64(len(files)), "files/op")
		})
	}
}
