package diff_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/catalog"
	"github.com/tamerhq/tamer/internal/diff"
	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/policy"
)

const retention = `{"x-tamer-owners": ["eraser"], "properties": {"days": {"default": 30}, "note": {"x-tamer-owners": ["nobody"]}}}`

// A change of 43 customers, one of them in another way, one in words only; a shared config; a schema with a new default.
func TestTrees(t *testing.T) {
	before, after := fstest.MapFS{}, fstest.MapFS{}
	put := func(tree fstest.MapFS, name, content string) { tree[name] = &fstest.MapFile{Data: []byte(content)} }
	for i := range 41 {
		name := fmt.Sprintf("customers/c%02d/retention.yaml", i)
		put(before, name, "days: 30\n")
		put(after, name, "days: 60 # longer\n")
	}
	put(before, "customers/other/retention.yaml", "days: 10\n")
	put(after, "customers/other/retention.yaml", "days: 11\n")
	put(before, "customers/words/retention.yaml", "days: 30\n")
	put(after, "customers/words/retention.yaml", "{}\n")
	put(before, "customers/gone/retention.yaml", "days: 1\n")
	put(after, "customers/new/retention.yaml", "days: 1\n")
	put(before, "customers/empty/retention.yaml", "")
	put(before, "customers/same/retention.yaml", "{}\n")
	put(after, "customers/same/retention.yaml", "{}\n")
	put(before, "shared/retention.yaml", "days: 30\n")
	put(after, "shared/retention.yaml", "days: 60\n")
	put(after, "customers/bad/retention.yaml", "days: [\n")
	for _, tree := range []fstest.MapFS{before, after} {
		put(tree, "schemas/retention.schema.json", retention)
	}
	report := trees(t, before, after)
	rows, rest := report.Fold()
	var got strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&got, "%d customers, %d files: %s\n", len(row.Customers), len(row.Files), lines([]diff.Change{row.Change}))
	}
	for _, f := range rest.Files {
		fmt.Fprintf(&got, "%s (%s, %s): %s%.30s\n", f.Path, f.Customer, f.Type, lines(f.Changes), f.Problem)
	}
	blast := report.Blast()
	fmt.Fprintf(&got, "%d customers, %d configs, %d shared, for %v", len(blast.Customers), blast.Configs, blast.Shared, blast.Owners)
	want := `41 customers, 42 files: change /days 30 -> 60
customers/bad/retention.yaml (bad, retention): the new version cannot be read
customers/empty/retention.yaml (empty, retention): remove / null
customers/gone/retention.yaml (gone, retention): remove / {"days":1}
customers/new/retention.yaml (new, retention): add / {"days":1}
customers/other/retention.yaml (other, retention): change /days 10 -> 11
customers/words/retention.yaml (words, retention): remove /days 30
46 customers, 47 configs, 1 shared, for [eraser]`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}

	put(before, "schemas/retention.schema.json", strings.ReplaceAll(retention, "30", "20"))
	report = trees(t, before, after)
	for _, f := range report.Files {
		if f.Customer == "same" {
			if got, want := lines(f.Unwritten), "change /days 20 -> 30"; got != want {
				t.Errorf("by the schema: got %s, want %s", got, want)
			}
			return
		}
	}
	t.Error("nothing is said of the file that the schema's new default changes")
}

func trees(t *testing.T, before, after fstest.MapFS) diff.Report {
	t.Helper()
	var changes []forge.Change
	for name, file := range after {
		if old, had := before[name]; !had || string(old.Data) != string(file.Data) {
			changes = append(changes, forge.Change{Path: name, Kind: forge.Modified})
		}
	}
	for name := range before {
		if _, has := after[name]; !has {
			changes = append(changes, forge.Change{Path: name, Kind: forge.Removed})
		}
	}
	p := policy.Default()
	report, err := diff.Trees(catalog.New(before, p), catalog.New(after, p), changes, document.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}
