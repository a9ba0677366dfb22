package fakegithub_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestGitOverHTTP(t *testing.T) {
	w := newWorld(t)
	must(t, w.CreateRepo("acme/other", map[string][]byte{"a": nil}))
	id, err := w.RepoID(repo)
	must(t, err)
	url := w.URL() + "/" + repo + ".git"
	_, head := w.change("topic", "x: 1\n")
	must(t, w.DeleteBranch(repo, "topic", "")) // still held by refs/pull/1/head
	narrow := w.token(&github.InstallationTokenOptions{RepositoryIDs: []int64{id}})
	readOnly := w.token(&github.InstallationTokenOptions{Permissions: &github.InstallationPermissions{Contents: github.String("read")}})

	dir := t.TempDir()
	for _, c := range []struct{ name, token, args, want string }{
		{"no token", "", "ls-remote " + url, "could not read Username"},
		{"wrong token", "ghs_wrong", "ls-remote " + url, "fatal: could not read Username"},
		{"other repository", narrow, "ls-remote " + w.URL() + "/acme/other.git", "not found"},
		{"branches", narrow, "ls-remote --heads " + url, "\trefs/heads/main"},
		{"clone", narrow, "clone -q " + url + " clone", ""},
		{"any commit by name", narrow, "--git-dir clone/.git fetch " + url + " " + head, "FETCH_HEAD"},
		{"without blobs", narrow, "clone -q --bare --filter=blob:none " + url + " partial.git", ""},
		{"no right to push", readOnly, "--git-dir clone/.git push " + url + " HEAD:refs/heads/x", "403"},
		{"push", narrow, "--git-dir clone/.git push " + url + " HEAD:refs/heads/x", "[new branch]"},
		{"refs/pull is closed", narrow, "--git-dir clone/.git push " + url + " HEAD:refs/pull/7/head", "deny updating a hidden ref"},
	} {
		out, err := w.git(dir, c.token, strings.Fields(c.args)...)
		if !strings.Contains(out, c.want) {
			t.Errorf("%s: git %s (%v) says %q, want %q", c.name, c.args, err, out, c.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "clone/customers/acme/segments.yaml")); err != nil {
		t.Error(err)
	}
	push := last[*github.PushEvent](w, "push")
	if push.GetRef() != "refs/heads/x" || !push.GetCreated() || push.GetBefore() != strings.Repeat("0", 40) {
		t.Errorf("push event of %s, created %v, before %s", push.GetRef(), push.GetCreated(), push.GetBefore())
	}
}

// TestPushBig pushes more than git sends in one piece, which comes chunked.
func TestPushBig(t *testing.T) {
	w := newWorld(t)
	dir, token, url := t.TempDir(), w.token(nil), w.URL()+"/"+repo+".git"
	big := make([]byte, 3<<20)
	for i, x := range []byte(strings.Repeat("0123456789abcdef", 3<<16)) {
		big[i] = x ^ byte(i*i>>7) ^ byte(i>>3)
	}
	must(t, os.WriteFile(filepath.Join(dir, "big"), big, 0o600))
	for _, args := range []string{"init -q -b big", "add big", "commit -q -m big", "-c core.compression=0 push -q " + url + " big"} {
		if out, err := w.git(dir, token, strings.Fields(args)...); err != nil {
			t.Fatalf("git %s: %v: %s", args, err, out)
		}
	}
	if _, err := w.Tip(repo, "big"); err != nil {
		t.Error(err)
	}
}

func TestForcedPushAndDeletion(t *testing.T) {
	w := newWorld(t)
	number, before := w.change("topic", "x: 1\n")
	after, err := w.ForcePush(repo, "topic", "main", fakegithub.Change{Files: map[string][]byte{"y": []byte("y")}, Author: "eve"})
	must(t, err)
	push := last[*github.PushEvent](w, "push")
	if !push.GetForced() || push.GetBefore() != before || push.GetAfter() != after {
		t.Errorf("forced %v from %s to %s", push.GetForced(), push.GetBefore(), push.GetAfter())
	}
	if e := last[*github.PullRequestEvent](w, "pull_request"); e.GetAction() != "synchronize" || e.GetPullRequest().GetHead().GetSHA() != after {
		t.Errorf("pull_request.%s at %s", e.GetAction(), e.GetPullRequest().GetHead().GetSHA())
	}

	w.forget()
	must(t, w.DeleteBranch(repo, "topic", "eve"))
	if got, want := w.events(), []string{"push", "delete", "pull_request.closed"}; !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if e := last[*github.DeleteEvent](w, "delete"); e.GetRef() != "topic" {
		t.Errorf("delete names %q, want the short name", e.GetRef())
	}
	p, err := w.Pull(repo, number)
	must(t, err)
	if p.State != "closed" || p.Merged {
		t.Errorf("pull request is %s, merged %v", p.State, p.Merged)
	}
}
