package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/lsp/lsptest"
)

// setUpEditor runs `tamer editor vscode`, and gives what VS Code would hand to a server of the settings that this has written, by
// their first names.
func setUpEditor(t *testing.T) map[string]any {
	t.Helper()
	var out bytes.Buffer
	if code := cli.Run(t.Context(), []string{"editor", "vscode"}, nil, &out, &out); code != cli.Clean {
		t.Fatalf("tamer editor exits with %d: %s", code, &out)
	}
	src, err := os.ReadFile(".vscode/settings.json")
	if err != nil {
		t.Fatal(err)
	}
	var flat map[string]any
	if err := json.Unmarshal(src, &flat); err != nil {
		t.Fatal(err)
	}
	sections := map[string]any{}
	for name, v := range flat {
		first, rest, _ := strings.Cut(name, ".")
		if sections[first] == nil {
			sections[first] = map[string]any{}
		}
		sections[first].(map[string]any)[rest] = v
	}
	return sections
}

// yaml-language-server completes and judges with the settings that tamer editor has written.
func TestYAMLLanguageServer(t *testing.T) {
	program := golden.Fetched(t, "TAMER_YAML_LANGUAGE_SERVER", "tools/yaml-language-server/fetch")
	brokenShop(t)
	settings := setUpEditor(t)
	root, err := filepath.EvalSymlinks(".")
	if err == nil {
		root, err = filepath.Abs(root)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", program, "--stdio")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has been told to end
		_ = cmd.Wait()
	})
	c := lsptest.Start(t, in, out, root, settings)

	const path = "customers/globex/campaigns.yaml"
	text := textOf(t, root, path)
	c.Open(path, text)
	says := func(part string) func([]lsptest.Diagnostic) bool {
		return func(all []lsptest.Diagnostic) bool {
			return slices.ContainsFunc(all, func(d lsptest.Diagnostic) bool { return strings.Contains(d.Message, part) })
		}
	}
	c.Diagnostics(path, says("discount_precent"))
	offers := func(offset int, label string) {
		t.Helper()
		var labels []string
		for _, item := range c.Completions(path, offset) {
			labels = append(labels, item.Label)
		}
		if !slices.Contains(labels, label) {
			t.Errorf("%q is not offered, but %q", label, labels)
		}
	}
	offers(strings.Index(text, "status: running")+len("status: "), "paused")
	line := strings.Index(text, "    budget: 30000 USD")
	c.Change(path, line, line, "    \n")
	offers(line+len("    "), "send_at")

	c.Open(".tamer.yaml", "checks:\n  schema-missing: loud\n")
	c.Diagnostics(".tamer.yaml", says("failure"))
}

// The problem matchers find in what tamer check prints what it says.
func TestProblemMatchers(t *testing.T) {
	brokenShop(t)
	setUpEditor(t)
	src, err := os.ReadFile(".vscode/tasks.json")
	if err != nil {
		t.Fatal(err)
	}
	var tasks struct {
		Tasks []struct {
			Args           []string
			ProblemMatcher []struct {
				Severity string
				Pattern  struct{ Regexp string }
			}
		}
	}
	if err := json.Unmarshal(src, &tasks); err != nil {
		t.Fatal(err)
	}
	task := tasks.Tasks[0]
	var out, errs bytes.Buffer
	cli.Run(t.Context(), task.Args, nil, &out, &errs)
	var found []string
	for line := range strings.Lines(out.String()) {
		for _, m := range task.ProblemMatcher {
			if at := regexp.MustCompile(m.Pattern.Regexp).FindStringSubmatch(strings.TrimSuffix(line, "\n")); at != nil {
				found = append(found, fmt.Sprintf("%s:%s:%s %s %s", at[1], at[2], at[3], m.Severity, at[5]))
			}
		}
	}
	want := []string{"customers/globex/campaigns.yaml:9:13 error type", "customers/globex/campaigns.yaml:34:5 error required",
		"customers/globex/campaigns.yaml:40:5 error unknown-property", "customers/initech/retention.yaml:11:16 error type",
		"customers/initech/retention.yaml:13:18 error enum", "customers/initech/retention.yaml:21:5 error required"}
	if !slices.Equal(found, want) {
		t.Errorf("got %q, want %q; of\n%s%s", found, want, &out, &errs)
	}
}
