package flow

import (
	"context"
	"slices"
	"sync"

	"github.com/tamerhq/tamer/internal/forge"
)

// recentChanges remembers how trees differ, which never changes: the verdict on a pull request, the comparison of its values and its
// gates all ask for the same, and git reads both directories of all customers for each answer. It is safe for concurrent use.
type recentChanges struct {
	Trees

	mu    sync.Mutex
	known map[twoTrees][]forge.Change
	paths int
}

type twoTrees struct {
	repo     int64
	from, to forge.Tree
}

const (
	// maxRecent bounds the paths of all that is remembered; each takes about 150 bytes. Where it would be more, all is forgotten.
	maxRecent = 50_000
	// maxRecentPaths is from how many paths on a difference is not remembered.
	maxRecentPaths = 5_000
	// perDifference is what one counts besides its paths.
	perDifference = 2
)

// Changes gives a list of the caller's own.
func (r *recentChanges) Changes(ctx context.Context, repo forge.Repo, from, to forge.Tree) ([]forge.Change, error) {
	key := twoTrees{repo.ID, from, to}
	r.mu.Lock()
	changes, known := r.known[key]
	r.mu.Unlock()
	if known {
		return slices.Clone(changes), nil
	}
	changes, err := r.Trees.Changes(ctx, repo, from, to)
	if err != nil || len(changes) > maxRecentPaths {
		return changes, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || r.paths+len(changes)+perDifference > maxRecent {
		r.known, r.paths = map[twoTrees][]forge.Change{}, 0
	}
	if _, again := r.known[key]; !again {
		r.known[key] = slices.Clone(changes)
		r.paths += len(changes) + perDifference
	}
	return changes, nil
}
