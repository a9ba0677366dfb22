package document

import (
	"io/fs"
	"path"
	"testing"

	"github.com/tamerhq/tamer/examples"
)

// shopFiles gives the YAML files of the example repository by path.
func shopFiles(tb testing.TB) map[string]string {
	tb.Helper()
	files := map[string]string{}
	err := fs.WalkDir(examples.Shop(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(examples.Shop(), name)
		files[name] = string(text)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}
