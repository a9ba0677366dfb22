package fakegithub_test

import (
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/tamerhq/tamer/internal/fakegithub"
)

func TestTeams(t *testing.T) {
	w := newWorld(t)
	must(t, w.SetTeam("acme", "data", "", "ann"))
	must(t, w.SetTeam("acme", "science", "data", "ben", "ann"))
	must(t, w.SetTeam("acme", "others", "", "cleo"))
	gh := w.installation()
	for slug, want := range map[string]string{"data": "ann ben", "science": "ann ben", "others": "cleo"} {
		got, _, err := gh.Teams.ListTeamMembersBySlug(t.Context(), "acme", slug, nil)
		must(t, err)
		if names := logins(got); names != want {
			t.Errorf("%s: %s, want %s", slug, names, want)
		}
	}
	if _, _, err := gh.Teams.ListTeamMembersBySlug(t.Context(), "acme", "nobody", nil); status(err) != 404 {
		t.Errorf("no such team: %v", err)
	}
	if err := w.SetTeam("ann", "x", ""); err == nil {
		t.Error("a person has a team")
	}
	narrow := w.withToken(w.token(&github.InstallationTokenOptions{Permissions: &github.InstallationPermissions{Metadata: github.String("read")}}))
	if _, _, err := narrow.Teams.ListTeamMembersBySlug(t.Context(), "acme", "data", nil); status(err) != 403 {
		t.Errorf("without the permission: %v", err)
	}
}

func logins(users []*github.User) string {
	var all []string
	for _, u := range users {
		all = append(all, u.GetLogin())
	}
	return strings.Join(all, " ")
}

func TestCollaborators(t *testing.T) {
	w := newWorld(t)
	for login, role := range map[string]string{"ann": "admin", "ben": "maintain", "cleo": "read"} {
		must(t, w.SetRole(repo, login, role))
	}
	gh := w.installation()
	for permission, want := range map[string]int{"": 3, "pull": 3, "push": 2, "maintain": 2, "admin": 1} {
		got, _, err := gh.Repositories.ListCollaborators(t.Context(), "acme", "configs", &github.ListCollaboratorsOptions{Permission: permission})
		must(t, err)
		if len(got) != want {
			t.Errorf("%q: %s, want %d people", permission, logins(got), want)
		}
	}
}

// A check that a ruleset requires of one app is not met by one of another app with its name.
func TestRequiredOfOneApp(t *testing.T) {
	w := newWorld(t)
	number, sha := w.change("feature", "x: 1\n")
	must(t, w.Require(repo, "main", fakegithub.RequiredCheck{Name: "tamer/approvals", App: appID, Ruleset: true}))
	_, err := w.AddCheckRun(repo, fakegithub.CheckRun{Name: "tamer/approvals", HeadSHA: sha, Conclusion: "success"})
	must(t, err)
	if _, err := w.Merge(repo, number, "", "acme"); err == nil || !strings.Contains(err.Error(), `"tamer/approvals" is expected`) {
		t.Errorf("merged on another app's word: %v", err)
	}
	_, _, err = w.installation().Checks.CreateCheckRun(t.Context(), "acme", "configs", github.CreateCheckRunOptions{Name: "tamer/approvals", HeadSHA: sha, Conclusion: github.String("success")})
	must(t, err)
	if _, err := w.Merge(repo, number, "", "acme"); err != nil {
		t.Error(err)
	}
}

// What was begun is seen by its author only, and submitting it is one review.
func TestPendingReview(t *testing.T) {
	w := newWorld(t)
	number, _ := w.change("feature", "x: 1\n")
	must(t, w.SetRole(repo, "bob", "write"))
	must(t, w.StartReview(repo, number, "bob"))
	seen := func(gh *github.Client) string {
		t.Helper()
		all, _, err := gh.PullRequests.ListReviews(t.Context(), "acme", "configs", number, nil)
		must(t, err)
		var states []string
		for _, r := range all {
			states = append(states, r.GetState())
		}
		return strings.Join(states, " ")
	}
	if app, own := seen(w.installation()), seen(w.withToken(w.UserToken("bob"))); app != "" || own != "PENDING" {
		t.Errorf("the app sees %q, its author %q", app, own)
	}
	id, err := w.Review(repo, number, "bob", "APPROVE", "")
	must(t, err)
	must(t, w.EditReview(repo, number, id, "Well done."))
	if app, own := seen(w.installation()), seen(w.withToken(w.UserToken("bob"))); app != "APPROVED" || own != "APPROVED" {
		t.Errorf("submitted: the app sees %q, its author %q", app, own)
	}
	if e := last[*github.PullRequestReviewEvent](w, "pull_request_review"); e.GetAction() != "edited" || e.GetReview().GetState() != "approved" {
		t.Errorf("event %s of a review that is %s", e.GetAction(), e.GetReview().GetState())
	}
}

// Commits belong to the account that their address belongs to, those made on the pages to GitHub; others to nobody.
func TestAccountsOfCommits(t *testing.T) {
	w := newWorld(t)
	ann, err := w.AddUser(fakegithub.User{Login: "ann"})
	must(t, err)
	hidden := strings.Replace(w.URL(), "http://", "", 1)
	hidden, _, _ = strings.Cut(hidden, ":")
	number := 0
	for i, email := range []string{"", "nobody@else.example.com", github.Stringify(ann.ID) + "+ann@users.noreply." + hidden} {
		_, err := w.Push(repo, "feature", fakegithub.Change{Author: "ann", Email: email, Files: map[string][]byte{"x.yaml": {byte('a' + i)}}})
		must(t, err)
	}
	number, err = w.OpenPull(repo, fakegithub.Pull{Head: "feature", Author: "ann"})
	must(t, err)
	commits, _, err := w.installation().PullRequests.ListCommits(t.Context(), "acme", "configs", number, nil)
	must(t, err)
	var got []int64
	for _, c := range commits {
		got = append(got, c.GetAuthor().GetID())
	}
	if len(got) != 3 || got[0] != ann.ID || got[1] != 0 || got[2] != ann.ID {
		t.Errorf("authors %v, want %d, nobody, %d", got, ann.ID, ann.ID)
	}
	merged, err := w.Merge(repo, number, "squash", "acme")
	must(t, err)
	c, _, err := w.installation().Repositories.GetCommit(t.Context(), "acme", "configs", merged, nil)
	must(t, err)
	if c.GetCommitter().GetLogin() != "web-flow" || c.GetCommitter().GetID() != 19864447 {
		t.Errorf("a merge on the pages is committed by %s", c.GetCommitter())
	}
}
