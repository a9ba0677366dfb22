package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
	"github.com/tamerhq/tamer/internal/golden"
)

// docs/policy.md and docs/keywords.md are the pages that tamer docs writes of the schemas of tamer itself.
func TestReferencesOfSchemas(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "schemas"), 0o755))
	pages := map[string]string{"policy": "tamer", "keywords": "keywords"}
	for page, schema := range pages {
		text, err := os.ReadFile("../../schemas/" + schema + ".schema.json")
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, "schemas", page+".schema.json"), text, 0o644))
	}
	if out, err := shell(t, dir, "git init --quiet && git add --all && git commit --quiet --message base"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for page := range pages {
		path, err := filepath.Abs("../../docs/" + page + ".md")
		must(t, err)
		t.Run(page, func(t *testing.T) {
			t.Chdir(dir)
			var said bytes.Buffer
			if code := cli.Run(t.Context(), []string{"docs", "--out", "handbook"}, nil, &said, &said); code != cli.Clean {
				t.Fatalf("exit %d: %s", code, &said)
			}
			text, err := os.ReadFile("handbook/" + page + ".md")
			must(t, err)
			title, rest, _ := strings.Cut(string(text), "\n\n")
			about, table, _ := strings.Cut(rest, "\n\n- **Type**: ")
			_, table, _ = strings.Cut(table, "\n\n")
			golden.Check(t, path, title+"\n\nWritten by `go test ./internal/cli -update` with `tamer docs`, from the schema.\n\n"+about+"\n\n"+table)
		})
	}
}
