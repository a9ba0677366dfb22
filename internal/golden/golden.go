// Package golden compares what a test got with a file: one that a person has read, which `go test PACKAGE -update` writes
// anew, or public data that was fetched.
package golden

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Update tells whether the golden files are to be written anew.
func Update() bool { return *update }

// Check compares got with the file at path, or writes it with -update.
func Check(t testing.TB, path, got string) {
	t.Helper()
	if Update() {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got another text than the file holds; go test -update writes it anew, for git diff to show\n%s", path, Difference(got, string(want)))
	}
}

// Fetched gives the path of public data that is not in the repository: the value of the environment variable, which is to be
// what the script prints. Without it the test is skipped, and fails in CI, which fetches everything.
func Fetched(t testing.TB, variable, script string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		how := variable + " is not set: let it be the path that " + script + " DIRECTORY prints"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	return path
}

// Difference shows the first lines in which two texts differ.
func Difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	i := 0
	for i < len(g) && i < len(w) && g[i] == w[i] {
		i++
	}
	cut := func(lines []string) string {
		return "\t" + strings.Join(lines[i:min(len(lines), i+8)], "\n\t")
	}
	return "got:\n" + cut(g) + "\nwant:\n" + cut(w)
}
