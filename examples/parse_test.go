package examples

import (
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	files, removed := parse([]byte("A title.\nremoved: customers/a/b.yaml\nremoved: old file.yaml\n-- c/d.yaml --\nx: 1\n-- empty --\n"))
	if want := []string{"customers/a/b.yaml", "old file.yaml"}; !slices.Equal(removed, want) {
		t.Errorf("removed %q, want %q", removed, want)
	}
	if len(files) != 2 || string(files["c/d.yaml"]) != "x: 1\n" || string(files["empty"]) != "" {
		t.Errorf("files %q", files)
	}
}
