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

// What takes the square of a file's size ends, and says so; made again on what it gives, the migration goes on.
func TestBounds(t *testing.T) {
	for name, c := range map[string]struct {
		schema, config    string
		changes, problems int
		says              string
	}{
		"changes": {`{"items": {"items": {"x-tamer-renamed-values": {"old": "new"}}}}`, strings.Repeat("- ["+strings.Repeat("old, ", 100)+"old]\n", 100), 10_000, 1,
			"more than the first 10000 changes take too long at once: migrate it again"},
		"one long list": {`{"items": {"x-tamer-renamed-values": {"old": "new"}}}`, strings.Repeat("- old\n", 300) + strings.Repeat("- other\n", 99_700), 200, 1,
			"more than the first 200 changes"},
		"problems": {`{"items": {"properties": {"n": {"x-tamer-renamed-from": ["o"]}}}}`, strings.Repeat("- {o: 1, n: 2}\n", 200), 0, 101,
			"more than 100 problems"},
	} {
		t.Run(name, func(t *testing.T) {
			head, found := schema.NewSet(fstest.MapFS{"head.json": {Data: []byte(c.schema)}}).Compile("head.json")
			if head == nil {
				t.Fatal(found)
			}
			docs, found := document.Parse([]byte(c.config), document.Limits{})
			if len(found) > 0 {
				t.Fatal(found)
			}
			changes, problems := migrate.Documents(head, "acme", docs)
			if len(changes) != c.changes || len(problems) != c.problems || !strings.Contains(problems[len(problems)-1], c.says) {
				t.Errorf("%d changes, %d problems, %s", len(changes), len(problems), problems[max(len(problems)-1, 0):])
			}
		})
	}
}
