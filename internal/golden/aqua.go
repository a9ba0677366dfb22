package golden

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Aqua unpacks the aqua registry, a repository of thousands of YAML files that people wrote, and gives the JSON Schema that they
// fit. It is too large to be kept here: $TAMER_SHARED or ../shared beside the repository holds it. Without it the tree is nil, and
// in CI the test fails.
func Aqua(t testing.TB) (tree fs.FS, schema []byte) {
	t.Helper()
	shared := os.Getenv("TAMER_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(shared, "data", "aqua-registry")
	archive := filepath.Join(dir, "registry-yaml.tar.xz")
	if _, err := os.Stat(archive); err != nil {
		how := "the aqua registry is missing; set TAMER_SHARED to the directory that holds data/aqua-registry"
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s: %v", how, err)
		}
		t.Logf("%s: %v", how, err)
		return nil, nil
	}
	schema, err := os.ReadFile(filepath.Join(dir, "registry.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	if out, err := exec.Command("tar", "xJf", archive, "-C", to).CombinedOutput(); err != nil {
		t.Fatalf("unpack %s: %v: %s", archive, err, out)
	}
	return os.DirFS(to), schema
}

// AquaFiles names the files of the registry, but for the one at its root, which is all the others in one. Outside of CI it is
// every eighth: all of them take a minute under the race detector.
func AquaFiles(t testing.TB, tree fs.FS) []string {
	t.Helper()
	var all []string
	seen := 0
	err := fs.WalkDir(tree, "pkgs", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if seen++; seen%8 == 0 || os.Getenv("CI") == "true" {
			all = append(all, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
