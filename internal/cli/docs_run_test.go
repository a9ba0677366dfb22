package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tamerhq/tamer/examples"
)

// seen are commands that do not end, or need a GitHub, and the tests that run them.
var seen = map[string]string{
	"tamer serve":  "cmd/tamer and internal/app",
	"tamer doctor": "TestDoctorOfARepository",
	"tamer demo":   "internal/demo, and .ci/run",
}

// withGolden are the pages whose output TestExamples keeps up to date.
var withGolden = []string{"README.md", "checks.md", "diff.md", "scripting.md"}

// What pages have people type does what it should, in the order in which it stands there. For each such page testdata/docs has an archive: the
// repository in which its commands are run, after the script at its beginning. That may print lines OLD NEW, for what is another word each time,
// such as a commit. Without files in the archive the repository is the shop of the examples.
func TestCommandsRun(t *testing.T) {
	pages := map[string][]block{}
	for _, b := range blocks(t) {
		if b.isRun() {
			pages[b.doc] = append(pages[b.doc], b)
		}
	}
	for page, typed := range pages {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			dir, fresh := repositoryOf(t, page)
			for _, b := range typed {
				if b.language == "sh" {
					if out, err := shell(t, dir, "set -eu\n"+fresh.Replace(b.text)); err != nil {
						t.Errorf("%v:\n%s\n%s", err, b.text, out)
					}
					continue
				}
				for _, example := range strings.Split("\n"+strings.TrimSuffix(b.text, "\n"), "\n$ ")[1:] {
					line, want, _ := strings.Cut(example, "\n")
					out, _ := shell(t, dir, fresh.Replace(line))
					if got := strings.TrimRight(out, "\n"); !like(fresh.Replace(want), got) {
						t.Errorf("%s prints\n%s\nand not\n%s", line, got, want)
					}
				}
			}
		})
	}
}

// isRun says whether TestCommandsRun runs the block: if it needs nothing but tamer, and what every machine here has.
func (b block) isRun() bool {
	if b.language != "sh" && b.language != "console" || slices.Contains(withGolden, b.doc) {
		return false
	}
	for _, c := range b.commands() {
		if !slices.Contains([]string{"tamer", "git", "diff"}, c.words[0]) || seen[strings.Join(c.words[:min(2, len(c.words))], " ")] != "" {
			return false
		}
	}
	return len(b.commands()) > 0
}

// like says whether the text is as expected, where a line that is … stands for any lines.
func like(want, got string) bool {
	pattern := regexp.QuoteMeta(want)
	return regexp.MustCompile(`^(?s:` + strings.ReplaceAll(pattern, "…", ".*") + `)$`).MatchString(got)
}

// repositoryOf makes the page's repository, with all its files committed, and runs its script.
func repositoryOf(t *testing.T, page string) (dir string, fresh *strings.Replacer) {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/docs/" + strings.TrimSuffix(page, ".md") + ".txtar")
	if err != nil {
		t.Fatalf("%s has commands, and no archive to run them in: %v", page, err)
	}
	dir = filepath.Join(t.TempDir(), "repository")
	if len(archive.Files) == 0 {
		must(t, os.CopyFS(dir, examples.Shop()))
	}
	for _, f := range archive.Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, f.Data, 0o644))
	}
	out, err := shell(t, dir, "set -eu\ngit init --quiet\ngit add --all\ngit commit --quiet --message base\n"+string(archive.Comment))
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var pairs []string
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) == 2 {
			pairs = append(pairs, f...)
		}
	}
	return dir, strings.NewReplacer(pairs...)
}

// shell runs a script, and gives all that it prints.
func shell(t *testing.T, dir, script string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	cmd.Dir = dir // and nothing to read: nobody is asked anything
	cmd.Env = append(append(os.Environ(), gitEnv()...), "TAMER_CACHE_DIR="+filepath.Join(dir, "../cache"), fmt.Sprintf("TAMER_SINK=file:%s", filepath.Join(dir, "../sink")))
	out, err := cmd.CombinedOutput()
	return string(out), err
}
