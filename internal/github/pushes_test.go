package github

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/tamerhq/tamer/internal/fakegithub"
	"github.com/tamerhq/tamer/internal/forge"
)

// collect gives the pushes in words, with the commits as the letters that name them.
func collect(all iter.Seq2[forge.Push, error], names map[forge.Commit]string) (string, error) {
	var words []string
	for p, err := range all {
		if err != nil {
			return "", err
		}
		words = append(words, fmt.Sprintf("%s %s-%s", p.By.Login, names[p.Before], names[p.After]))
	}
	return strings.Join(words, ", "), nil
}

// GitHub tells who has pushed, by whatever way, and whatever the commits say; also of forks that may be read.
func TestPushesAgainstFake(t *testing.T) {
	fake, client, repo := startFake(t, aged())
	const name = "acme/configs"
	names := map[forge.Commit]string{"": "0"}
	note := func(letter string) func(string, error) {
		return func(sha string, err error) { must(t, err); names[forge.Commit(sha)] = letter }
	}
	note("A")(fake.Tip(name, "raise"))
	note("M")(fake.Tip(name, "main"))
	note("B")(fake.Push(name, "raise", fakegithub.Change{Author: "ann", Pusher: "ben", Files: map[string][]byte{"b": nil}}))
	must(t, fake.DeleteBranch(name, "raise", "cleo"))
	note("M")(fake.ForcePush(name, "raise", "main", fakegithub.Change{Pusher: "ann"}))
	note("C")(fake.ForcePush(name, "raise", "main", fakegithub.Change{Author: "ann", Pusher: "dan", Files: map[string][]byte{"c": nil}}))
	note("D")(fake.Push(name, "other", fakegithub.Change{Author: "eve", Files: map[string][]byte{"d": nil}}))
	n, err := fake.OpenPull(name, fakegithub.Pull{Head: "other", Base: "raise", Author: "eve"})
	must(t, err)
	note("E")(fake.Merge(name, n, "merge", "fay"))
	moved, err := client.Commit(t.Context(), repo, "raise", forge.NewCommit{Parent: tipOf(t, fake, "raise"), Message: "Mend", Files: []forge.NewFile{{Path: "a.yaml"}}})
	if !moved || err != nil {
		t.Fatal(moved, err)
	}
	note("F")(fake.Tip(name, "raise"))

	person, err := NewReader(ReaderConfig{APIURL: fake.URL() + "/api/v3/", Token: fake.UserToken("acme"), Transport: client.base})
	must(t, err)
	pull := forge.PullRequest{Number: 1, HeadBranch: "raise", HeadRepo: name}
	const want = "tamer[bot] E-F, fay C-E, dan M-C, ann 0-M, cleo B-0, ben A-B, ann 0-A"
	for who, asker := range map[string]interface {
		Pushes(context.Context, forge.Repo, forge.PullRequest) iter.Seq2[forge.Push, error]
	}{"the app": client, "a person": person} {
		if got, err := collect(asker.Pushes(t.Context(), repo, pull), names); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", who, got, err, want)
		}
	}
	for p, err := range client.Pushes(t.Context(), repo, pull) {
		if must(t, err); !p.By.Bot {
			t.Errorf("%+v is no bot", p.By)
		}
		break
	}
	fork, err := fake.Fork(name, "gus")
	must(t, err)
	_, err = fake.Push(fork, "raise", fakegithub.Change{Author: "gus", Files: map[string][]byte{"g": nil}})
	must(t, err)
	for of, readable := range map[string]bool{name: true, fork: false, "": false} {
		got, err := collect(client.Pushes(t.Context(), repo, forge.PullRequest{HeadBranch: "raise", Fork: true, HeadRepo: of}), names)
		if err != nil || (got != "") != readable {
			t.Errorf("fork %q: %s, %v", of, got, err)
		}
	}
}

func tipOf(t *testing.T, fake *fakegithub.Server, branch string) forge.Commit {
	t.Helper()
	sha, err := fake.Tip("acme/configs", branch)
	must(t, err)
	return forge.Commit(sha)
}

// They are read page by page, as far as somebody wants them, and not for ever.
func TestPushesByPage(t *testing.T) {
	h, client := newHub(t)
	push := fmt.Sprintf(`{"before":%q,"after":%[1]q,"actor":null}`, head)
	h.on("GET /repos/acme/configs/activity", 200, "["+push+","+push+"]", "Link", `<HUB/x?after=more>; rel="next"`)
	for _, c := range []struct{ wanted, got, calls int }{{1, 1, 1}, {2, 2, 1}, {3, 3, 2}, {1000, 2 * maxActivityPages, maxActivityPages}} {
		h.calls = nil
		got := 0
		for _, err := range client.Pushes(t.Context(), repo, forge.PullRequest{HeadBranch: "a b"}) {
			must(t, err)
			if got++; got == c.wanted {
				break
			}
		}
		if got != c.got || len(h.calls) != c.calls || !strings.Contains(h.calls[0], "ref=refs%2Fheads%2Fa+b") || c.calls > 1 && !strings.Contains(h.calls[1], "after=more") {
			t.Errorf("wanted %d: got %d in %d calls: %q", c.wanted, got, len(h.calls), h.calls)
		}
	}
}

// What an older server does not know is none; what is refused or broken is no answer.
func TestPushesNotTold(t *testing.T) {
	const broken = `[{"before":"x","after":"y","actor":null}]`
	for name, c := range map[string]struct {
		fork   bool
		status int
		body   string
		fails  bool
	}{
		"an older server":         {false, 404, `{"message":"Not Found"}`, false},
		"refused":                 {false, 403, `{"message":"Resource not accessible by integration"}`, true},
		"refused for a fork":      {true, 403, `{"message":"Resource not accessible by integration"}`, false},
		"out of order":            {true, 500, `{"message":"oops"}`, true},
		"no commits":              {false, 200, broken, true},
		"an account that is gone": {false, 200, strings.NewReplacer("x", string(head), "y", strings.Repeat("0", 40)).Replace(broken), false},
	} {
		t.Run(name, func(t *testing.T) {
			h, client := newHub(t)
			h.on("GET /repos/acme/configs/activity", c.status, c.body)
			mintGit(t, h, client)
			got, err := collect(client.Pushes(t.Context(), repo, forge.PullRequest{HeadBranch: "raise", Fork: c.fork, HeadRepo: "acme/configs"}), map[forge.Commit]string{head: "A", "": "0"})
			if (err != nil) != c.fails || c.status == 200 && !c.fails && got != " A-0" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// mintGit is mintNow for reading git.
func mintGit(t *testing.T, h *hub, client *Client) {
	t.Helper()
	h.on("GET /repos/acme/configs/rules/branches/main", 200, `[]`)
	h.on("GET /repos/acme/configs/branches/main", 200, `{}`)
	if _, err := client.RequiredChecks(t.Context(), repo, "main"); err != nil {
		t.Fatal(err)
	}
	h.advance(60e9)
}
