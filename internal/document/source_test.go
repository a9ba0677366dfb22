package document

import "testing"

func TestSource(t *testing.T) {
	docs, _ := Parse([]byte("ä: \"ö ü\"\nlist: [1, two]\n"), Limits{})
	for _, c := range []struct {
		path string
		want string
	}{{"/ä", `"ö ü"`}, {"/list/1", "two"}} {
		got, ok := docs[0].Source(docs[0].Find(Tokens(c.path)).Value)
		if !ok || got != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.path, got, ok, c.want)
		}
	}
	if _, ok := docs[0].Source(docs[0].Find(nil).Value); ok {
		t.Error("the source of a whole mapping is given as if it were one line")
	}
}
