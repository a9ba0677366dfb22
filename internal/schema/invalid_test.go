package schema

import (
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tamerhq/tamer/internal/golden"
)

// What is said of schemas that are none, to be read as prose.
func TestInvalid(t *testing.T) {
	golden.Prose(t, "testdata/invalid", func(c txtar.File) (shown, told string) {
		_, found := NewSet(fstest.MapFS{c.Name: {Data: c.Data}}).Compile(c.Name)
		return string(c.Data), toldOf(found)
	})
}
