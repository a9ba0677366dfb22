package rule_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/rule"
	"github.com/tamerhq/tamer/internal/schema"
	"github.com/tamerhq/tamer/internal/validate"
)

// Every rule explains itself, and what its examples show is what tamer does.
func TestExamples(t *testing.T) {
	for _, r := range rule.All {
		t.Run(r.ID, func(t *testing.T) {
			if r.Purpose == "" || r.Why == "" || r.Bad == "" || r.Good == "" || (r.Schema != "") != (r.Family == rule.Schema) {
				t.Fatalf("something is not said: %+v", r)
			}
			if r.Family == rule.Outside {
				return // told, for no file shows it
			}
			bad := judge(t, r, r.Bad)
			if len(bad) != 1 || bad[0].Rule != r.ID || bad[0].Level != r.Level {
				t.Errorf("the bad example must give one %s of this rule, and gives %+v", r.Level, bad)
			}
			if good := judge(t, r, r.Good); len(good) != 0 {
				t.Errorf("the good example must give nothing, and gives %+v", good)
			}
		})
	}
}

func judge(t *testing.T, r rule.Rule, example string) []finding.Finding {
	t.Helper()
	var (
		result validate.Result
		err    error
	)
	if r.Family == rule.Repository {
		result, err = validate.Tree(repository(example))
	} else {
		schemas := fstest.MapFS{"schema.yaml": {Data: []byte(r.Schema)}}
		if r.Schema == "" {
			schemas["schema.yaml"].Data = []byte("{}")
		}
		read := func(string) ([]byte, error) { return []byte(example), nil }
		result, err = validate.Files(schema.NewSet(schemas), "schema.yaml", []string{"config.yaml"}, read, validate.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return result.Findings
}

// repository reads an example of several files: a tree, or what a change adds to what stood there before.
func repository(example string) (head fs.FS, opts validate.Options) {
	before, after := fstest.MapFS{}, fstest.MapFS{}
	for _, f := range txtar.Parse([]byte(example)).Files {
		name, old := strings.CutPrefix(f.Name, "before/")
		after[name] = &fstest.MapFile{Data: f.Data}
		if old {
			before[name] = after[name]
			continue
		}
		opts.Changes = append(opts.Changes, forge.Change{Path: name, Kind: forge.Added})
	}
	if len(before) > 0 {
		opts.Base = before
	}
	return after, opts
}

func TestByID(t *testing.T) {
	if !slices.IsSorted(rule.IDs()) || len(slices.Compact(rule.IDs())) != len(rule.All) {
		t.Errorf("the ids must be sorted, and each there once: %q", rule.IDs())
	}
	for _, r := range rule.All {
		if got, ok := rule.ByID(r.ID); !ok || got.ID != r.ID {
			t.Errorf("ByID(%q) = %+v, %t", r.ID, got, ok)
		}
		if r.Family.Title() == "" || !slices.Contains(rule.Families, r.Family) {
			t.Errorf("%s: %q is no family", r.ID, r.Family)
		}
	}
	if r, ok := rule.ByID("nonsense"); ok {
		t.Errorf("a rule that does not exist: %s", fmt.Sprint(r))
	}
}

// Every rule that the code names is in the list.
func TestEveryFindingHasARule(t *testing.T) {
	named := regexp.MustCompile(`Rule:\s*"([^"]*)"`)
	seen := 0
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		src, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
		for _, m := range named.FindAllSubmatch(src, -1) {
			seen++
			if _, ok := rule.ByID(string(m[1])); !ok {
				t.Errorf("%s gives findings of the rule %q, which is not listed", name, m[1])
			}
		}
		return err
	})
	if err != nil || seen < 10 {
		t.Errorf("%d findings in the code: %v", seen, err)
	}
}
