package render_test

import (
	"bytes"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/golden"
	"github.com/tamerhq/tamer/internal/governance"
	"github.com/tamerhq/tamer/internal/render"
)

// What tamer approvals prints: one approval that counts nowhere any more, one that counts, one commit of which nobody knows whose it is.
func TestApprovalsFormats(t *testing.T) {
	one := gated(review(2, governance.Approved, firstCommit), review(4, governance.Approved, secondCommit))
	one.Unknown = []forge.Authorship{{Commit: firstCommit, Unknown: "the e-mail of co-author \"X <x@example.com>\" belongs to no account"}}
	one.Notes = []string{"A note."}
	var out bytes.Buffer
	for _, f := range render.ApprovalsFormats {
		out.WriteString("=== " + f.Name + " ===\n")
		if err := f.Write(&out, render.Approvals{one, {Page: page, Base: "next", Problem: "the policy cannot be read"}}); err != nil {
			t.Fatal(err)
		}
	}
	golden.Check(t, "testdata/approvals-formats.golden", out.String())
}
