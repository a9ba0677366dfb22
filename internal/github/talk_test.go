package github

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// aged is a clock by which every token is old enough for GitHub's answers to be believed: each look at it is a second later.
func aged() func() time.Time {
	var looks atomic.Int64
	return func() time.Time { return time.Now().Add(time.Duration(looks.Add(1)) * time.Second) }
}

// A comment is found again by its marker and its author, however many others there are, and whoever writes the same marker.
func TestComments(t *testing.T) {
	fake, client, repo := startFake(t, aged())
	ctx := t.Context()
	for range 150 {
		_, err := fake.Comment("acme/configs", 1, "ann", "<!-- mark --> not by the app")
		must(t, err)
	}
	none, err := client.OwnComment(ctx, repo, 1, "<!-- mark -->")
	must(t, err)
	equal(t, none, (*forge.Comment)(nil))
	must(t, client.CreateComment(ctx, repo, 1, "<!-- other --> one"))
	must(t, client.CreateComment(ctx, repo, 1, "<!-- mark --> two"))
	got, err := client.OwnComment(ctx, repo, 1, "<!-- mark -->")
	must(t, err)
	if got == nil || got.Body != "<!-- mark --> two" || got.Pull != 1 || !got.App || !got.Author.Bot {
		t.Fatalf("comment %+v", got)
	}
	must(t, client.UpdateComment(ctx, repo, got.ID, "<!-- mark --> three"))
	must(t, client.React(ctx, repo, got.ID))
	must(t, client.React(ctx, repo, got.ID))
	again, err := client.Comment(ctx, repo, got.ID)
	must(t, err)
	equal(t, again.Body, "<!-- mark --> three")
	all, err := fake.Comments("acme/configs", 1)
	must(t, err)
	if last := all[len(all)-1]; len(all) != 152 || len(last.Reactions) != 1 {
		t.Errorf("%d comments, the last with %v", len(all), last.Reactions)
	}
	must(t, fake.DeleteComment("acme/configs", got.ID, "ann"))
	if _, err := client.Comment(ctx, repo, got.ID); !notThere(err) {
		t.Errorf("a deleted comment: %v", err)
	}
	if err := client.UpdateComment(ctx, repo, got.ID, "x"); !notThere(err) {
		t.Errorf("update of a deleted comment: %v", err)
	}
	for _, body := range []string{"", strings.Repeat("é", forge.MaxComment+1)} {
		if err := client.CreateComment(ctx, repo, 1, body); !work.IsPermanent(err) {
			t.Errorf("a comment of %d bytes: %v", len(body), err)
		}
	}
	must(t, client.CreateComment(ctx, repo, 1, strings.Repeat("é", forge.MaxComment)))
}

func TestMayWrite(t *testing.T) {
	fake, client, repo := startFake(t, aged())
	for role, want := range map[string]bool{"read": false, "triage": false, "write": true, "maintain": true, "admin": true} {
		u, err := fake.AddUser(fakegithub.User{Login: "user-" + role})
		must(t, err)
		must(t, fake.SetRole("acme/configs", u.Login, role))
		for _, who := range []forge.User{{ID: u.ID, Login: u.Login}, {ID: u.ID + 1, Login: u.Login}} {
			if may, err := client.MayWrite(t.Context(), repo, who); err != nil || may != (want && who.ID == u.ID) {
				t.Errorf("%s as %+v: %t, %v", role, who, may, err)
			}
		}
	}
	for _, login := range []string{"nobody", "", "a/../b"} {
		if may, err := client.MayWrite(t.Context(), repo, forge.User{ID: 1, Login: login}); may || err != nil {
			t.Errorf("%q: %t, %v", login, may, err)
		}
	}
}

// A commit gets onto a branch that has not moved, and only there.
func TestCommit(t *testing.T) {
	fake, client, repo := startFake(t, time.Now)
	pr, err := client.PullRequest(t.Context(), repo, 1)
	must(t, err)
	made := forge.NewCommit{Parent: pr.Head, Message: "Mend\n\nCo-authored-by: ann <1+ann@users.noreply.example.com>",
		Files: []forge.NewFile{{Path: "a.yaml", Content: []byte("a: 3\n")}, {Path: "run", Executable: true, Content: []byte("#!\n")}}}
	for _, want := range []bool{true, false} {
		made.Files[0].Content = append(made.Files[0].Content, '#')
		if moved, err := client.Commit(t.Context(), repo, "raise", made); moved != want || err != nil {
			t.Errorf("moved %t, %v; want %t", moved, err, want)
		}
	}
	if moved, err := client.Commit(t.Context(), repo, "gone", made); moved || err != nil {
		t.Errorf("a branch that is gone: %t, %v", moved, err)
	}
	after, err := client.PullRequest(t.Context(), repo, 1)
	must(t, err)
	tip, err := fake.Tip("acme/configs", "raise")
	must(t, err)
	if after.Head == pr.Head || string(after.Head) != tip {
		t.Errorf("head %s, tip %s, before %s", after.Head, tip, pr.Head)
	}
	made.Files[0].Content = []byte("\xff")
	if _, err := client.Commit(t.Context(), repo, "raise", made); !work.IsPermanent(err) {
		t.Errorf("no UTF-8: %v", err)
	}
}
