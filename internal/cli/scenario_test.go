package cli_test

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/scenario"
)

func checkScenario(t *testing.T, s scenario.Scenario) {
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), gitEnv()...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	git("init", "--quiet")
	s.Base.Write(t, dir)
	git("add", "--all")
	git("commit", "--quiet", "--allow-empty", "--message", "base")
	git("switch", "--quiet", "--create", "change")
	changes := s.Changes()
	slices.SortStableFunc(changes, func(a, b forge.Change) int { return cmp.Compare(b.Kind, a.Kind) }) // removed, modified, added
	for i, ch := range changes {
		path := filepath.Join(dir, filepath.FromSlash(ch.Path))
		if err := os.Remove(path); err != nil && ch.Kind != forge.Added {
			t.Fatal(err)
		}
		for up := filepath.Dir(path); os.Remove(up) == nil; up = filepath.Dir(up) { // git keeps no empty directory
		}
		s.Head.Only(ch.Path).Write(t, dir)
		if i%2 == 0 {
			git("add", "--all")
			git("commit", "--quiet", "--message", "a part of the change")
		}
	}
	t.Chdir(dir)
	var stdout, stderr bytes.Buffer
	code := cli.Run(t.Context(), []string{"check"}, strings.NewReader(""), &stdout, &stderr)
	if got, want := withoutLines(stdout.String()), s.Want(t, "want"); got != want {
		t.Errorf("%s\nstderr: %s", golden.Difference(got, want), &stderr)
	}
	want := cli.Clean
	if strings.Contains(stdout.String(), ": failure: ") {
		want = cli.Failures
	}
	if code != want {
		t.Errorf("exit code %d, want %d\nstderr: %s", code, want, &stderr)
	}
}

// sourceLine is a line of a file that text shows, or the mark below one.
var sourceLine = regexp.MustCompile(`(?m)^\t *[0-9]* \| .*\n`)

// withoutLines leaves out what the scenarios hold already: the lines of the files.
func withoutLines(text string) string { return sourceLine.ReplaceAllString(text, "") }
