package validate_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/validate"
)

// Of very many files in one wrong place some are told one by one, and the rest at one of them.
func TestMissesAreBounded(t *testing.T) {
	tree := fstest.MapFS{"customers/acme/.git/plan.yaml": {}}
	for i := range 250 {
		tree[fmt.Sprintf("customers/acme/old/plan%03d.yaml", i)] = &fstest.MapFile{}
	}
	r, err := validate.Tree(tree, validate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	last := r.Findings[len(r.Findings)-1]
	if len(r.Findings) != 101 || last.File != "customers/acme/old/plan100.yaml" || !strings.HasPrefix(last.Message, "this file and 149 more are not read") {
		t.Errorf("%d findings, the last one: %s: %s", len(r.Findings), last.File, last.Message)
	}
}

// A first deploy is not held up by what nobody reads.
func TestNothingBesideHoldsUpADeploy(t *testing.T) {
	tree := fstest.MapFS{
		"schemas/plan.schema.json": {Data: []byte("{}")},
		"customers/acme/plan.yaml": {Data: []byte("name: Acme\n")},
		"customers/linked":         {Data: []byte("acme"), Mode: fs.ModeSymlink},
	}
	for merged, want := range map[bool]int{false: 1, true: 0} {
		r, err := validate.Tree(tree, validate.Options{Merged: merged})
		if err != nil || len(r.Findings) != want {
			t.Errorf("merged: %v: %v, %v; want %d", merged, r.Findings, err, want)
		}
	}
}
