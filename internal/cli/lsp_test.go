package cli_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/cli"
	"github.com/tamerhq/tamer/internal/lsp/lsptest"
)

// serveEditor runs `tamer lsp` for an editor that has a directory open.
func serveEditor(t testing.TB, root string) *lsptest.Client {
	t.Helper()
	t.Setenv("TAMER_CACHE_DIR", t.TempDir())
	in, write := io.Pipe()
	read, out := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		var said strings.Builder
		code := cli.Run(context.WithoutCancel(t.Context()), []string{"lsp"}, in, out, &said)
		out.Close()
		if code != cli.Clean {
			t.Errorf("tamer lsp exits with %d: %s", code, &said)
		}
		ended <- code
	}()
	t.Cleanup(func() { <-ended })
	return lsptest.Start(t, write, read, root, nil)
}

func textOf(t testing.TB, root, path string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func TestLSPCompletes(t *testing.T) {
	brokenShop(t)
	root, _ := os.Getwd()
	c := serveEditor(t, root)
	const path = "customers/acme/campaigns.yaml"
	text := textOf(t, root, path)
	c.Open(path, text)
	at := strings.Index(text, "segment: lapsed") + len("segment: ")
	var labels []string
	for _, item := range c.Completions(path, at) {
		labels = append(labels, item.Label)
	}
	t.Log(labels)
	c.Diagnostics(path, func(d []lsptest.Diagnostic) bool { return len(d) == 0 })
	c.Change(path, at, at+len("lapsed"), "lapse")
	t.Log(c.Diagnostics(path, func(d []lsptest.Diagnostic) bool { return len(d) > 0 }))
}
