package migrate_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/schema"
)

// registrySchema renames a property of every package, moves another one, maps the values of a third, and asks for a new one.
const registrySchema = `
properties:
  packages:
    items:
      required: [channel]
      properties:
        channel: {default: stable}
        owner: {x-tamer-renamed-from: repo_owner}
        type: {x-tamer-renamed-values: {github_release: release}}
        about: {properties: {text: {x-tamer-renamed-from: "/packages/*/description"}}}
`

// In the aqua registry only the lines of what migrates change, and a second time none.
func TestRegistry(t *testing.T) {
	head, found := schema.NewSet(fstest.MapFS{"head.yaml": {Data: []byte(registrySchema)}}).Compile("head.yaml")
	if head == nil {
		t.Fatal(found)
	}
	tree, _ := golden.Aqua(t)
	if tree == nil {
		t.Skip("without the aqua registry")
	}
	n := 0
	for _, name := range golden.AquaFiles(t, tree) {
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			t.Fatal(err)
		}
		got, problems := migrated(t, head, src)
		if len(problems) > 0 {
			t.Errorf("%s: %s", name, problems)
		}
		if again, _ := migrated(t, head, got); string(again) != string(got) {
			t.Errorf("%s changes a second time", name)
		}
		if strings.Contains(string(src), "description: |") || strings.Contains(string(src), "description: >") {
			continue // a text of several lines is indented anew where it is moved to
		}
		if line := strayed(string(src), string(got)); line != "" {
			t.Errorf("%s: the line %q is another than before", name, line)
		}
		n++
	}
	t.Logf("%d files", n)
}

// strayed gives a line of the migrated text that is neither of the text before nor of what migrates.
func strayed(before, after string) string {
	old := strings.Split(before, "\n")
	slices.Sort(old)
	for line := range strings.SplitSeq(after, "\n") {
		bare := strings.TrimLeft(line, "- ")
		migrates := strings.HasPrefix(bare, "owner:") || strings.HasPrefix(bare, "channel:") || strings.HasPrefix(bare, "about:") ||
			strings.HasPrefix(bare, "text:") || strings.HasPrefix(bare, "type: release")
		if _, was := slices.BinarySearch(old, line); !was && !migrates {
			if _, first := slices.BinarySearch(old, "    "+bare); !first && !strings.HasPrefix(line, "  - ") {
				return line
			}
		}
	}
	return ""
}
