package validate_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/render"
	"github.com/tamerhq/tamer/internal/scenario"
	"github.com/tamerhq/tamer/internal/validate"
)

// Every scenario, judged by the core alone.
func TestTree(t *testing.T) {
	for _, s := range scenario.Load(t, "testdata") {
		t.Run(s.Name, func(t *testing.T) {
			base, head := t.TempDir(), t.TempDir()
			s.Base.Write(t, base)
			s.Head.Write(t, head)
			r, err := validate.Tree(os.DirFS(head), validate.Options{Base: os.DirFS(base), Changes: s.Changes(), Now: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := render.Text(&b, r, render.Options{}); err != nil {
				t.Fatal(err)
			}
			s.Check(t, "want", b.String())
		})
	}
}
