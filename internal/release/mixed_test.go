package release_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/tamerhq/tamer/internal/release"
)

// Files that are put in, replaced, taken away, and that make directories where there were none.
func TestMixed(t *testing.T) {
	below := fstest.MapFS{}
	for _, name := range []string{"a/x", "a/y", "b/x", "c"} {
		below[name] = &fstest.MapFile{Data: []byte("below")}
	}
	m := release.Mix(below, map[string][]byte{"a/x": nil, "a/y": []byte("own"), "d/e/f": []byte("own"), "c/g": []byte("own")})
	if err := fstest.TestFS(m, "a/y", "b/x", "d/e/f", "c/g"); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{"a/x": "", "a/y": "own", "b/x": "below", "c/g": "own", "d/e/f": "own"} {
		if got, err := fs.ReadFile(m, name); string(got) != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
	if _, err := fs.Stat(release.Mix(below, map[string][]byte{"a": []byte("own")}), "a/x"); err == nil {
		t.Error("there is a file below a file")
	}
}
