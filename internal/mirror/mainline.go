package mirror

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
)

// LastChange gives the newest commit on the main line of at, which is that of first parents and begins with at itself, in which one of
// the paths (from the top of the repository) differs from its first parent; and that parent, empty where it has none. The error wraps
// fs.ErrNotExist where no commit changed them.
func (c *Clone) LastChange(ctx context.Context, at forge.Commit, paths []string) (commit, parent forge.Commit, err error) {
	if err := valid(string(at)); err != nil {
		return "", "", err
	}
	args := []string{"rev-list", "--first-parent", "--max-count=1", "--end-of-options", string(at), "--"}
	for _, path := range paths {
		args = append(args, ":(top,literal)"+path)
	}
	out, err := c.store.git.run(ctx, "", args...)
	if err != nil {
		return "", "", fmt.Errorf("history of %s: %w", strings.Join(paths, ", "), err)
	}
	id := strings.TrimSpace(string(out))
	if id == "" {
		return "", "", fmt.Errorf("history of %s: no commit changed it: %w", strings.Join(paths, ", "), fs.ErrNotExist)
	}
	if commit, err = forge.ParseCommit(id); err != nil {
		return "", "", fmt.Errorf("history of %s: %w", strings.Join(paths, ", "), err)
	}
	parents, err := c.parents(ctx, commit)
	if err == nil && len(parents) > 0 {
		parent = parents[0]
	}
	return commit, parent, err
}
