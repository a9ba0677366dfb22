package cli_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
)

// Links that came with a branch lead no command out of the repository that writes to it.
func TestLinksLeadNowhere(t *testing.T) {
	const none = "{}"
	const schemas = "layout:\n  schemas: [\"types/{type}.schema.json\"]\n"
	for name, c := range map[string]struct {
		link, to string // below the repository, and below a directory beside it
		policy   string
		args     []string
	}{
		"a new customer":    {"customers/globex", "", none, []string{"new", "globex", "--from-customer", "acme"}},
		"a new schema":      {"schemas", "", none, []string{"new", "limits", "--schema"}},
		"a first schema":    {"schemas", "", none, []string{"init"}},
		"an editor's files": {".vscode", "", schemas, []string{"editor", "vscode"}},
		"an editor's file":  {".vscode/settings.json", "profile", schemas, []string{"editor", "vscode"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, beside := t.TempDir(), t.TempDir()
			t.Chdir(dir)
			err := errors.Join(os.MkdirAll("customers/acme", 0o755), os.WriteFile("customers/acme/plan.yaml", []byte("users: 1\n"), 0o644),
				os.MkdirAll("types", 0o755), os.WriteFile("types/plan.schema.json", []byte("{}"), 0o644), os.WriteFile(".tamer.yaml", []byte(c.policy), 0o644),
				os.MkdirAll(filepath.Dir(c.link), 0o755), os.Symlink(filepath.Join(beside, c.to), c.link))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if code := cli.Run(t.Context(), c.args, nil, &out, &out); code == cli.Clean {
				t.Errorf("it says nothing of it: %s", &out)
			}
			if left, err := os.ReadDir(beside); err != nil || len(left) > 0 {
				t.Errorf("outside of the repository there are %v (%v)\n%s", left, err, &out)
			}
		})
	}
}
