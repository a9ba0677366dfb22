package schema_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/tamerhq/tamer/internal/schema"
)

// A link beside a schema is not read, not even to learn its $id.
func TestLinkIsNoSchema(t *testing.T) {
	dir, beside := t.TempDir(), t.TempDir()
	err := errors.Join(
		os.WriteFile(filepath.Join(beside, "x.json"), []byte(`{"$id": "https://example.com/x"}`), 0o600),
		os.Symlink(filepath.Join(beside, "x.json"), filepath.Join(dir, "x.json")),
		os.WriteFile(filepath.Join(dir, "plan.json"), []byte(`{"$ref": "https://example.com/x"}`), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	if compiled, found := schema.NewSet(os.DirFS(dir)).Compile("plan.json"); compiled != nil || len(found) == 0 {
		t.Errorf("the schema is compiled with a file from elsewhere: %v", found)
	}
}
