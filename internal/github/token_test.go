package github

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tamerhq/tamer/internal/forge"
	"github.com/tamerhq/tamer/internal/work"
)

// Every token reaches one repository, and may do no more than its purpose needs.
func TestTokenScopes(t *testing.T) {
	h, client := newHub(t)
	h.on("GET /repos/acme/configs/pulls/12", 200, pull12)
	h.on("GET /repos/acme/other/pulls/12", 200, pull12)
	other := forge.Repo{Installation: 7, ID: 101, Owner: "acme", Name: "other"}
	for _, r := range []forge.Repo{repo, other, repo} {
		if _, err := client.PullRequest(t.Context(), r, 12); err != nil {
			t.Fatal(err)
		}
	}
	git, err := client.Token(t.Context(), repo)
	if err != nil || git != "ghs_3" {
		t.Errorf("git token %q, %v", git, err)
	}
	const rest = `"permissions":{"checks":"write","deployments":"write","issues":"read","metadata":"read","pull_requests":"read"}`
	equal(t, h.minted(), []string{
		"7 {" + rest + `,"repository_ids":[100]}`,
		"7 {" + rest + `,"repository_ids":[101]}`,
		`7 {"permissions":{"contents":"read","metadata":"read"},"repository_ids":[100]}`,
	})
}

func TestTokenIsKeptUntilItNearsItsEnd(t *testing.T) {
	h, client := newHub(t)
	for _, step := range []struct {
		pass time.Duration
		want string
	}{{0, "ghs_1"}, {49 * time.Minute, "ghs_1"}, {2 * time.Minute, "ghs_2"}, {time.Hour, "ghs_3"}} {
		h.advance(step.pass)
		if got, err := client.Token(t.Context(), repo); err != nil || got != step.want {
			t.Errorf("after %s: %q, %v; want %q", step.pass, got, err, step.want)
		}
	}
}

func TestTokenIsMintedOnceForAll(t *testing.T) {
	h, client := newHub(t)
	h.on("GET /repos/acme/configs/pulls/12", 200, pull12)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := client.PullRequest(t.Context(), repo, 12); err != nil {
				t.Error(err)
			}
			if _, err := client.Token(t.Context(), repo); err != nil {
				t.Error(err)
			}
			if _, err := client.Repositories(t.Context(), 7); err == nil {
				t.Error("the hub has no answer for this")
			}
		})
	}
	wg.Wait()
	if got := len(h.minted()); got != 3 {
		t.Errorf("%d tokens minted, want one for each purpose", got)
	}
}

func TestTokenWaitEndsWithContext(t *testing.T) {
	_, client := newHub(t)
	s, err := client.in(repo, forGit)
	if err != nil {
		t.Fatal(err)
	}
	s.token.turn <- struct{}{} // somebody is minting
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Token(ctx, repo); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A refusal of a new token is not believed at once; see patience.
func TestFreshTokenIsGivenTime(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		waits  []time.Duration
		final  func(error) bool
	}{
		"401": {401, []time.Duration{3 * time.Second, 10 * time.Second, 30 * time.Second}, retryable},
		"403": {403, []time.Duration{3 * time.Second, 10 * time.Second, 30 * time.Second}, work.IsPermanent},
		"404": {404, []time.Duration{3 * time.Second}, notThere},
	} {
		t.Run(name, func(t *testing.T) {
			h, client := newHub(t)
			h.on("GET /repos/acme/configs/pulls/12", c.status, `{"message":"no"}`)
			for _, want := range c.waits {
				_, err := client.PullRequest(t.Context(), repo, 12)
				if got, ok := work.WaitOf(err); !ok || got != want {
					t.Errorf("wait %s, %v; want %s", got, err, want)
				}
				h.advance(want)
			}
			if _, err := client.PullRequest(t.Context(), repo, 12); !c.final(err) {
				t.Errorf("at last: %v", err)
			}
			if got := len(h.minted()); got != 1 {
				t.Errorf("%d tokens minted, want 1", got)
			}
		})
	}
}

func TestRevokedTokenIsReplaced(t *testing.T) {
	h, client := newHub(t)
	h.on("GET /repos/acme/configs/pulls/12", 200, pull12)
	if _, err := client.PullRequest(t.Context(), repo, 12); err != nil {
		t.Fatal(err)
	}
	h.advance(time.Minute)
	h.on("GET /repos/acme/configs/pulls/12", 401, `{"message":"Bad credentials"}`)
	if _, err := client.PullRequest(t.Context(), repo, 12); !retryable(err) {
		t.Fatalf("got %v", err)
	}
	h.on("GET /repos/acme/configs/pulls/12", 200, pull12)
	if _, err := client.PullRequest(t.Context(), repo, 12); err != nil {
		t.Fatal(err)
	}
	if got := len(h.minted()); got != 2 {
		t.Errorf("%d tokens minted, want 2", got)
	}
}

func TestSessionsAreBounded(t *testing.T) {
	s := sessions{open: map[scope]*session{}}
	opened := 0
	take := func(id int64) { s.take(scope{repo: id}, func() *session { opened++; return new(session) }) }
	for id := range int64(maxSessions + 10) {
		take(id)
		take(0) // always in use
	}
	take(0)
	if len(s.open) != maxSessions || opened != maxSessions+10 {
		t.Errorf("%d sessions kept, %d opened", len(s.open), opened)
	}
	if s.open[scope{repo: 1}] != nil || s.open[scope{repo: maxSessions + 9}] == nil {
		t.Error("not the longest unused was dropped")
	}
}

// Nothing but a known repository's own name may get into a path or a token request.
func TestForeignNamesAreRefused(t *testing.T) {
	h, client := newHub(t)
	for _, r := range []forge.Repo{
		{}, {Installation: 7, Owner: "acme", Name: "configs"}, {ID: 100, Owner: "acme", Name: "configs"},
		{Installation: 7, ID: 100, Owner: "acme", Name: ".."}, {Installation: 7, ID: 100, Owner: ".", Name: "configs"},
		{Installation: 7, ID: 100, Owner: "acme", Name: "a/b"}, {Installation: 7, ID: 100, Owner: "acme", Name: "a?b"}, {Installation: 7, ID: 100, Owner: "", Name: "configs"},
	} {
		if _, err := client.PullRequest(t.Context(), r, 12); !work.IsPermanent(err) {
			t.Errorf("%+v: %v", r, err)
		}
		if _, err := client.Token(t.Context(), r); !work.IsPermanent(err) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if _, err := client.Repositories(t.Context(), 0); !work.IsPermanent(err) {
		t.Errorf("installation 0: %v", err)
	}
	if calls := fmt.Sprint(h.asked(), h.minted()); calls != "[] []" {
		t.Errorf("GitHub was asked: %s", calls)
	}
}
