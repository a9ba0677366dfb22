package github

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/forge"
)

// annsToken is that of a person who may read the repository.
func annsToken(t *testing.T, fake *fakegithub.Server) string {
	t.Helper()
	must(t, fake.SetRole("acme/configs", "ann", "read"))
	return fake.UserToken("ann")
}

// readerOf gives a reader of a GitHub, as one of its people.
func readerOf(t *testing.T, fake *fakegithub.Server, token string) *Reader {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	r, err := NewReader(ReaderConfig{APIURL: fake.URL() + "/api/v3", Token: token, Transport: transport})
	must(t, err)
	return r
}

// A person sees who approved a pull request: of each person the last word counts, and a comment takes none back.
func TestApprovals(t *testing.T) {
	fake, _, repo := startFake(t, time.Now)
	review := func(login, event string) int64 {
		t.Helper()
		id, err := fake.Review("acme/configs", 1, login, event, "said")
		must(t, err)
		return id
	}
	review("zoe", "APPROVE")
	review("bob", "APPROVE")
	review("bob", "COMMENT")
	review("cy", "APPROVE")
	review("cy", "REQUEST_CHANGES")
	review("dan", "REQUEST_CHANGES")
	review("dan", "APPROVE")
	must(t, fake.DismissReview("acme/configs", 1, review("eve", "APPROVE"), "ann"))

	r := readerOf(t, fake, annsToken(t, fake))
	pr, err := r.PullRequest(t.Context(), repo, 1)
	must(t, err)
	approvals, err := r.Approvals(t.Context(), repo, 1)
	must(t, err)
	var names []string
	for _, a := range approvals {
		if names = append(names, a.By.Login); a.Of != pr.Head || a.By.ID == 0 {
			t.Errorf("%+v, head %s", a, pr.Head)
		}
	}
	equal(t, names, []string{"bob", "dan", "zoe"})
	equal(t, pr.Title, "Raise")
}

// The first deployment that succeeded with a commit, whatever came of it later.
func TestFirstDelivery(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	start := now
	fake, client, repo := startFake(t, func() time.Time { return now })
	var tips []forge.Commit
	for _, text := range []string{"a: 3\n", "a: 4\n", "a: 5\n"} {
		sha, err := fake.Push("acme/configs", "main", fakegithub.Change{Author: "ann", Files: map[string][]byte{"a.yaml": []byte(text)}})
		must(t, err)
		tips = append(tips, forge.Commit(sha))
	}
	deploy := func(commit forge.Commit, environment string, states ...forge.DeploymentState) {
		t.Helper()
		now = now.Add(time.Minute)
		id, err := client.CreateDeployment(t.Context(), repo, forge.Deployment{Commit: commit, Environment: environment, Production: environment == "production"})
		must(t, err)
		for _, state := range states {
			now = now.Add(time.Minute)
			must(t, client.SetDeploymentState(t.Context(), repo, forge.Deployment{ID: id, State: state}))
		}
	}
	deploy(tips[0], "production", forge.DeploymentSuccess)
	deploy(tips[1], "preview/x", forge.DeploymentSuccess)
	deploy(tips[1], "production", forge.DeploymentFailure)
	deploy(tips[2], "production", forge.DeploymentInProgress, forge.DeploymentSuccess, forge.DeploymentInactive)
	deploy(tips[2], "production", forge.DeploymentSuccess)

	r := readerOf(t, fake, annsToken(t, fake))
	holds := func(c forge.Commit) (bool, error) { return c != tips[0], nil }
	first, whole, err := r.FirstDelivery(t.Context(), repo, "production", start, holds)
	must(t, err)
	if !whole || first == nil || first.Commit != tips[2] || !first.At.Equal(start.Add(9*time.Minute)) {
		t.Errorf("%+v, %t; it began at %s", first, whole, start)
	}
	first, whole, err = r.FirstDelivery(t.Context(), repo, "production", now.Add(time.Minute), holds)
	if first != nil || !whole || err != nil {
		t.Errorf("since later: %+v, %t, %v", first, whole, err)
	}
}

// What a token may not read is said, and never the token.
func TestReaderRefused(t *testing.T) {
	fake, _, repo := startFake(t, time.Now)
	for token, want := range map[string]string{
		"ghp_wrong":              "GitHub answered 401: it does not know the token",
		fake.UserToken("nobody"): "GitHub answered 404: it is not there, or the token may not read it",
	} {
		_, err := readerOf(t, fake, token).PullRequest(t.Context(), repo, 1)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), token) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	r := readerOf(t, fake, annsToken(t, fake))
	if _, err := r.PullRequest(t.Context(), forge.Repo{Owner: "acme", Name: "../x"}, 1); err == nil || !strings.Contains(err.Error(), "not a name that GitHub gives") {
		t.Error(err)
	}
	if _, err := NewReader(ReaderConfig{APIURL: fake.URL()}); err == nil || !strings.Contains(err.Error(), "a token is required") {
		t.Error(err)
	}
}
