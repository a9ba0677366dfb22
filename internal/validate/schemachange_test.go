package validate_test

import (
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/finding"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/validate"
)

// What must come in changes one after the other is asked of each of them, and not of all that a deploy brings at once.
func TestOneAfterTheOther(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	base := fstest.MapFS{
		".tamer.yaml":              file("schemas: {deprecation: 30d}"),
		"schemas/plan.schema.yaml": file("properties: {id: {type: string}, region: {type: string}}"),
		"consumers/maps.yaml":      file("owner: maps\nreads: [{type: plan, paths: [/region]}]"),
	}
	head := fstest.MapFS{".tamer.yaml": base[".tamer.yaml"], "schemas/plan.schema.yaml": file("properties: {id: {type: string}}")}
	changes := []forge.Change{{Path: "consumers/maps.yaml", Kind: forge.Removed}, {Path: "schemas/plan.schema.yaml", Kind: forge.Modified}}
	for merged, want := range map[bool]int{false: 2, true: 0} {
		r, err := validate.Tree(head, validate.Options{Base: base, Changes: changes, Merged: merged})
		if err != nil {
			t.Fatal(err)
		}
		if got := finding.CountOf(r.Findings).Failures; got != want {
			t.Errorf("merged %t: %d failures, want %d: %+v", merged, got, want, r.Findings)
		}
	}
}
