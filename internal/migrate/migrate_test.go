package migrate_test

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tamerhq/tamer/internal/document"
	"github.com/tamerhq/tamer/internal/edit"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/migrate"
	"github.com/tamerhq/tamer/internal/schema"
)

// Each archive is a schema, a config that was written for an earlier one, and what becomes of it. A second time nothing changes.
func TestDocuments(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range archives {
		t.Run(filepath.Base(path), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files := fstest.MapFS{}
			for _, f := range archive.Files {
				files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			head, found := schema.NewSet(files).Compile("head.yaml")
			if head == nil {
				t.Fatal(found)
			}
			got, problems := migrated(t, head, files["config.yaml"].Data)
			check(t, "the config", string(got), string(files["want.yaml"].Data))
			wanted := ""
			if f := files["problems"]; f != nil {
				wanted = string(f.Data)
			}
			check(t, "problems", strings.Join(problems, "\n"), strings.TrimSpace(wanted))
			if again, _ := migrated(t, head, got); string(again) != string(got) {
				t.Errorf("a second time:\n%s", golden.Difference(string(again), string(got)))
			}
		})
	}
}

func migrated(t *testing.T, head *schema.Schema, src []byte) ([]byte, []string) {
	t.Helper()
	docs, found := document.Parse(src, document.Limits{})
	if len(found) > 0 {
		t.Fatal(found)
	}
	changes, problems := migrate.Documents(head, "acme", docs)
	out, err := edit.Apply("config.yaml", src, changes, document.Limits{})
	if err != nil {
		return src, append(problems, err.Error())
	}
	return out, problems
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s", what, golden.Difference(got, want))
	}
}
