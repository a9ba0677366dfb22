package simulation

import (
	"context"
	"errors"
	"io/fs"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// What flows ask of git. Only what asks the remote can fail, or be overtaken.

func (h *hub) Heads(ctx context.Context, _ forge.Repo) (heads forge.Heads, err error) {
	err = h.run.do(ctx, gitParty, false, "read branches", func() error {
		heads = h.heads()
		h.run.saw(ctx).heads(heads)
		return nil
	})
	return heads, err
}

func (h *hub) Fetch(ctx context.Context, _ forge.Repo, all ...forge.Commit) error {
	for _, c := range all {
		if h.run.git.byName[c] == nil {
			return missing(c)
		}
	}
	seen := h.run.saw(ctx)
	if seen.fetches++; seen.fetches > 1 { // what is there already asks nobody
		return nil
	}
	return h.run.do(ctx, gitParty, false, "fetch", func() error { return nil })
}

func (h *hub) Snapshot(_ context.Context, _ forge.Repo, at forge.Tree) (fs.FS, error) {
	if t := h.run.git.trees[at]; t != nil {
		return t, nil
	}
	return nil, missing(at)
}

func (h *hub) Changes(_ context.Context, _ forge.Repo, from, to forge.Tree) ([]forge.Change, error) {
	old, now := h.run.git.trees[from], h.run.git.trees[to]
	if old == nil || now == nil {
		return nil, missing(from + " or " + to)
	}
	return changes(old, now), nil
}

func (h *hub) Merge(_ context.Context, _ forge.Repo, base, head forge.Commit) (forge.Merge, error) {
	m, ok := h.run.git.merge(base, head)
	if !ok {
		return m, work.Permanent(errors.New("no common history"))
	}
	return m, nil
}

func (h *hub) CommitInfo(_ context.Context, _ forge.Repo, at forge.Commit) (forge.CommitInfo, error) {
	c := h.run.git.byName[at]
	if c == nil {
		return forge.CommitInfo{}, missing(at)
	}
	return forge.CommitInfo{Parents: c.parents, Committed: c.at}, nil
}

func (h *hub) IsAncestor(_ context.Context, _ forge.Repo, old, to forge.Commit) (bool, error) {
	if h.run.git.byName[old] == nil || h.run.git.byName[to] == nil {
		return false, missing(old + " or " + to)
	}
	return h.run.git.holds(to, old), nil
}

func (h *hub) Holds(_ context.Context, _ forge.Repo, to, old forge.Commit) (bool, error) {
	return h.run.git.holds(to, old), nil
}

func (h *hub) MergeBases(_ context.Context, _ forge.Repo, a, b forge.Commit) ([]forge.Commit, error) {
	if h.run.git.byName[a] == nil || h.run.git.byName[b] == nil {
		return nil, missing(a + " or " + b)
	}
	bases := h.run.git.bases(a, b)
	if len(bases) == 0 {
		return nil, missing("common history")
	}
	return bases, nil
}

func (h *hub) Paths(_ context.Context, _ forge.Repo, all []forge.Commit) (map[forge.Commit][]string, error) {
	paths := map[forge.Commit][]string{}
	for _, name := range all {
		c := h.run.git.byName[name]
		if c == nil {
			continue
		}
		before := treeOf(nil)
		if len(c.parents) > 0 {
			before = h.run.git.byName[c.parents[0]].tree
		}
		for _, ch := range changes(before, c.tree) {
			paths[name] = append(paths[name], ch.Path)
		}
	}
	return paths, nil
}
