package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/tamerhq/tamer/internal/forge"
)

// MergeBases gives the best common ancestors of two commits: those that are no ancestors of another one. The error wraps
// fs.ErrNotExist where they have none.
func (m *Mirrors) MergeBases(ctx context.Context, repo forge.Repo, a, b forge.Commit) ([]forge.Commit, error) {
	mirror, err := m.mirror(repo)
	if err != nil {
		return nil, err
	}
	bases, err := mirror.current().mergeBases(ctx, a, b)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", repo, err)
	}
	return bases, nil
}

// Paths gives for each commit the paths in which it differs from its first parent; of one without a parent, all. Commits that are
// not here are left out. It takes one git process, so ask for hundreds at once, but not for all that a repository has: the paths
// are held in memory.
func (m *Mirrors) Paths(ctx context.Context, repo forge.Repo, commits []forge.Commit) (map[forge.Commit][]string, error) {
	mirror, err := m.mirror(repo)
	if err != nil {
		return nil, err
	}
	paths, err := mirror.current().paths(ctx, commits)
	if err != nil {
		return nil, fmt.Errorf("paths of commits of %s: %w", repo, err)
	}
	return paths, nil
}

func (s *store) mergeBases(ctx context.Context, a, b forge.Commit) ([]forge.Commit, error) {
	if err := errors.Join(valid(string(a)), valid(string(b))); err != nil {
		return nil, err
	}
	out, err := s.git.run(ctx, "", "merge-base", "--all", "--end-of-options", string(a), string(b))
	if exitCode(err) == 1 {
		return nil, fmt.Errorf("%s and %s have no common history: %w", a.Short(), b.Short(), fs.ErrNotExist)
	}
	if err != nil {
		return nil, s.judge(err, string(a), string(b))
	}
	var bases []forge.Commit
	for line := range strings.Lines(string(out)) {
		base, err := forge.ParseCommit(strings.TrimSpace(line))
		if err != nil {
			return nil, fmt.Errorf("git merge-base wrote %q: %w", line, err)
		}
		bases = append(bases, base)
	}
	return bases, nil
}

func (s *store) paths(ctx context.Context, commits []forge.Commit) (map[forge.Commit][]string, error) {
	var input strings.Builder
	for _, c := range commits {
		if err := valid(string(c)); err != nil {
			return nil, err
		}
		input.WriteString(string(c) + "\n")
	}
	out, err := s.git.run(ctx, input.String(), "diff-tree", "--stdin", "-r", "-z", "--raw", "--always", "--root", "--no-renames",
		"--no-abbrev", "--diff-merges=first-parent")
	if err != nil {
		return nil, s.judge(err)
	}
	return parsePaths(string(out))
}

// parsePaths reads what diff-tree writes with --stdin --raw -z: "<commit>" NUL, and then for each path of it what parseRaw reads.
func parsePaths(out string) (map[forge.Commit][]string, error) {
	all := map[forge.Commit][]string{}
	var at forge.Commit
	for out != "" {
		head, rest, _ := strings.Cut(out, "\x00")
		if !strings.HasPrefix(head, ":") {
			if err := valid(head); err != nil {
				return nil, fmt.Errorf("git diff-tree wrote %q: expected a commit", head)
			}
			at, out = forge.Commit(head), rest
			all[at] = nil
			continue
		}
		path, rest, ok := strings.Cut(rest, "\x00")
		if !ok || path == "" || at == "" {
			return nil, fmt.Errorf("git diff-tree wrote %q: expected a path of a commit", head)
		}
		all[at] = append(all[at], path)
		out = rest
	}
	return all, nil
}
