package github

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/forge"
)

// Reviews, whose commits are whose, and who people are, against the GitHub that the other tests use; as the app, and with a token of
// a person who may write.
func TestPeopleAgainstFake(t *testing.T) {
	fake, client, repo := startFake(t, time.Now)
	const name = "acme/configs"
	for login, role := range map[string]string{"ben": "write", "cleo": "admin", "dan": "read"} {
		must(t, fake.SetRole(name, login, role))
	}
	must(t, fake.SetTeam("acme", "data", "", "ben"))
	must(t, fake.SetTeam("acme", "science", "data", "dan"))
	push := func(c fakegithub.Change) {
		t.Helper()
		c.Files = map[string][]byte{"b.yaml": []byte(c.Message)}
		_, err := fake.Push(name, "raise", c)
		must(t, err)
	}
	push(fakegithub.Change{Author: "cleo", Message: "One\n\nCo-authored-by: Ben <ben@users.example.com>\n"})
	push(fakegithub.Change{Author: "ben", Message: "Two"})
	push(fakegithub.Change{Author: "eve", Email: "eve@else.example.com", Message: "Three"})
	first, err := fake.Review(name, 1, "ben", "APPROVE", "")
	must(t, err)
	must(t, fake.StartReview(name, 1, "cleo"))
	_, err = fake.Review(name, 1, "dan", "REQUEST_CHANGES", "No.")
	must(t, err)
	must(t, fake.DismissReview(name, 1, first, "cleo"))

	person, err := NewReader(ReaderConfig{APIURL: fake.URL() + "/api/v3/", Token: fake.UserToken("cleo"), Transport: client.base})
	must(t, err)
	type asker interface {
		Reviews(ctx context.Context, repo forge.Repo, number int) ([]forge.Review, error)
		Authorships(ctx context.Context, repo forge.Repo, number int) ([]forge.Authorship, error)
		TeamMembers(ctx context.Context, repo forge.Repo, team string) ([]forge.User, error)
		Admins(ctx context.Context, repo forge.Repo) ([]forge.User, error)
		MayWrite(ctx context.Context, repo forge.Repo, who forge.User) (bool, error)
		PullRequest(ctx context.Context, repo forge.Repo, number int) (forge.PullRequest, error)
	}
	must(t, client.RequestReviews(t.Context(), repo, 1, []string{"cleo"}))
	for who, a := range map[string]asker{"the app": client, "a person": person} {
		reviews, err := a.Reviews(t.Context(), repo, 1)
		must(t, err)
		var said []string
		for _, r := range reviews {
			said = append(said, r.By.Login+" "+string(r.State)+" "+r.Commit.Short())
		}
		pull, err := a.PullRequest(t.Context(), repo, 1)
		must(t, err)
		// What cleo has begun is left out for her too.
		if got := strings.ReplaceAll(strings.Join(said, ", "), pull.Head.Short(), "HEAD"); got != "ben dismissed HEAD, dan changes_requested HEAD" {
			t.Errorf("%s: reviews %s", who, got)
		}
		if len(pull.Requested) != 1 || pull.Requested[0].Login != "cleo" {
			t.Errorf("%s: asked to review: %+v", who, pull.Requested)
		}
		made, err := a.Authorships(t.Context(), repo, 1)
		must(t, err)
		var whose []string
		for _, m := range made {
			var names []string
			for _, p := range m.People {
				names = append(names, p.Login)
			}
			whose = append(whose, strings.Join(names, " "))
		}
		if got := strings.Join(whose, ", "); got != "ann, cleo ben, ben, " || !strings.Contains(made[3].Unknown, "eve@else.example.com") {
			t.Errorf("%s: commits of %s; the last %q", who, got, made[3].Unknown)
		}
		if len(made[1].Parents) != 1 || made[1].Parents[0] != made[0].Commit {
			t.Errorf("%s: %s comes after %v", who, made[1].Commit, made[1].Parents)
		}
		members, err := a.TeamMembers(t.Context(), repo, "data")
		must(t, err)
		admins, err := a.Admins(t.Context(), repo)
		must(t, err)
		if len(members) != 2 || len(admins) != 1 || admins[0].Login != "cleo" {
			t.Errorf("%s: members %+v, administrators %+v", who, members, admins)
		}
		for _, u := range append(members, forge.User{ID: 1, Login: "cleo"}) { // who has that login by now is another person
			may, err := a.MayWrite(t.Context(), repo, u)
			if must(t, err); may != (u.Login == "ben") {
				t.Errorf("%s: %s may write: %t", who, u.Login, may)
			}
		}
	}
	if _, err := person.TeamMembers(t.Context(), repo, "nobody"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such team: %v", err)
	}
}

// What was merged comes with its author and its commit on the base, also after what was only closed, and the last changed first.
func TestMergedAgainstFake(t *testing.T) {
	fake, client, repo := startFake(t, time.Now)
	const name = "acme/configs"
	merge, err := fake.Merge(name, 1, "squash", "acme")
	must(t, err)
	for branch, base := range map[string]string{"closed": "main", "elsewhere": "raise"} {
		_, err := fake.Push(name, branch, fakegithub.Change{Author: "ben", Files: map[string][]byte{branch: nil}})
		must(t, err)
		n, err := fake.OpenPull(name, fakegithub.Pull{Head: branch, Base: base, Author: "ben"})
		must(t, err)
		if branch == "closed" {
			must(t, fake.ClosePull(name, n, "ben"))
			continue
		}
		_, err = fake.Merge(name, n, "merge", "acme")
		must(t, err)
	}
	got, err := client.MergedSince(t.Context(), repo, "main", time.Now().Add(-time.Hour))
	must(t, err)
	if len(got) != 1 || got[0].Number != 1 || got[0].Author.Login != "ann" || string(got[0].Commit) != merge || got[0].Base != "main" || time.Since(got[0].MergedAt) > time.Hour {
		t.Errorf("merged: %+v, want number 1 by ann as %s", got, merge)
	}
}
