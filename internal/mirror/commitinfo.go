package mirror

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// CommitInfo tells when a commit was made, and after which.
func (m *Mirrors) CommitInfo(ctx context.Context, repo forge.Repo, at forge.Commit) (forge.CommitInfo, error) {
	mirror, err := m.mirror(repo)
	if err != nil {
		return forge.CommitInfo{}, err
	}
	return mirror.current().commitInfo(ctx, at)
}

// CommitInfo tells when a commit was made, and after which.
func (c *Clone) CommitInfo(ctx context.Context, at forge.Commit) (forge.CommitInfo, error) {
	return c.store.commitInfo(ctx, at)
}

func (s *store) commitInfo(ctx context.Context, at forge.Commit) (info forge.CommitInfo, err error) {
	if err := valid(string(at)); err != nil {
		return info, err
	}
	out, err := s.git.run(ctx, "", "log", "--max-count=1", "--no-show-signature", "--format=%ct %P", "--end-of-options", string(at), "--")
	if err != nil {
		return info, fmt.Errorf("read commit %s: %w", at.Short(), s.judge(err, string(at)))
	}
	fields := strings.Fields(string(out))
	if len(fields) == 0 {
		return info, fmt.Errorf("read commit %s: %w", at.Short(), errors.New("git log wrote nothing"))
	}
	seconds, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return info, fmt.Errorf("read commit %s: git log wrote the time %q", at.Short(), fields[0])
	}
	info.Committed = time.Unix(seconds, 0).UTC()
	for _, name := range fields[1:] {
		parent, err := forge.ParseCommit(name)
		if err != nil {
			return info, fmt.Errorf("read commit %s: %w", at.Short(), err)
		}
		info.Parents = append(info.Parents, parent)
	}
	return info, nil
}

// Between gives the paths that differ between two commits, sorted.
func (c *Clone) Between(ctx context.Context, from, to forge.Commit) ([]forge.Change, error) {
	changes, err := c.store.changes(ctx, from.Tree(), to.Tree())
	if err != nil {
		return nil, fmt.Errorf("changes from %s to %s: %w", from.Short(), to.Short(), err)
	}
	return changes, nil
}
