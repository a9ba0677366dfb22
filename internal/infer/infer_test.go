package infer_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/infer"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/validate"
)

// begun gives a tree with what is inferred from another one: the layout, and the schemas.
func begun(t *testing.T, from fs.FS, add func(path string, text []byte)) []infer.Draft {
	t.Helper()
	l, err := infer.FindLayout(from)
	if err != nil {
		t.Fatal(err)
	}
	p, found := policy.Parse(l.Policy())
	if p == nil {
		t.Fatalf("%v in\n%s", found, l.Policy())
	}
	add(policy.Path, l.Policy())
	drafts, err := infer.Schemas(catalog.New(from, p), document.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range drafts {
		add(d.Path, d.Text)
	}
	return drafts
}

// failing names the files of a tree that fail, with why.
func failing(t *testing.T, tree fs.FS) map[string]string {
	t.Helper()
	r, err := validate.Tree(tree, validate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	failed := map[string]string{}
	for _, f := range r.Findings {
		if f.Level == finding.Failure {
			failed[f.File] = f.Pointer + ": " + f.Message
		}
	}
	return failed
}

// The schemas of a repository that had none accept all of its files, and find nearly all faults that are planted in them.
func TestCorpus(t *testing.T) {
	for _, c := range []struct{ customers, seed int }{{24, 1}, {12, 2}} {
		t.Run(fmt.Sprintf("%d customers of seed %d", c.customers, c.seed), func(t *testing.T) {
			valid, _ := golden.Corpus(t, c.customers, c.seed, 0)
			spoiled, truth := golden.Corpus(t, c.customers, c.seed, 0.3)
			if valid == "" {
				t.Skip("without the generator")
			}
			inferred(t, valid, spoiled, truth)
		})
	}
}

// inferred drafts the schemas of the repository in one directory, and holds them against both.
func inferred(t *testing.T, valid, spoiled, truth string) {
	t.Helper()
	for _, dir := range []string{valid, spoiled} {
		if err := os.RemoveAll(dir + "/schemas"); err != nil {
			t.Fatal(err)
		}
	}
	drafts := begun(t, os.DirFS(valid), func(path string, text []byte) {
		for _, dir := range []string{valid, spoiled} {
			if err := os.MkdirAll(dir+"/schemas", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(dir+"/"+path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	})
	for path, why := range failing(t, os.DirFS(valid)) {
		t.Errorf("%s, of which the schema was made: %s", path, why)
	}
	refs := 0
	for _, d := range drafts {
		refs += len(d.Refs)
	}
	if len(drafts) != 20 || refs < 18 {
		t.Errorf("%d schemas and %d references, want 20 and most of 25", len(drafts), refs)
	}
	lines, err := os.ReadFile(truth)
	if err != nil {
		t.Fatal(err)
	}
	failed, planted, refused := failing(t, os.DirFS(spoiled)), map[string]bool{}, 0
	for line := range strings.Lines(string(lines)) {
		var one struct{ Path string }
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		planted[one.Path] = true
		if failed[one.Path] != "" {
			refused++
		}
	}
	if refused*100 < 90*len(planted) {
		t.Errorf("only %d of %d faults are refused", refused, len(planted))
	}
	t.Logf("%d of %d faults refused, %d references", refused, len(planted), refs)
}

// What is inferred from the aqua registry accepts it.
func TestAqua(t *testing.T) {
	tree, _ := golden.Aqua(t)
	if tree == nil {
		t.Skip("without the aqua registry")
	}
	some := fstest.MapFS{}
	err := fs.WalkDir(tree, "pkgs", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && len(name)%16 == 0 { // a part is enough here
			var src []byte
			src, err = fs.ReadFile(tree, name)
			some[name] = &fstest.MapFile{Data: src}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	drafts := begun(t, some, func(path string, text []byte) { some[path] = &fstest.MapFile{Data: text} })
	for path, why := range failing(t, some) {
		t.Errorf("%s: %s", path, why)
	}
	if len(drafts) != 1 || drafts[0].Files < 50 {
		t.Errorf("%d schemas", len(drafts))
	}
}

func TestFindLayout(t *testing.T) {
	const plan, limits = "name: a\ntier: b\nseats: 1\n", "users: 1\nmails: 2\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"customers as directories", map[string]string{"customers/a/plan.yaml": plan, "customers/b/plan.yaml": plan, "customers/b/limits.yaml": limits},
			"customers/{customer}/{type}.yaml"},
		{"types as directories", map[string]string{"config/plan/a.yml": plan, "config/plan/b.yml": plan, "config/limits/a.yml": limits, "config/limits/b.yml": limits},
			"config/{type}/{customer}.yml"},
		{"a directory between", map[string]string{"tenants/a/live/plan.json": `{"x": 1}`, "tenants/b/live/plan.json": `{"x": 2}`},
			"tenants/{customer}/live/{type}.json"},
		{"customers of several directories", map[string]string{"pkgs/a/b/r.yaml": plan, "pkgs/a/b/c/r.yaml": plan}, "pkgs/{customer...}/{type}.yaml"},
		{"customers at the top", map[string]string{"a/plan.yaml": plan, "b/plan.yaml": plan, "c/plan.yaml": plan, "c/limits.yaml": limits}, "{customer}/{type}.yaml"},
		{"a directory of customers", map[string]string{"plans/a.yaml": plan, "plans/b.yaml": plan, "plans/c.yaml": plan}, "{type}/{customer}.yaml"},
		{"shared, and schemas", map[string]string{"common/markets.yaml": limits, "common/taxes.yaml": plan, "json-schema/plan.json": `{"properties": {}}`},
			"common/{type}.yaml json-schema/{type}.json"},
		{"nothing", map[string]string{"README.md": "x", ".github/workflows/ci.yml": "on: push", "one.yaml": plan}, ""},
	} {
		tree := fstest.MapFS{}
		for name, text := range c.files {
			tree[name] = &fstest.MapFile{Data: []byte(text)}
		}
		l, err := infer.FindLayout(tree)
		got := strings.Join(append(append(l.Configs, l.Shared...), l.Schemas...), " ")
		if err != nil || got != c.want {
			t.Errorf("%s: %q (%v), want %q", c.name, got, err, c.want)
		}
	}
}

// A schema of a small type, as a person gets to see it.
func TestDraft(t *testing.T) {
	tree := fstest.MapFS{}
	for i, text := range []string{
		"jobs: [{id: a1, run: {type: mail, to: a@example.com}}, {id: b1, run: {type: wait, hours: 3}}]\nsince: 2026-01-02\nlabels: {team: core}\n",
		"jobs: [{id: c1, run: {type: mail, to: b@example.com}}]\nsince: 2026-03-04\nfirst: c1\n",
	} {
		for n := range 8 {
			tree["customers/c"+strings.Repeat("x", i*8+n)+"/plan.yaml"] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	begun(t, tree, func(path string, text []byte) { tree[path] = &fstest.MapFile{Data: text} })
	golden.Check(t, "testdata/plan.schema.json", string(tree["schemas/plan.schema.json"].Data))
	if failed := failing(t, tree); len(failed) > 0 {
		t.Error(failed)
	}
}
