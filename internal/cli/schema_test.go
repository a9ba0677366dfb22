package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
)

// Who is interrupted says nothing of the schemas, and ends as one who could not run.
func TestSchemaDiffInterrupted(t *testing.T) {
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "old.json"), filepath.Join(dir, "new.json")}
	for i, text := range []string{`{"type": "string"}`, `{"type": "integer"}`} {
		if err := os.WriteFile(paths[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, told bytes.Buffer
	code := cli.Run(ctx, []string{"schema", "diff", paths[0], paths[1]}, strings.NewReader(""), &out, &told)
	if code != cli.Misuse || out.Len() > 0 || !strings.Contains(told.String(), "canceled") {
		t.Errorf("exit %d, said %q, told %q", code, &out, &told)
	}
}
