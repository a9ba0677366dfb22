package mirror_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/mirror"
)

// A pull request in a repository of 10,000 customers with 20 files each, mirror warm: merge, changes, and the files of
// the one customer at base and merge.
func BenchmarkOneCustomerOfTenThousand(b *testing.B) {
	a, base, head := manyCustomers(b, 10_000, 20)
	m := open(b, mirror.Config{
		Dir:       b.TempDir(),
		URL:       func(forge.Repo) string { return "file://" + a.dir },
		Protocols: []string{"file"},
	})
	fetch(b, m, base, head)

	b.Run("snapshot", func(b *testing.B) {
		before := m.BlobsRead()
		for b.Loop() {
			readCustomer(b, snapshot(b, m, head.Tree()))
		}
		b.ReportMetric(float64(m.BlobsRead()-before)/float64(b.N), "blobs/op")
	})
	b.Run("merge", func(b *testing.B) {
		for b.Loop() {
			fetch(b, m, base, head)
			merged, err := m.Merge(b.Context(), shop, base, head)
			if err != nil {
				b.Fatal(err)
			}
			changes, err := m.Changes(b.Context(), shop, base.Tree(), merged.Tree)
			if err != nil || len(changes) != 1 {
				b.Fatal(changes, err)
			}
			readCustomer(b, snapshot(b, m, merged.Tree))
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			n := 0
			err := snapshot(b, m, head.Tree()).(*mirror.Snapshot).Files(".", func(string, fs.FileMode, string) bool { n++; return true })
			if err != nil || n != 200_000 {
				b.Fatal(n, err)
			}
		}
	})
}

func readCustomer(b *testing.B, tree fs.FS) {
	b.Helper()
	entries, err := fs.ReadDir(tree, "customers/c05000")
	if err != nil || len(entries) != 20 {
		b.Fatal(entries, err)
	}
	for _, e := range entries {
		if _, err := fs.ReadFile(tree, "customers/c05000/"+e.Name()); err != nil {
			b.Fatal(err)
		}
	}
}

// manyCustomers writes a repository with a branch that changes one file of one customer.
func manyCustomers(b *testing.B, customers, each int) (a *author, base, head forge.Commit) {
	b.Helper()
	a = &author{t: b, dir: b.TempDir()}
	a.git("", "init", "--quiet", "--bare", "--initial-branch=main")
	a.git("", "config", "uploadpack.allowAnySHA1InWant", "true")
	var in strings.Builder
	const by = "committer ann <ann@example.com> 1700000000 +0000\ndata 0\n"
	in.WriteString("commit refs/heads/main\nmark :1\n" + by)
	for c := range customers {
		for f := range each {
			text := fmt.Sprintf("customer: %d\nfile: %d\n", c, f)
			fmt.Fprintf(&in, "M 100644 inline customers/c%05d/type%02d.yaml\ndata %d\n%s\n", c, f, len(text), text)
		}
	}
	in.WriteString("\ncommit refs/heads/head\n" + by + "from :1\nM 100644 inline customers/c05000/type07.yaml\ndata 5\na: 1\n\n\n")
	in.WriteString("commit refs/heads/main\n" + by + "from :1\nM 100644 inline customers/c00007/type07.yaml\ndata 5\na: 1\n\n\n")
	a.git(in.String(), "fast-import", "--quiet")
	return a, forge.Commit(a.git("", "rev-parse", "main")), forge.Commit(a.git("", "rev-parse", "head"))
}
