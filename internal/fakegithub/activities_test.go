package fakegithub_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

// Who has moved a branch, by git and otherwise, is listed page by page.
func TestActivities(t *testing.T) {
	w := newWorld(t)
	number, _ := w.change("feature/x", "x: 1\n")
	_, err := w.Push(repo, "feature/x", fakegithub.Change{Author: "eve", Pusher: "bob", Files: map[string][]byte{"x.yaml": []byte("x: 2\n")}})
	must(t, err)
	_, err = w.ForcePush(repo, "feature/x", "main", fakegithub.Change{Pusher: "bob", Files: map[string][]byte{"x.yaml": []byte("x: 3\n")}})
	must(t, err)
	_, err = w.Merge(repo, number, "squash", "eve")
	must(t, err)
	must(t, w.DeleteBranch(repo, "feature/x", "eve"))
	for query, want := range map[string]string{
		"ref=refs/heads/feature/x": "branch_deletion eve, force_push bob, push bob, branch_creation",
		"ref=feature/x&actor=bob":  "force_push bob, push bob",
		"ref=refs/heads/main":      "pr_merge eve, branch_creation",
		"ref=refs/heads/none":      "",
	} {
		var all []string
		for path := fmt.Sprintf("/repos/%s/activity?per_page=1&%s", repo, query); path != ""; {
			status, header, answer := w.send(t.Context(), "GET", path, w.token(nil), "")
			var page []struct {
				Kind  string `json:"activity_type"`
				Actor fakegithub.User
			}
			if err := json.Unmarshal([]byte(answer), &page); err != nil || status != 200 || len(page) > 1 {
				t.Fatalf("%s: %d %s", path, status, answer)
			}
			for _, a := range page {
				if a.Kind == "branch_creation" {
					a.Actor.Login = ""
				}
				all = append(all, strings.TrimSpace(a.Kind+" "+a.Actor.Login))
			}
			next, _, _ := strings.Cut(strings.TrimPrefix(header.Get("Link"), "<"), ">")
			_, path, _ = strings.Cut(next, "/api/v3")
		}
		if got := strings.Join(all, ", "); got != want {
			t.Errorf("%s: %s; want %s", query, got, want)
		}
	}
}
