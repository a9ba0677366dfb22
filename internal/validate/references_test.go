package validate_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/validate"
)

// Guessing what was meant compares with many names: in a file that is wrong throughout it ends, and what is wrong is said all the same.
func TestGuessesAreBounded(t *testing.T) {
	var names, refs strings.Builder
	for i := range 60 {
		fmt.Fprintf(&names, "- name%03d\n", i)
		fmt.Fprintf(&refs, "- nome%03d\n", i)
	}
	r, err := validate.Tree(fstest.MapFS{
		"schemas/a.schema.yaml": {Data: []byte("{}")},
		"schemas/b.schema.yaml": {Data: []byte("items: {x-tamer-ref: {type: a, path: /*}}\n")},
		"customers/acme/a.yaml": {Data: []byte(names.String())},
		"customers/acme/b.yaml": {Data: []byte(refs.String())},
	}, validate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	guessed := strings.Count(fmtFindings(r), "did you mean")
	if len(r.Findings) != 60 || guessed != 50 {
		t.Errorf("%d findings, %d with a guess; want 60 and 50", len(r.Findings), guessed)
	}
}
