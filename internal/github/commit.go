package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// Commit makes the commit as the app and moves the branch to it, in three calls. It is false where the branch has moved on,
// and stays as it is then. Between the last look at the branch and the move GitHub makes sure only that no commit is lost.
func (c *Client) Commit(ctx context.Context, repo forge.Repo, branch string, made forge.NewCommit) (bool, error) {
	s, err := c.in(repo, forCommit)
	if err != nil {
		return false, err
	}
	var entries []*github.TreeEntry
	for _, f := range made.Files {
		entry, err := treeEntry(f)
		if err != nil {
			return false, err
		}
		entries = append(entries, entry)
	}
	tree, _, err := s.rest.Git.CreateTree(ctx, repo.Owner, repo.Name, string(made.Parent), entries)
	if err != nil {
		return false, fmt.Errorf("make a tree in %s: %w", repo, explain(err))
	}
	commit, _, err := s.rest.Git.CreateCommit(ctx, repo.Owner, repo.Name, &github.Commit{
		Message: &made.Message, Tree: tree, Parents: []*github.Commit{{SHA: github.String(string(made.Parent))}}}, nil)
	if err != nil {
		return false, fmt.Errorf("make a commit in %s: %w", repo, explain(err))
	}
	_, _, err = s.rest.Git.UpdateRef(ctx, repo.Owner, repo.Name, &github.Reference{
		Ref: github.String("refs/heads/" + branch), Object: &github.GitObject{SHA: commit.SHA}}, false)
	if hasMoved(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("move %s of %s: %w", branch, repo, explain(err))
	}
	return true, nil
}

// hasMoved tells whether GitHub did not move a branch because it is elsewhere by now, or gone. Rules that protect a branch are
// answered with the same status, and other words.
func hasMoved(err error) bool {
	var answer *github.ErrorResponse
	if !errors.As(err, &answer) || answer.Response.StatusCode != http.StatusUnprocessableEntity {
		return false
	}
	return strings.Contains(answer.Message, "not a fast forward") || strings.Contains(answer.Message, "does not exist")
}

func treeEntry(f forge.NewFile) (*github.TreeEntry, error) {
	if !utf8.Valid(f.Content) {
		return nil, work.Permanent(fmt.Errorf("commit %s: its text is not UTF-8", f.Path))
	}
	mode := "100644"
	if f.Executable {
		mode = "100755"
	}
	return &github.TreeEntry{Path: &f.Path, Mode: &mode, Type: github.String("blob"), Content: github.String(string(f.Content))}, nil
}
