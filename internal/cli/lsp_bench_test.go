package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/examples"
	"github.com/tamerhq/tamer/internal/lsp/lsptest"
)

// largeShop makes a clone with the shop's Acme 4,000 times: 20,000 files of customers. It is too large to be made by every test.
func largeShop(b *testing.B) string {
	dir := b.TempDir()
	if err := os.CopyFS(dir, examples.Shop()); err != nil {
		b.Fatal(err)
	}
	for i := range 4000 {
		if err := os.CopyFS(filepath.Join(dir, fmt.Sprintf("customers/acme-%d", i)), os.DirFS(filepath.Join(dir, "customers/acme"))); err != nil {
			b.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "--all"}, {"commit", "--quiet", "--message", "base"}} {
		cmd := exec.CommandContext(b.Context(), "git", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), gitEnv()...)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("git %s: %v\n%s", args[0], err, out)
		}
	}
	return dir
}

// What an editor waits for in a repository of 20,000 files, each after another key was pressed. On two processors that others used too:
// completion 2.3 ms, a diagnostic 7.4 ms, rename 6.2 ms, references 0.3 ms.
func BenchmarkLSP(b *testing.B) {
	root := largeShop(b)
	c := serveEditor(b, root)
	const campaigns, segments = "customers/acme-7/campaigns.yaml", "customers/acme-7/segments.yaml"
	text, targets := textOf(b, root, campaigns), textOf(b, root, segments)
	c.Open(campaigns, text)
	c.Open(segments, targets)
	c.Diagnostics(campaigns, none)
	at := strings.Index(text, "segment: lapsed") + len("segment: lapse")
	target := strings.Index(targets, "id: lapsed") + len("id: la")
	c.Completions(campaigns, at) // the first one waits for all files to be read
	press := func(i int) { c.Change(campaigns, at, at+1, string(rune("ed"[i%2]))) }

	b.Run("completion", func(b *testing.B) {
		for i := range b.N {
			press(i)
			if len(c.Completions(campaigns, at)) == 0 {
				b.Fatal("nothing is offered")
			}
		}
	})
	b.Run("diagnostic", func(b *testing.B) {
		c.Change(campaigns, at, at+1, "d")
		c.Diagnostics(campaigns, none)
		b.ResetTimer()
		for range b.N {
			c.Change(campaigns, at, at+1, "e")
			c.Diagnostics(campaigns, some)
			c.Change(campaigns, at, at+1, "d")
			c.Diagnostics(campaigns, none)
		}
		b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(2*b.N), "ms/diagnostic")
	})
	b.Run("rename", func(b *testing.B) {
		for i := range b.N {
			c.Change(campaigns, len(text)-1, len(text)-1, " ")
			params := c.At(segments, target)
			params["newName"] = fmt.Sprintf("lost-%d", i)
			c.Call("textDocument/rename", params, nil)
		}
	})
	b.Run("references", func(b *testing.B) {
		for range b.N {
			params := c.At(segments, target)
			params["context"] = map[string]any{"includeDeclaration": true}
			c.Call("textDocument/references", params, nil)
		}
	})
}

func none(d []lsptest.Diagnostic) bool { return len(d) == 0 }
func some(d []lsptest.Diagnostic) bool { return len(d) > 0 }
