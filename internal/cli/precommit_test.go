package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/examples"
	"github.com/tamerhq/tamer/internal/document"
)

// A hook is what pre-commit reads of one in .pre-commit-hooks.yaml (pre-commit.com, "Creating new hooks").
type hook struct {
	entry     []string
	files     *regexp.Regexp
	filenames bool
}

func hooks(t *testing.T) map[string]hook {
	t.Helper()
	src, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	docs, found := document.Parse(src, document.Limits{})
	if len(found) > 0 {
		t.Fatal(found)
	}
	all := map[string]hook{}
	for _, one := range docs[0].Value.([]any) {
		m := one.(map[string]any)
		h := hook{entry: strings.Fields(m["entry"].(string)), files: regexp.MustCompile(m["files"].(string)), filenames: m["pass_filenames"] != false}
		// For Go it installs ./... and finds a program by the name of its directory.
		if _, err := os.Stat(filepath.Join("../../cmd", h.entry[0])); err != nil || m["language"] != "golang" || m["name"] == nil {
			t.Errorf("%v cannot be installed: %v", m, err)
		}
		all[m["id"].(string)] = h
	}
	return all
}

// run does what pre-commit does with the files of a commit: a hook fails that does not exit with 0, or changes a file.
func (h hook) run(t *testing.T, dir, path string, staged []string) string {
	t.Helper()
	names := slices.DeleteFunc(slices.Clone(staged), func(name string) bool { return !h.files.MatchString(name) })
	if len(names) == 0 {
		return "skipped"
	}
	args := h.entry[1:]
	if h.filenames {
		args = slices.Concat(args, names)
	}
	before := gitIn(t, dir, "diff")
	cmd := exec.CommandContext(t.Context(), filepath.Join(path, h.entry[0]), args...)
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), gitEnv()...), "TAMER_CACHE_DIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil:
		return "failed: " + string(out)
	case gitIn(t, dir, "diff") != before:
		return "changed files"
	}
	return "passed"
}

func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), gitEnv()...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", args[0], err, out)
	}
	return string(out)
}

// The hooks judge and format what is committed, as pre-commit runs them.
func TestPreCommit(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path, dir := t.TempDir(), t.TempDir()
	if err := os.Symlink(self, filepath.Join(path, "tamer")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, examples.Shop()); err != nil {
		t.Fatal(err)
	}
	all := hooks(t)
	gitIn(t, dir, "init", "--quiet")
	gitIn(t, dir, "add", "--all")
	all["tamer-fmt"].run(t, dir, path, []string{"x.yaml"})
	gitIn(t, dir, "add", "--all")
	gitIn(t, dir, "commit", "--quiet", "--message", "base")
	gitIn(t, dir, "checkout", "--quiet", "-b", "work")

	const segments = "customers/acme/segments.yaml"
	good, err := os.ReadFile(filepath.Join(dir, segments))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, file, text, check, format string }{
		{"another file", "NOTES.md", "x\n", "skipped", "skipped"},
		{"what is right", segments, string(good) + "\n# A remark.\n", "passed", "passed"},
		{"another style", segments, string(good) + "\n\n\n# A remark.\n", "passed", "changed files"},
		{"what is wrong", segments, string(bytes.Replace(good, []byte("id:"), []byte("idd:"), 1)), `unknown property "idd"`, "passed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(dir, c.file), []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			gitIn(t, dir, "add", "--all")
			staged := strings.Fields(gitIn(t, dir, "diff", "--cached", "--name-only"))
			for id, want := range map[string]string{"tamer-check": c.check, "tamer-fmt": c.format} {
				if got := all[id].run(t, dir, path, staged); got != want && !(strings.HasPrefix(got, "failed") && strings.Contains(got, want)) {
					t.Errorf("%s: %s, want %s", id, got, want)
				}
			}
			gitIn(t, dir, "reset", "--quiet", "--hard")
		})
	}
}
