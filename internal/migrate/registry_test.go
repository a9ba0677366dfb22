package migrate_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

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
	n, seen := 0, 0
	tree := registry(t)
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == "registry.yaml" { // the root file is all the others in one
			return err
		}
		if seen++; seen%8 != 0 && os.Getenv("CI") != "true" {
			return nil
		}
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		got, problems := migrated(t, head, src)
		if len(problems) > 0 {
			t.Errorf("%s: %s", name, problems)
		}
		if again, _ := migrated(t, head, got); string(again) != string(got) {
			t.Errorf("%s changes a second time", name)
		}
		if strings.Contains(string(src), "description: |") || strings.Contains(string(src), "description: >") {
			return nil // a text of several lines is indented anew where it is moved to
		}
		if line := strayed(string(src), string(got)); line != "" {
			t.Errorf("%s: the line %q is another than before", name, line)
		}
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
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

// registry unpacks the aqua registry, which is too large to be kept here: $TAMER_SHARED or ../shared beside the repository holds it.
func registry(t *testing.T) fs.FS {
	shared := os.Getenv("TAMER_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	archive := filepath.Join(shared, "data", "aqua-registry", "registry-yaml.tar.xz")
	if _, err := os.Stat(archive); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the aqua registry is missing; set TAMER_SHARED to the directory that holds data/aqua-registry: %v", err)
		}
		t.Skip("without the aqua registry")
	}
	to := t.TempDir()
	if out, err := exec.Command("tar", "xJf", archive, "-C", to).CombinedOutput(); err != nil {
		t.Fatalf("unpack %s: %v: %s", archive, err, out)
	}
	return os.DirFS(to)
}
