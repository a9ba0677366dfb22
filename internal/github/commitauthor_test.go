package github

import (
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

// Whose a commit is takes one call, of one of its files; nobody is told where GitHub knows nobody.
func TestCommitAuthor(t *testing.T) {
	h, client := newHub(t)
	at := forge.Commit(strings.Repeat("a", 40))
	path := "GET /repos/acme/configs/commits/" + string(at)
	for author, want := range map[string]forge.User{
		`{"id":7,"login":"ann","type":"User"}`:             {ID: 7, Login: "ann"},
		`{"id":9,"login":"helper[bot]","type":"Bot"}`:      {ID: 9, Login: "helper[bot]", Bot: true},
		`{"id":19864447,"login":"web-flow","type":"User"}`: {},
		`null`: {},
	} {
		h.on(path, 200, `{"sha":"`+string(at)+`","author":`+author+`}`)
		h.asked()
		got, err := client.CommitAuthor(t.Context(), repo, at)
		must(t, err)
		if got != want {
			t.Errorf("%s: %+v, want %+v", author, got, want)
		}
		if calls := h.asked(); len(calls) != 1 || !strings.HasSuffix(calls[0], "?per_page=1") {
			t.Errorf("%s: asked for %q", author, calls)
		}
	}
}
