package golden

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// Corpus makes a repository of customers with 20 types, by the generator in tools/corpus of what Aqua calls shared. A part of its
// files, from 0 to 1, gets a planted fault each; truth is the file that names them, one a line of JSON. Without the generator dir is
// empty, and in CI the test fails.
func Corpus(t testing.TB, customers, seed int, invalid float64) (dir, truth string) {
	t.Helper()
	shared := os.Getenv("TAMER_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	source := filepath.Join(shared, "tools", "corpus")
	if _, err := os.Stat(source); err != nil {
		how := "the generator of repositories is missing; set TAMER_SHARED to the directory that holds tools/corpus"
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s: %v", how, err)
		}
		t.Logf("%s: %v", how, err)
		return "", ""
	}
	program := filepath.Join(t.TempDir(), "corpus")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v: %s", source, err, out)
	}
	dir, truth = filepath.Join(t.TempDir(), "repository"), filepath.Join(t.TempDir(), "truth")
	args := []string{"--out", dir, "--customers", strconv.Itoa(customers), "--seed", strconv.Itoa(seed),
		"--invalid-rate", strconv.FormatFloat(invalid, 'f', -1, 64), "--truth", truth}
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Fatalf("generate a repository: %v: %s", err, out)
	}
	return dir, truth
}
