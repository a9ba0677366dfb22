package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
)

// A Version is a commit that changed a file, with the nearest versions before it: several where lines of history met.
type Version struct {
	Commit  forge.Commit
	Parents []forge.Commit
}

// History gives the versions of the file at path (from the top of the repository) that the commit holds, the newest first and each
// before those that it comes from; at most so many. The first is the one that the commit has, also where that removed the file. A
// merge is in it only where its file is like that of no parent. Renames are not followed: see Renames.
func (c *Clone) History(ctx context.Context, at forge.Commit, path string, most int) ([]Version, error) {
	if err := valid(string(at)); err != nil {
		return nil, err
	}
	out, err := c.store.git.run(ctx, "", "rev-list", "--parents", "--topo-order", "--max-count="+strconv.Itoa(most), "--end-of-options",
		string(at), "--", ":(top,literal)"+path)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", path, err)
	}
	var versions []Version
	for line := range strings.Lines(string(out)) {
		var ids []forge.Commit
		for id := range strings.FieldsSeq(line) {
			commit, err := forge.ParseCommit(id)
			if err != nil {
				return nil, fmt.Errorf("history of %s: %w", path, err)
			}
			ids = append(ids, commit)
		}
		if len(ids) > 0 {
			versions = append(versions, Version{ids[0], ids[1:]})
		}
	}
	return versions, nil
}

// A Rename is a file that a commit gave another path, compared with one of its parents.
type Rename struct {
	Parent   forge.Commit
	From, To string
}

// Renames gives those that git recognises in the commit.
func (c *Clone) Renames(ctx context.Context, commit forge.Commit) ([]Rename, error) {
	parents, err := c.parents(ctx, commit)
	if err != nil {
		return nil, err
	}
	var all []Rename
	for _, parent := range parents {
		out, err := c.store.git.run(ctx, "", "diff-tree", "-r", "-z", "--find-renames", "--diff-filter=R", "--name-status", "--end-of-options",
			string(parent), string(commit), "--")
		if err != nil {
			return nil, fmt.Errorf("renames of %s: %w", commit.Short(), err)
		}
		fields := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		for i := 0; i+2 < len(fields); i += 3 { // R100, from, to
			all = append(all, Rename{parent, fields[i+1], fields[i+2]})
		}
	}
	return all, nil
}

// parents of a commit, as it is there: a shallow clone cuts them off.
func (c *Clone) parents(ctx context.Context, commit forge.Commit) ([]forge.Commit, error) {
	if err := valid(string(commit)); err != nil {
		return nil, err
	}
	out, err := c.store.git.run(ctx, "", "rev-list", "--parents", "--max-count=1", "--end-of-options", string(commit), "--")
	if err != nil {
		return nil, fmt.Errorf("parents of %s: %w", commit.Short(), err)
	}
	var parents []forge.Commit
	for _, id := range strings.Fields(string(out))[1:] {
		parents = append(parents, forge.Commit(id))
	}
	return parents, nil
}

// Written is what a commit says of itself. Anybody may write anything there.
type Written struct {
	Commit        forge.Commit
	Author, Email string
	At            time.Time // when it was authored
	Committed     time.Time
	Subject, Body string
}

// Written reads what the commit says of itself, with names as the repository's mailmap has them.
func (c *Clone) Written(ctx context.Context, commit forge.Commit) (Written, error) {
	if err := valid(string(commit)); err != nil {
		return Written{}, err
	}
	out, err := c.store.git.run(ctx, "", "log", "--max-count=1", "--no-show-signature", "--encoding=UTF-8", "--format=%aN%x00%aE%x00%at%x00%ct%x00%s%x00%b",
		"--end-of-options", string(commit), "--")
	if err != nil {
		return Written{}, fmt.Errorf("read commit %s: %w", commit.Short(), err)
	}
	f := strings.SplitN(strings.ToValidUTF8(string(out), "\ufffd"), "\x00", 6)
	if len(f) != 6 {
		return Written{}, fmt.Errorf("read commit %s: git log wrote %d fields", commit.Short(), len(f))
	}
	w := Written{Commit: commit, Author: f[0], Email: f[1], Subject: f[4], Body: strings.TrimSpace(f[5])}
	for i, at := range []*time.Time{&w.At, &w.Committed} {
		seconds, err := strconv.ParseInt(f[2+i], 10, 64)
		if err != nil {
			return Written{}, fmt.Errorf("read commit %s: git log wrote the time %q", commit.Short(), f[2+i])
		}
		*at = time.Unix(seconds, 0).UTC()
	}
	return w, nil
}

// BroughtBy gives the commit on the main line of tip, which is that of first parents, with which the commit came to it: a merge, or
// the commit itself where that is on the line. The error wraps fs.ErrNotExist where tip does not hold the commit.
func (c *Clone) BroughtBy(ctx context.Context, commit, tip forge.Commit) (forge.Commit, error) {
	if err := errors.Join(valid(string(commit)), valid(string(tip))); err != nil {
		return "", err
	}
	if held, err := c.store.isAncestor(ctx, commit, tip); err != nil {
		return "", fmt.Errorf("look for %s in %s: %w", commit.Short(), tip.Short(), err)
	} else if !held {
		return "", fmt.Errorf("%s does not hold %s: %w", tip.Short(), commit.Short(), fs.ErrNotExist)
	}
	list := func(how string) ([]string, error) {
		out, err := c.store.git.run(ctx, "", "rev-list", how, "--parents", "--end-of-options", "^"+string(commit), string(tip), "--")
		if err != nil {
			return nil, fmt.Errorf("look for the merge of %s: %w", commit.Short(), err)
		}
		return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"), nil
	}
	line, err := list("--first-parent")
	if err != nil {
		return "", err
	}
	after, err := list("--ancestry-path")
	if err != nil {
		return "", err
	}
	holds := map[string]bool{}
	for _, l := range after {
		id, _, _ := strings.Cut(l, " ")
		holds[id] = true
	}
	first := commit
	for _, l := range line { // the newest first
		ids := strings.Fields(l)
		if len(ids) == 0 || !holds[ids[0]] {
			break
		}
		if first = forge.Commit(ids[0]); len(ids) > 1 && ids[1] == string(commit) {
			return commit, nil
		}
	}
	return first, nil
}

// Holds tells whether a commit is old, or comes after it. What this clone does not have holds nothing.
func (c *Clone) Holds(ctx context.Context, commit, old forge.Commit) (bool, error) {
	if _, err := c.store.ask(ctx, "info", string(commit)); isAbsent(err) {
		return false, nil
	}
	return c.store.isAncestor(ctx, old, commit)
}

// Shallow tells whether the clone lacks old history.
func (c *Clone) Shallow(ctx context.Context) bool {
	out, err := c.store.git.run(ctx, "", "rev-parse", "--is-shallow-repository")
	return err == nil && strings.TrimSpace(string(out)) == "true"
}

// Remote is the address of the remote origin, as fetches use it; empty where there is none. It may hold credentials.
func (c *Clone) Remote(ctx context.Context) string {
	out, err := c.store.git.run(ctx, "", "ls-remote", "--get-url", "origin")
	if address := strings.TrimSpace(string(out)); err == nil && address != "origin" {
		return address
	}
	return ""
}
