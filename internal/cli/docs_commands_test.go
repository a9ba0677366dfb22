package cli_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/tamerhq/tamer/internal/cli"
)

// others are programs that the documentation has people run beside tamer and Go, and what is seen of these commands by a test.
var others = map[string]string{
	"aws":     "the examples of reading-configuration.md, by the tests of internal/sink/s3",
	"diff":    "TestCommandsRun",
	"docker":  "the Dockerfile, by .ci/image; the names of settings here",
	"export":  "the names of settings here",
	"git":     "TestCommandsRun",
	"helm":    "the chart, by .ci/chart; the names of values here",
	"kubectl": "the chart, by .ci/chart",
	"npx":     "nothing: it needs the internet",
	"python3": "the programs that it runs, by the tests of internal/app and internal/sink/hook",
	"ssh":     "nothing: it needs another machine",
}

// A command is one that the documentation has people run.
type command struct {
	doc, text string
	words     []string
}

// A block is what stands between fences.
type block struct{ doc, language, text string }

// blocks are those of all pages, in order.
func blocks(t *testing.T) []block {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	must(t, err)
	var all []block
	for _, path := range append(pages, "../../README.md") {
		text, err := os.ReadFile(path)
		must(t, err)
		for i, part := range strings.Split("\n"+string(text), "\n```") {
			language, body, _ := strings.Cut(part, "\n")
			if i%2 == 1 {
				all = append(all, block{filepath.Base(path), language, body})
			}
		}
	}
	return all
}

// commands are those of a block: its lines, after "$ " where their output is shown, too.
func (b block) commands() []command {
	var all []command
	text := strings.ReplaceAll(b.text, "\\\n", "")
	for line := range strings.Lines(text) {
		switch b.language {
		case "console":
			typed, ok := strings.CutPrefix(line, "$ ")
			if !ok {
				continue
			}
			line = typed
		case "sh":
		case "text": // the help of a command
			if b.doc != "cli.md" || !strings.HasPrefix(line, "  tamer ") || strings.ContainsAny(line, "[<") {
				continue
			}
		default:
			continue
		}
		if w := words(line); len(w) > 0 && w[0] != "echo" {
			all = append(all, command{b.doc, strings.TrimSpace(line), w})
		}
	}
	return all
}

// aWord is one of a shell's, with its quotes.
var aWord = regexp.MustCompile(`(?:'[^']*'|"[^"]*"|[^\s'"])+`)

// words are those of the first command of a line, without settings before it, quotes, and what is behind it.
func words(line string) []string {
	var all []string
	for _, w := range aWord.FindAllString(line, -1) {
		switch {
		case strings.HasPrefix(w, "#") || strings.HasPrefix(w, ">") || w == "|" || w == "&&":
			return all
		case len(all) == 0 && strings.Contains(w, "="): // NAME=VALUE before the program
			continue
		}
		all = append(all, strings.NewReplacer(`'`, "", `"`, "").Replace(w))
	}
	return all
}

// What the documentation has people type is there: commands and flags of tamer, packages and tests, settings, values of the chart.
func TestCommandsAreThere(t *testing.T) {
	n := 0
	for _, b := range blocks(t) {
		for _, c := range b.commands() {
			n++
			c.check(t)
		}
	}
	if n < 100 {
		t.Errorf("only %d commands were found", n)
	}
}

func (c command) check(t *testing.T) {
	t.Helper()
	switch program, args := strings.TrimPrefix(c.words[0], "./"), c.words[1:]; program {
	case "tamer":
		checkTamer(t, c, args)
	case "go":
		checkGo(t, c, args)
	case "helm":
		checkHelm(t, c, args)
	default:
		if others[program] == "" {
			t.Errorf("%s: nothing is known of the program %s in %q; see others in this test", c.doc, program, c.text)
		}
	}
}

// checkTamer has the command line read the arguments, without running anything.
func checkTamer(t *testing.T, c command, args []string) {
	t.Helper()
	cmd, rest, err := found(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil {
		t.Errorf("%s: %q: %v", c.doc, c.text, err)
	}
}

// found gives the command that the arguments name, and the other arguments.
func found(args []string) (*cobra.Command, []string, error) {
	root := cli.NewRoot()
	root.InitDefaultCompletionCmd(args...)
	cmd, rest, err := root.Find(args)
	if cmd != nil {
		cmd.InitDefaultHelpFlag()
	}
	return cmd, rest, err
}

// checkGo looks for the packages, and for the tests that -run and -bench name.
func checkGo(t *testing.T, c command, args []string) {
	t.Helper()
	var tests string
	for i, arg := range args {
		switch {
		case arg == "./cmd/tamer" && args[0] == "run":
			checkTamer(t, c, args[i+1:])
			return
		case strings.HasPrefix(arg, "./") && arg != "./...":
			files, err := filepath.Glob("../../" + arg + "/*.go")
			must(t, err)
			if len(files) == 0 {
				t.Errorf("%s: %q: there is no package %s", c.doc, c.text, arg)
			}
			for _, file := range files {
				src, err := os.ReadFile(file)
				must(t, err)
				tests += string(src)
			}
		case (args[max(i-1, 0)] == "-run" || args[max(i-1, 0)] == "-bench") && arg != "^$":
			for name := range strings.SplitSeq(strings.Trim(arg, "^$"), "|") {
				if !regexp.MustCompile(`func (Test|Benchmark|Fuzz)\w*` + strings.TrimPrefix(name, "Test") + `\w*\(`).MatchString(tests) {
					t.Errorf("%s: %q: there is no test %s", c.doc, c.text, name)
				}
			}
		}
	}
}

// checkHelm looks for the values that --set names.
func checkHelm(t *testing.T, c command, args []string) {
	t.Helper()
	type part struct{ Properties map[string]json.RawMessage }
	for i, arg := range args {
		if i == 0 || args[i-1] != "--set" {
			continue
		}
		text, err := os.ReadFile("../../charts/tamer/values.schema.json")
		must(t, err)
		path, _, _ := strings.Cut(arg, "=")
		for key := range strings.SplitSeq(path, ".") {
			var p part
			must(t, json.Unmarshal(text, &p))
			if text = p.Properties[key]; text == nil {
				t.Errorf("%s: %q: the chart has no value %s", c.doc, c.text, path)
				break
			}
		}
	}
}

var (
	aSpan    = regexp.MustCompile("`(?:TAMER_\\w+=\\S+ )*((?:tamer|go test) [^`]+)`")
	aFlag    = regexp.MustCompile(`(?:^|[ \[])(--[a-z][a-z-]*)`)
	aSetting = regexp.MustCompile(`\bTAMER_[A-Z][A-Z_0-9]*[A-Z0-9]\b`)
)

// What stands within sentences is there, too: commands with their flags, and the names of settings.
func TestCommandsInSentences(t *testing.T) {
	known := settingsInCode(t)
	pages, err := filepath.Glob("../../docs/*.md")
	must(t, err)
	for _, path := range append(pages, "../../README.md") {
		text, err := os.ReadFile(path)
		must(t, err)
		page := filepath.Base(path)
		for _, name := range aSetting.FindAllString(string(text), -1) {
			if !known[name] && !known[strings.TrimSuffix(name, "_FILE")] {
				t.Errorf("%s: nothing reads %s", page, name)
			}
		}
		for _, span := range aSpan.FindAllStringSubmatch(string(text), -1) {
			c := command{page, span[1], words(span[1])}
			if c.words[0] == "go" {
				c.check(t)
				continue
			}
			cmd, rest, err := found(c.words[1:])
			if err != nil || cmd.HasSubCommands() && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
				t.Errorf("%s: there is no %q: %v", page, c.text, err)
				continue
			}
			for _, flag := range aFlag.FindAllStringSubmatch(c.text, -1) {
				if name := strings.TrimPrefix(flag[1], "--"); cmd.Flags().Lookup(name) == nil && cmd.InheritedFlags().Lookup(name) == nil {
					t.Errorf("%s: %q: %s has no %s", page, c.text, cmd.CommandPath(), flag[1])
				}
			}
		}
	}
}

// settingsInCode are the variables that some Go file, or a script beside it, names.
func settingsInCode(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	root := os.DirFS("../..")
	for _, dir := range []string{"internal", "cmd", "benchmarks"} {
		err := fs.WalkDir(root, dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
				return nil
			}
			src, err := fs.ReadFile(root, path)
			maps.Insert(all, maps.All(namesIn(string(src))))
			return err
		})
		must(t, err)
	}
	return all
}

func namesIn(src string) map[string]bool {
	all := map[string]bool{}
	for name := range slices.Values(aSetting.FindAllString(src, -1)) {
		all[name] = true
	}
	return all
}
