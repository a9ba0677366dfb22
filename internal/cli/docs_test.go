package cli_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/examples"
	"github.com/tamerhq/tamer/internal/cli"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/policy"
	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/rule"
)

// docs/cli.md is what the commands say of themselves.
func TestDocumentation(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The command line\n\nWritten by `go test ./internal/cli -update` from the commands' own help.\n\n" +
		"Findings and results go to standard output, everything else to standard error. The exit code is 0 where nothing\n" +
		"fails, 1 where failures were found, and 2 where the command was wrong or could not run.\n")
	describe(t, &b, cli.NewRoot(), nil)
	golden.Check(t, "../../docs/cli.md", b.String())
}

// docs/rules.md is what the rules say of themselves.
func TestRules(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Rules\n\nWritten by `go test ./internal/cli -update` from the rules themselves; a test judges every example.\n\n" +
		"`tamer rules` lists them, `tamer rules ID` explains one. In brackets is the level. `checks` in `.tamer.yaml` sets\n" +
		"another, but not for rules that say that something could not be judged. Where an example is several files,\n" +
		"`-- PATH --` begins each, and `before/PATH` stood there before the change that is judged.\n")
	if err := render.RulesMarkdown(&b, rule.All); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "../../docs/rules.md", b.String())
}

func describe(t *testing.T, b *strings.Builder, cmd *cobra.Command, path []string) {
	t.Helper()
	var help bytes.Buffer
	if code := cli.Run(t.Context(), append(path, "--help"), nil, &help, &help); code != cli.Clean {
		t.Fatalf("%s --help exits with %d: %s", cmd.CommandPath(), code, &help)
	}
	fmt.Fprintf(b, "\n## %s\n\n```text\n%s```\n", cmd.CommandPath(), &help)
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			describe(t, b, sub, append(path[:len(path):len(path)], sub.Name()))
		}
	}
}

// The examples of the documentation are run, in a clone of the shop with the broken change not committed yet.
func TestExamples(t *testing.T) {
	for _, name := range []string{"README.md", "docs/checks.md", "docs/diff.md", "docs/scripting.md"} {
		t.Run(name, func(t *testing.T) {
			path, err := filepath.Abs("../../" + name)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			brokenShop(t)
			golden.Check(t, path, withRules(withOutputs(t, string(text))))
			checkPolicies(t, string(text))
		})
	}
}

// brokenShop makes the clone, and goes there.
func brokenShop(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, examples.Shop()); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "--all"}, {"commit", "--quiet", "--message", "base"}} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), gitEnv()...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args[0], err, out)
		}
	}
	files, _, err := examples.Change("broken")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

// withOutputs runs what stands after "$ " in blocks of the language console, and gives the text with what it prints.
func withOutputs(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	code, within := 0, false
	for line := range strings.Lines(text) {
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case strings.HasPrefix(line, "```"):
			within = line == "```console\n"
		case within && !isCommand:
			continue // what it printed when this was last written
		}
		b.WriteString(line)
		if !within || !isCommand {
			continue
		}
		words := strings.Fields(command)
		switch {
		case words[0] == "tamer":
			code = cli.Run(t.Context(), expand(t, words[1:]), strings.NewReader(""), &b, &b)
		case strings.Join(words, " ") == "echo $?":
			fmt.Fprintln(&b, code)
		default:
			t.Fatalf("only tamer and echo $? can be run: %s", command)
		}
	}
	return b.String()
}

// expand does what a shell does with an asterisk.
func expand(t *testing.T, words []string) []string {
	t.Helper()
	var args []string
	for _, w := range words {
		found, err := fs.Glob(os.DirFS("."), w)
		if err != nil || len(found) == 0 {
			found = []string{w}
		}
		args = append(args, found...)
	}
	return args
}

// withRules writes the table of rules between its marks, where the text has them.
func withRules(text string) string {
	const begin, end = "<!-- rules: written by go test ./internal/cli -update -->\n", "<!-- end -->\n"
	head, rest, ok := strings.Cut(text, begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return text
	}
	var b strings.Builder
	b.WriteString("\n| rule | level | what holds |\n|---|---|---|\n")
	for _, r := range rule.All {
		fmt.Fprintf(&b, "| [`%s`](rules.md#%s) | %s | %s |\n", r.ID, r.ID, r.Level, r.Purpose)
	}
	return head + begin + b.String() + "\n" + end + tail
}

// checkPolicies reads the policies that the text shows.
func checkPolicies(t *testing.T, text string) {
	t.Helper()
	for _, block := range strings.Split(text, "```yaml\n")[1:] {
		src, _, _ := strings.Cut(block, "```")
		if _, found := policy.Parse([]byte(src)); len(found) > 0 {
			t.Errorf("this policy cannot be read: %+v\n%s", found, src)
		}
	}
}
