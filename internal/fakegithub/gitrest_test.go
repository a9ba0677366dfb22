package fakegithub_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"
)

// TestCommitOverREST makes a commit as an app does, on a branch that moves meanwhile: only the one that follows the tip gets there.
func TestCommitOverREST(t *testing.T) {
	w := newWorld(t)
	number, sha := w.change("feature/x", "x: 1\n")
	gh := w.withToken(w.token(nil))
	write := func(parent, content string) string {
		t.Helper()
		tree, _, err := gh.Git.CreateTree(t.Context(), "acme", "configs", parent, []*github.TreeEntry{
			{Path: github.String("a/größe.yaml"), Mode: github.String("100644"), Type: github.String("blob"), Content: &content}})
		must(t, err)
		c, _, err := gh.Git.CreateCommit(t.Context(), "acme", "configs", &github.Commit{Message: github.String("Mend"), Tree: tree,
			Parents: []*github.Commit{{SHA: &parent}}}, nil)
		must(t, err)
		return c.GetSHA()
	}
	move := func(to string) error {
		_, _, err := gh.Git.UpdateRef(t.Context(), "acme", "configs", &github.Reference{Ref: github.String("refs/heads/feature/x"), Object: &github.GitObject{SHA: &to}}, false)
		return err
	}
	first, second := write(sha, "a: 1\n"), write(sha, "a: 2\n")
	must(t, move(first))
	must(t, move(first)) // again: nothing moves
	if err := move(second); err == nil || !strings.Contains(err.Error(), "not a fast forward") {
		t.Errorf("a commit beside the tip: %v", err)
	}
	p, err := w.Pull(repo, number)
	must(t, err)
	commits, _, err := gh.PullRequests.ListCommits(t.Context(), "acme", "configs", number, nil)
	must(t, err)
	if len(commits) != 2 || p.HeadSHA != first || commits[1].GetAuthor().GetLogin() != "tamer[bot]" {
		t.Errorf("head %s, want %s after two commits, the last by the app: %v", p.HeadSHA, first, commits)
	}
	files, _, err := gh.PullRequests.ListFiles(t.Context(), "acme", "configs", number, nil)
	must(t, err)
	if len(files) != 2 || files[0].GetFilename() != "a/größe.yaml" {
		t.Errorf("files %v", files)
	}
}

func TestCommitRefusals(t *testing.T) {
	w := newWorld(t)
	_, sha := w.change("x", "x: 1\n")
	token, none := w.token(nil), strings.Repeat("a", 40)
	reader := w.token(&github.InstallationTokenOptions{Permissions: &github.InstallationPermissions{Contents: github.String("read"), Metadata: github.String("read")}})
	for _, c := range []struct {
		line, token string
		want        int
	}{
		{`POST git/trees {"tree":[{"path":"a","mode":"100644","type":"blob","content":""}]}`, token, 201},
		{`POST git/trees {"tree":[{"path":"a","mode":"100644","type":"blob","content":""}]}`, reader, 403},
		{`POST git/trees {"tree":[]}`, token, 422},
		{`POST git/trees {"tree":[{"path":"../a","mode":"100644","type":"blob","content":""}]}`, token, 422},
		{`POST git/trees {"tree":[{"path":".git/config","mode":"100644","type":"blob","content":""}]}`, token, 422},
		{`POST git/trees {"tree":[{"path":"a","mode":"644","type":"blob","content":""}]}`, token, 422},
		{fmt.Sprintf(`POST git/trees {"base_tree":%q,"tree":[{"path":"a","mode":"100644","type":"blob","content":""}]}`, none), token, 422},
		{fmt.Sprintf(`POST git/commits {"message":"m","tree":%q}`, none), token, 422},
		{fmt.Sprintf(`POST git/commits {"message":"m","tree":%q,"parents":[%q]}`, sha, none), token, 422},
		{fmt.Sprintf(`PATCH git/refs/heads/x {"sha":%q}`, none), token, 422},
		{fmt.Sprintf(`PATCH git/refs/heads/y {"sha":%q}`, sha), token, 422},
		{fmt.Sprintf(`PATCH git/refs/heads/x {"sha":%q}`, sha), reader, 403},
		{fmt.Sprintf(`PATCH git/refs/heads/x {"sha":%q}`, sha), token, 200},
	} {
		method, rest, _ := strings.Cut(c.line, " ")
		path, body, _ := strings.Cut(rest, " ")
		if status, _, answer := w.send(t.Context(), method, "/repos/"+repo+"/"+path, c.token, body); status != c.want {
			t.Errorf("%s: %d %s, want %d", c.line, status, answer, c.want)
		}
	}
}

// TestCommentsTellTheirApp shows by what an app knows its own comments again, and that a reaction is made once.
func TestCommentsTellTheirApp(t *testing.T) {
	w := newWorld(t)
	number, _ := w.change("x", "x: 1\n")
	gh := w.withToken(w.token(nil))
	_, _, err := gh.Issues.CreateComment(t.Context(), "acme", "configs", number, &github.IssueComment{Body: github.String("mine")})
	must(t, err)
	id, err := w.Comment(repo, number, "acme", "theirs")
	must(t, err)
	_, _, body := w.send(t.Context(), "GET", fmt.Sprintf("/repos/%s/issues/%d/comments", repo, number), w.token(nil), "")
	if strings.Count(body, `"performed_via_github_app":{"created_at"`) != 1 ||
		strings.Count(body, `"performed_via_github_app":null`) != 1 || strings.Count(body, `"author_association":"OWNER"`) != 1 {
		t.Errorf("comments: %s", body)
	}
	for _, want := range []int{201, 200} {
		if status, _, answer := w.send(t.Context(), "POST", fmt.Sprintf("/repos/%s/issues/comments/%d/reactions", repo, id), w.token(nil), `{"content":"eyes"}`); status != want {
			t.Errorf("reaction: %d %s, want %d", status, answer, want)
		}
	}
	if status, _, _ := w.send(t.Context(), "POST", fmt.Sprintf("/repos/%s/issues/comments/%d/reactions", repo, id), w.token(nil), `{"content":"shrug"}`); status != 422 {
		t.Errorf("an unknown reaction: %d", status)
	}
	must(t, w.EditComment(repo, id, "theirs, edited", "acme"))
	must(t, w.DeleteComment(repo, id, "acme"))
	if all, err := w.Comments(repo, number); err != nil || len(all) != 1 || all[0].App != "tamer" {
		t.Errorf("comments %+v, %v", all, err)
	}
}
