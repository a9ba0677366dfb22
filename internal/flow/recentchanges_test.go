package flow

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/tamerhq/tamer/internal/forge"
)

// countedTrees differ in as many paths as the name of the second says.
type countedTrees struct {
	Trees
	asked map[forge.Tree]int
}

func (c *countedTrees) Changes(_ context.Context, repo forge.Repo, _, to forge.Tree) ([]forge.Change, error) {
	c.asked[to]++
	var n int
	if _, err := fmt.Sscan(string(to), &n); err != nil {
		return nil, errors.New("git does not answer")
	}
	changes := make([]forge.Change, n)
	for i := range changes {
		changes[i].Path = fmt.Sprintf("%d/%d", repo.ID, i)
	}
	return changes, nil
}

func TestRecentChanges(t *testing.T) {
	trees := &countedTrees{asked: map[forge.Tree]int{}}
	r := &recentChanges{Trees: trees}
	ask := func(repo int64, to forge.Tree, want string) {
		t.Helper()
		changes, err := r.Changes(t.Context(), forge.Repo{ID: repo}, "base", to)
		got := fmt.Sprint(len(changes), err)
		if got != want || len(changes) > 0 && changes[0].Path != fmt.Sprintf("%d/0", repo) {
			t.Errorf("%d, %s: %s %v, want %s", repo, to, got, changes[:min(1, len(changes))], want)
		}
		clear(changes) // they are the caller's
	}
	for range 3 {
		ask(1, "7", "7 <nil>")
		ask(1, "0", "0 <nil>")
		ask(1, "5001", "5001 <nil>")
		ask(1, "gone", "0 git does not answer")
	}
	ask(2, "7", "7 <nil>")
	if got := fmt.Sprint(trees.asked); got != "map[0:1 5001:3 7:2 gone:3]" {
		t.Errorf("git was asked %s", got)
	}
	for i := range 100 {
		ask(int64(i), "1000", "1000 <nil>")
	}
	if r.paths > maxRecent || len(r.known) > maxRecent/1000 {
		t.Errorf("%d differences of %d paths are remembered", len(r.known), r.paths)
	}
}
